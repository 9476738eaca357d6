package planner

import (
	"sync/atomic"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// Plan is how one statement is carried out. EXPLAIN prints it and the executor
// runs it; nothing else decides anything.
type Plan struct {
	Stmt      ir.Stmt
	Caps      Caps      // that it was made for
	Kind      string    // the statement's first word
	Pre       []*PreLet // subqueries that run before it
	Step      Step      // nil for what the client does alone (LET of a value, ENSURE, SHOW, …)
	Columns   []string
	Types     []lang.Type
	Scalar    bool
	Local     *Local          // what is done in Go with the rows of a FIND or GET
	Fixed     []eval.Fn       // what of the conditions is computed before anything is sent: a fault of it is an error
	Args      []Arg           // of Step's script, in slot order
	Keys      map[int]eval.Fn // of the script's KeyDoc keys, by place in Keys
	Refs      bool            // a path may lead through a ref
	Refreshes bool            // it is a block that changes nothing but the ends of documents that it reads
	Marks     []*ir.Model     // to be marked before it runs: it may give their documents ends, and they had none so far
	Links     plan.Links      // what backlinks in it ask for
	Stale     []*ir.Model     // read by indexes that may lack documents, as STALE allows
	// Value computes a top-level LET or ENSURE; Message is ENSURE's ELSE.
	Value   eval.Fn
	Message eval.Fn
	// Let is the plan of the statement whose result a LET names.
	Let *Plan
	// Memo and Docs hold what the executor computed of the plan when it first ran: of its script, and of what reads documents.
	Memo, Docs atomic.Value
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
		// Refresh: the ends of the documents are raised in the same round trip.
		Refresh bool
		Keeps   *Plan // the script that does so where documents keep others alive: see NewRefresh
		Cols    []*ir.Column
		KeyX    ir.Expr
	}
	// ScanStep reads what matches a predicate by a bounded, resumable script.
	// Where Pages is set, it goes on after the first small step with plain commands.
	ScanStep struct {
		Script *lua.Script
		Query  *plan.Query
		Count  bool
		Exist  bool
		// Covered, with Count: the scan whose number of entries is the answer, but for those of documents that are gone.
		Covered *plan.Scan
		Skip    bool // a GET through refs: keys that are not there are left out
		Get     bool
		Pages   bool
		Cols    []*ir.Column // of Pages: the hash fields read, the key first
		Entry   []*ir.Column // of Pages: what the entry is made of that a document must have; none where the predicate tells
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
		Key    *BlockKey   // of ATOMIC KEY
		Query  *plan.Query // of an UPDATE or DELETE that stands alone
	}
)

// Stepped reports a change in many steps.
func (s *BlockStep) Stepped() bool { return s.Block != nil && s.Block.Step }

// Cascades reports a DELETE of documents that others refer to with ON DELETE.
func (s *BlockStep) Cascades() bool {
	if s.Block == nil || len(s.Block.Stmts) != 1 {
		return false
	}
	d, ok := s.Block.Stmts[0].(*plan.Delete)
	return ok && cascades(d.Delete)
}

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

// BlockKey is KEY … FOR … of a block: it runs once for its key.
type BlockKey struct {
	X   *ir.BlockKey
	Key eval.Fn
	For eval.Fn
}

// in says in which text key and duration stand.
func (o *BlockKey) in() *lang.Within {
	if o.X.In == nil {
		return nil
	}
	return o.X.In.Within(o.X.Body, lang.Span{})
}

// NewDocs is what is done in Go with the documents of a CREATE whose values are
// all known before it is sent: they are completed and checked, and the rows that
// the statement returns are made of them.
type NewDocs struct {
	Model    *ir.Model
	Span     lang.Span // of the statement
	Defaults []eval.Fn // by Field.Pos; nil where there is none
	Checks   []NewCheck
	Rows     *Project // over the columns of a document; nil where nothing is returned
}

// NewCheck is a CHECK and its condition over the columns of a document.
type NewCheck struct {
	*ir.Check
	Cond eval.Cond
}

// SearchStep reads what matches a predicate through the model's Search index.
// What Search gives are candidates, of which Where is asked again.
type SearchStep struct {
	Model  *ir.Model
	Query  *plan.SearchQuery
	Values []eval.Fn     // of Query.Slots
	Cols   []*ir.Column  // the columns that are read, the key first
	Layout eval.Layout   // of Cols
	Where  eval.Cond     // nil: every document
	Count  bool          // only how many there are
	Exist  bool          // only whether there is one
	Total  bool          // of Count: Search's own number is taken where the query is exact
	Native *ScanStep     // the way by RQL's own indexes, where it may be the shorter one; else nil
	Choice *SearchChoice // how the two are chosen between; nil: Native only where the values bound nothing in Search, or too many match
	Near   *SearchNear   // NEAREST; nil without
	// CheckFailures: other programs may have written documents that Search could not index. If the index reports any,
	// Native is used, which goes by the names of keys.
	CheckFailures bool
}

// SearchNear is NEAREST by Search, which gives some more than were asked for:
// its distances are reckoned in 32 bits.
type SearchNear struct {
	Field  *ir.SearchField
	Cosine bool // else Search's distance is the square of Euclid's
}

// SearchChoice is what is asked before, or beside, a search.
type SearchChoice struct {
	// Narrow are scans whose bounds Search cannot have: where one of them has few entries, Native is taken.
	Narrow []*ScanArgs
	// Walk is set where Native can walk in the order asked for and stop at LIMIT.
	Walk bool
}

// RefreshesLater reports a read that raises ends in a round trip after its own: what follows it must not travel with it.
func (p *Plan) RefreshesLater() bool { return p.Local != nil && Op[Refresh](p.Local) != nil }

// last is the plan of the statement that a LET names, or p itself.
func (p *Plan) last() *Plan {
	if p.Let != nil {
		return p.Let.last()
	}
	return p
}

// cascades reports a DELETE that may take any number of documents along.
func cascades(st ir.Stmt) bool {
	d, ok := st.(*ir.Delete)
	return ok && !d.WithModel && len(ir.ReferrersIn(d.Uses, d.Model.Name)) > 0
}
