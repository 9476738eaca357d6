package planner

import (
	"sync/atomic"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// Caps is what a server can do, found by trying.
type Caps struct {
	Shebang bool // scripts may start with #!lua and flags
	EvalRO  bool // EVALSHA_RO
	// Declared: a script may touch just the keys that are sent as KEYS.
	Declared bool
	Locking  bool // scripts that say allow-key-locking stop only those that name the same keys
	JSON     bool // JSON.SET and its kin
	Search   bool // FT.SEARCH and its kin
	// SearchInScript: a script may call FT.SEARCH, which a server of one shard allows.
	SearchInScript bool
	// SearchFirst: Search is asked wherever it can serve, though RQL's own indexes may be quicker.
	SearchFirst bool
	SearchNever bool // as if the server had none, for figures
}

// Plan is how one statement is carried out. EXPLAIN prints it and the executor
// runs it; nothing else decides anything.
type Plan struct {
	Stmt    ir.Stmt
	Caps    Caps      // that it was made for
	Kind    string    // the statement's first word
	Pre     []*PreLet // subqueries that run before it
	Step    Step      // nil for what the client does alone (LET of a value, ENSURE, SHOW, …)
	Columns []string
	Types   []lang.Type
	Scalar  bool
	Local   *Local          // what is done in Go with the rows of a FIND or GET
	Fixed   []eval.Fn       // what of the conditions is computed before anything is sent: a fault of it is an error
	Args    []Arg           // of Step's script, in slot order
	Keys    map[int]eval.Fn // of the script's KeyDoc keys, by place in Keys
	Refs    bool            // a path may lead through a ref
	Stale   []*ir.Model     // read by indexes that may lack documents, as STALE allows
	// Value computes a top-level LET or ENSURE; Message is ENSURE's ELSE.
	Value   eval.Fn
	Message eval.Fn
	// Let is the plan of the statement whose result a LET names.
	Let *Plan
	// Memo holds what the executor computed of the plan when it first ran.
	Memo atomic.Value
}

// PreLet is a subquery and the name its value is bound to.
type PreLet struct {
	Let  *ir.Let
	Plan *Plan
}

// Step is the server's part of a plan.
type Step interface {
	explain(t *plan.Text, p *Plan)
}

type (
	// KeysStep reads documents by key with plain commands in one pipeline.
	KeysStep struct {
		Model *ir.Model
		Key   eval.Fn // the key, or a list of keys when Many
		Skip  bool
		Exist bool // EXISTS: only whether it is there
		Cols  []*ir.Column
		KeyX  ir.Expr
	}
	// ScanStep reads what matches a predicate by a bounded, resumable script.
	// Where Pages is set, it goes on after the first small step with plain commands.
	ScanStep struct {
		Script *lua.Script
		Query  *plan.Query
		Count  bool
		Exist  bool
		Skip   bool // a GET through refs: keys that are not there are left out
		Get    bool
		Pages  bool
		Cols   []*ir.Column // of Pages: the hash fields read, the key first
	}
	// CardStep answers COUNT from an index alone.
	CardStep struct {
		Model *ir.Model
		Scan  *plan.Scan
		Bound *ScanArgs
	}
	// BlockStep runs a writing statement or an ATOMIC as one script; a stepped one in
	// bounded steps over Query, each of them atomic.
	BlockStep struct {
		Script *lua.Script
		Block  *plan.Block // nil: a CREATE whose documents are complete before they are sent
		Once   *Once       // of ATOMIC KEY
		Query  *plan.Query // of an UPDATE or DELETE that stands alone
	}
)

// Stepped reports a change in many steps.
func (s *BlockStep) Stepped() bool { return s.Block != nil && s.Block.Step }

// Arg computes one slot of a script.
type Arg struct {
	Slot  *plan.Slot
	X     eval.Fn     // SlotValue, SlotPattern, SlotKeys
	Scan  *ScanArgs   // SlotRanges
	Docs  [][]eval.Fn // SlotDocs: per document, per field of the model; nil = absent
	Value []eval.Fn   // SlotDocs: per document given as a value; nil otherwise
	New   *NewDocs    // SlotDocs: how the documents are completed; nil where the script does it
	Find  *SearchArgs // SlotSearch
}

// SearchArgs computes what a script asks Search.
type SearchArgs struct {
	Model  *ir.Model
	Query  *plan.SearchQuery
	Values []eval.Fn // of Query.Slots
}

// ScanArgs computes the ranges of a scan.
type ScanArgs struct {
	Scan   *plan.Scan
	Bounds []BoundArgs
	Plain  bool // of an index: equalities with one value, the last perhaps a range
}

// BoundArgs are the compiled expressions of a plan.Bound.
type BoundArgs struct {
	X, List, Lo, Hi eval.Fn
	Items           []eval.Fn
}

// Local is what is done in Go with the rows that a step gives.
type Local struct {
	Leaves   []*ir.Col // what a row holds, the key first
	Layout   eval.Layout
	KeyType  lang.Type
	Where    eval.Cond  // asked again of rows that came by plain commands; nil where an index said it all
	Near     *LocalNear // NEAREST; nil without
	Grouped  bool
	Group    []eval.Fn
	Aggs     []LocalAgg
	Having   eval.Cond
	Items    []eval.Fn
	Direct   []int // slots of the leaves when every item is just a leaf; nil otherwise
	Same     bool  // the items are just the leaves, in their order
	Distinct bool
	Order    []LocalOrder
	ByKey    bool // ties, or the whole order, by key
	KeyDesc  bool
	Limit    eval.Fn
	Offset   eval.Fn
	After    eval.Fn
	Cursor   bool      // the result gives a cursor
	Shape    string    // what a cursor belongs to
	Params   []eval.Fn // values that a cursor belongs to
}

// LocalOrder is one compiled term of ORDER BY.
type LocalOrder struct {
	X    eval.Fn
	Desc bool
	T    lang.Type
}

// LocalAgg is one compiled aggregate.
type LocalAgg struct {
	Agg *ir.Agg
	X   eval.Fn
	P   eval.Fn
}
