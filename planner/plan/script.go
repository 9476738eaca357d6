package plan

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Access says what a script does to the server, which decides its first line
// and the command that runs it.
type Access uint8

// The kinds of access.
const (
	Reads   Access = iota // no-writes: runs on replicas and when memory is full
	Writes                // refused as a whole when memory is full
	Deletes               // only frees memory: allow-oom
)

// SlotKind says what an argument slot, of ARGV, holds.
type SlotKind uint8

// The kinds of slots.
const (
	SlotValue   SlotKind = iota // one value: lua.AppendArg of X
	SlotPattern                 // the table of the pattern X, for the operator Op
	SlotKeys                    // two arguments, start and count: the texts of the keys X, a list
	SlotDocs                    // two arguments, start and count: documents, Cols items each
	SlotRanges                  // two arguments, start and count: ranges of Scan as min, max pairs
	SlotSeed                    // randomness for uuid()
	SlotRun                     // set by the executor: Name
	SlotSearch                  // two arguments, start and count: a Search index, a query for it, its parameters; of Scan
)

// Slot is one value that travels with a script.
type Slot struct {
	Kind SlotKind
	X    ir.Expr
	Op   lang.Op
	Name string
	// Within is where X stands when it belongs to another text than the program's.
	Within *lang.Within
	Docs   *DocSlot
	Scan   *Scan
}

// Names of the SlotRun slots.
const (
	RunChoice = "choice" // number of the candidate, from 1; "" lets the script choose
	RunScan   = "scan"   // number of the scan within the candidate to go on in
	RunRange  = "range"  // index of the range to go on in
	RunCursor = "cursor" // bound to go on behind, or ""
	RunLimit  = "limit"  // rows that are wanted at most
	RunChunk  = "chunk"  // entries that may be examined
	RunBytes  = "bytes"  // bytes that the rows may have
	RunTop    = "top"    // rows that ORDER BY … LIMIT keeps, 0 when all
	RunDeep   = "deep"   // how a step deletes documents that others refer to: see deleteSteps in package lua
	RunNow    = "now"    // the statement's instant, in milliseconds
	RunBody   = "body"   // sum of the text of an ATOMIC KEY
	RunKeep   = "keep"   // how long its result is kept, in milliseconds
	RunCount  = "count"  // second argument of a list slot
	RunDue    = "due"    // documents whose time has come that COUNT looks at, at most
	RunNames  = "names"  // of SlotKeys: keys that were found by the names of documents
)

// KeysOfWhere is the name of a SlotKeys whose keys a predicate gives: a null one is just no document, not the error that
// it is in a GET.
const KeysOfWhere = "bound"

// KeysSlot is the name of the slot of keys that the scan reads.
func (s *Scan) KeysSlot() string {
	switch {
	case s.Path == PathNames:
		return RunNames
	case s.Where:
		return KeysOfWhere
	}
	return ""
}

// DocSlot describes the documents of a CREATE or PUT whose values are all known beforehand.
type DocSlot struct {
	Model *ir.Model
	Docs  []ir.Doc
	Cols  []*ir.Column // what is sent of each document
	// Complete: the documents are complete, and sent as lua.NewCreate takes them.
	Complete bool
}

// KeyRef names one of KEYS.
type KeyRef struct {
	Kind  KeyKind
	Model *ir.Model
	Index *ir.Index // of KeyIndex and KeyUnique
	X     ir.Expr   // of KeyDoc: its key, closed; of KeyResult: the key of ATOMIC KEY
	// Within is where X stands when it belongs to another text than the program's.
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
	KeyEnds   // lower bounds of the ends of documents
	KeyShadow // what is kept beside documents with an end
	KeyDoc
	KeyResult
	// KeyNever is a key that never exists, the last of every script: a node of a
	// cluster refuses a command whose keys are not all there while their slot
	// moves, so no script runs where documents that it finds by itself seem gone.
	KeyNever
)
