package lua

import (
	"crypto/sha1"
	"encoding/hex"
	"sync/atomic"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Access says what a script does to the server, which decides its first line
// and the command that runs it.
type Access uint8

const (
	Reads   Access = iota // no-writes: runs on replicas and when memory is full
	Writes                // refused as a whole when memory is full
	Deletes               // only frees memory: allow-oom
)

// Script is a generated script: its text depends on the statement's shape only.
//
// ARGV is the namespace prefix, the catalog versions of Models and Procs, the slots in
// order, and behind them the items of list slots.
// KEYS are named by Keys: the catalog is the first, the last is one that never exists.
type Script struct {
	Text   string // without the #!lua line
	main   int    // where in Text stands what follows the call of main; 0: it is hand-written
	Own    int    // where in Text its own part begins, behind what all scripts share
	Access Access
	Models []*ir.Model
	// Collections are the collection fields, as Model.field, whose keys it reads or changes.
	Collections []string
	Slots       []Slot
	Keys        []KeyRef
	Places      []lang.Span    // Places[S] is where a failure of place S is shown
	Within      []*lang.Within // Within[S] is where it stands in another text, or nil
	Procs       []*ir.Procedure
	Stmts       []int          // Stmts[S] is the ordinal of the statement of place S within its block
	Outs        []Out          // columns of a scan's rows
	Sites       []Site         // of a profiled script, the queries that choose
	Runs        map[string]int // places in Slots of the SlotRun slots but RunCount, by name

	sums [forms]atomic.Pointer[string] // of the text in each form, once they are asked for
}

// Sum is the SHA-1 of the text in a form: what EVALSHA names it by.
func (s *Script) Sum(f Form) string {
	i := f.place()
	if sum := s.sums[i].Load(); sum != nil {
		return *sum
	}
	h := sha1.Sum([]byte(s.In(f)))
	sum := hex.EncodeToString(h[:])
	s.sums[i].Store(&sum)
	return sum
}

// finish declares the key that never exists, and finds the slots that change from step to step.
func (s *Script) finish() {
	s.Keys = append(s.Keys, KeyRef{Kind: KeyNever})
	s.Runs = map[string]int{}
	for i := range s.Slots {
		if x := &s.Slots[i]; x.Kind == SlotRun && x.Name != RunCount || x.Kind == SlotKeys && x.Name == RunNames {
			s.Runs[x.Name] = i
		}
	}
}

// SlotKind says what a slot of ARGV holds.
type SlotKind uint8

const (
	SlotValue   SlotKind = iota // one value: AppendArg of X
	SlotPattern                 // the table of the pattern X, for the operator Op
	SlotKeys                    // two arguments, start and count: the texts of the keys X, a list
	SlotDocs                    // two arguments, start and count: documents, Cols items each
	SlotArms                    // two arguments, start and count: ranges of Scan as min, max pairs
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
	Scan   *IndexScan
}

// DocSlot describes the documents of a CREATE or PUT whose values are all known beforehand.
type DocSlot struct {
	Model *ir.Model
	Docs  []ir.Doc
	Cols  []*ir.Column // what is sent of each document
	// Whole says that the documents are complete, and sent as NewCreate takes them.
	Whole bool
}

// KeyRef names one of KEYS.
type KeyRef struct {
	Kind  KeyKind
	Model *ir.Model
	Index *ir.Index // of KeyIndex and KeyUnique
	X     ir.Expr   // of KeyDoc: its key, closed; of KeyOnce: the key of ATOMIC KEY
	// Within is where X stands when it belongs to another text than the program's.
	Within *lang.Within
}

// KeyKind says which key a KeyRef is.
type KeyKind uint8

const (
	KeyCatalog KeyKind = iota
	KeyIDs
	KeyIndex
	KeyUnique
	KeyDoc
	KeyOnce
	// KeyNever is a key that never exists, the last of every script: a node of a
	// cluster refuses a command whose keys are not all there while their slot
	// moves, so no script runs where documents that it finds by itself seem gone.
	KeyNever
)

// Out is one column of a scan's rows: its leaf path and how its text is read.
type Out struct {
	Path string
	Type lang.Type
}
