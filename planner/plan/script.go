package plan

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Access says what a script does to the server. It determines the script's first line and the command that runs it.
type Access uint8

// The kinds of access.
const (
	Reads   Access = iota // no-writes: runs on replicas and when memory is full
	Writes                // refused as a whole when memory is full
	Deletes               // only frees memory: allow-oom
)

// SlotKind says what an argument slot of ARGV contains.
type SlotKind uint8

// The kinds of slots.
const (
	SlotValue   SlotKind = iota // one value: lua.AppendArg of X
	SlotPattern                 // the table of the pattern X, for the operator Op
	SlotKeys                    // two arguments, start and count: the texts of the keys X, a list
	SlotDocs                    // two arguments, start and count: documents, Cols items each
	SlotRanges                  // two arguments, start and count: ranges of Scan as min, max pairs
	SlotSeed                    // random bytes for uuid()
	SlotRun                     // set by the executor: Name
	SlotCell                    // the part of key names that stands for a partition
	SlotRange                   // two arguments: the ends of the only range of Scan
	SlotSearch                  // two arguments, start and count: a Search index, a query for it, its parameters; of Scan
)

// Slot is one argument of a script.
type Slot struct {
	Kind SlotKind
	X    ir.Expr
	Op   lang.Op
	Name string
	// Within is the position of X if it is in another text than the program's.
	Within *lang.Within
	Docs   *DocSlot
	Scan   *Scan
}

// Names of the SlotRun slots.
const (
	RunChoice = "choice" // number of the candidate, from 1; "" lets the script choose
	RunScan   = "scan"   // number of the scan within the candidate to continue with
	RunRange  = "range"  // index of the range to continue with
	RunCursor = "cursor" // bound after which to continue, or ""
	RunLimit  = "limit"  // maximum number of rows
	RunChunk  = "chunk"  // number of entries that may be examined
	RunBytes  = "bytes"  // maximum size of the rows in bytes
	RunTop    = "top"    // number of rows that ORDER BY … LIMIT keeps, 0 for all
	RunDeep   = "deep"   // how a step deletes documents to which others refer: see deleteSteps in package lua
	RunNow    = "now"    // the statement's time, in milliseconds
	RunBody   = "body"   // hash of the text of an ATOMIC KEY
	RunKeep   = "keep"   // how long its result is kept, in milliseconds
	RunCount  = "count"  // second argument of a list slot
	RunDue    = "due"    // maximum number of expired documents that COUNT examines
	RunClaims = "claims" // claims of values of a UNIQUE GLOBAL
	RunBegun  = "begun"  // "1": the partition is in the register of each model, so documents may be made there
	RunNames  = "names"  // of SlotKeys: keys found by the names of documents
)

// KeysOfWhere is the name of a SlotKeys with keys from a predicate: a null key matches no document, whereas it is an error in a
// GET.
const KeysOfWhere = "bound"

// KeysSlot returns the name of the slot of keys that the scan reads.
func (s *Scan) KeysSlot() string {
	switch {
	case s.Path == PathNames:
		return RunNames
	case s.Where:
		return KeysOfWhere
	}
	return ""
}

// DocSlot describes the documents of a CREATE or PUT whose values are all known before the script is sent.
type DocSlot struct {
	Model *ir.Model
	Docs  []ir.Doc
	Cols  []*ir.Column // what is sent for each document
	// Restore: the documents may have a REVISION.
	Restore bool
	// Complete: the documents are complete, and sent in the form that lua.NewCreate expects.
	Complete bool
}

// KeyRef names one of KEYS.
type KeyRef struct {
	Kind  KeyKind
	Model *ir.Model
	Index *ir.Index // of KeyIndex, KeyUnique and KeyVoid
	X     ir.Expr   // of KeyDoc: its key, closed; of KeyResult: the key of ATOMIC KEY
	// Within is the position of X if it is in another text than the program's.
	Within *lang.Within
}

// KeyKind says which key a KeyRef is.
type KeyKind uint8

// The kinds of keys.
const (
	KeyCatalog KeyKind = iota
	KeyIDs
	KeyIndex
	KeyUnique
	KeyEnds   // lower bounds of the expirations of documents
	KeyShadow // the shadows of documents that expire
	KeyVoid   // the void numbers of a UNIQUE GLOBAL
	KeyParts  // the partitions that have documents
	KeyDoc
	KeyResult
	// KeyNever is a key that never exists, the last key of every script. While a slot is migrated, a node of a cluster refuses a
	// command unless all its keys are there. So no script runs where documents that it finds by itself seem to be missing.
	KeyNever
)
