package lua

import (
	"sync/atomic"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
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
	Access plan.Access
	// Flat: it is right only where its KeyDoc keys are all there and differ.
	Flat bool
	// Values: its reply is the number of changed documents, with values behind it a list of both, and of one value, which is
	// not null, the value alone; then Affected says how many were changed.
	Values   bool
	Affected int
	// Refreshes: it does nothing but read and raise the ends of what it reads.
	Refreshes bool
	Models    []*ir.Model
	// Collections are the collection fields, as Model.field, whose keys it reads or changes.
	Collections []string
	Slots       []plan.Slot
	Keys        []plan.KeyRef
	Places      []lang.Span    // Places[S] is where a failure of place S is shown
	Within      []*lang.Within // Within[S] is where it stands in another text, or nil
	Procs       []*ir.Procedure
	Stmts       []int          // Stmts[S] is the ordinal of the statement of place S within its block
	Outs        []Out          // columns of a scan's rows
	Sites       []Site         // of a profiled script, the queries that choose
	gives       bool           // it may take values of a UNIQUE GLOBAL from documents
	Runs        map[string]int // places in Slots of the SlotRun slots but RunCount, by name

	sums [forms]atomic.Pointer[string] // of the text in each form, once they are asked for
}

// finish declares the key that never exists, and finds the slots that change from step to step.
func (s *Script) finish() {
	s.Keys = append(s.Keys, plan.KeyRef{Kind: plan.KeyNever})
	s.Runs = map[string]int{}
	for i := range s.Slots {
		if x := &s.Slots[i]; x.Kind == plan.SlotRun && x.Name != plan.RunCount || x.Kind == plan.SlotKeys && x.Name == plan.RunNames {
			s.Runs[x.Name] = i
		}
	}
}

// Out is one column of a scan's rows: its leaf path and how its text is read.
type Out struct {
	Path string
	Type lang.Type
	// Rows is the query of a backlink whose list of rows is sent as stored texts: of each row that of the key of its document, then those
	// of its items. nil: the value is sent as one text.
	Rows *plan.Find
}

// Site is a query of a script that chooses between candidates.
type Site struct {
	Place lang.Span    // the statement that it belongs to
	In    *lang.Within // where that is, when it stands in another text
	Query *plan.Query
}

// Form is how a script is sent to a server.
type Form struct {
	Header   bool // it begins with a #!lua line
	Declared bool // it touches the keys that it declares and asks for all others: see declared.lua
	Locking  bool // its #!lua line says allow-key-locking
	Guarded  bool // it checks the fence of its run and saves its position: see guard.lua
}

// forms is how many different forms there are.
const forms = 16

// place numbers the forms.
func (f Form) place() int {
	n := 0
	for i, set := range []bool{f.Header, f.Declared, f.Locking, f.Guarded} {
		if set {
			n |= 1 << i
		}
	}
	return n
}
