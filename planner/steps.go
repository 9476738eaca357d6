package planner

import (
	"sync/atomic"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// Plan says how one statement is executed. EXPLAIN prints it and the executor runs it; nothing else makes decisions.
type Plan struct {
	Stmt      ir.Stmt
	Caps      Caps      // for which it was made
	Kind      string    // the statement's first word
	Pre       []*PreLet // subqueries that run before it
	Pins      []Pin     // the partition in which it works
	KeyParam  int       // the number of a parameter, from 1, that is the key of a new document, computed to know its partition; 0: none
	Over      *Scatter  // it works in several partitions; nil: in one, or its models have none
	Step      Step      // nil if the server is not involved (LET of a value, ENSURE, SHOW, …)
	Columns   []string
	Types     []lang.Type
	Scalar    bool
	Local     *Local          // what is done in Go with the rows of a FIND or GET
	Within    []*ir.Variable  // names with Variable.Within, which have other values in each partition
	Fixed     []eval.Fn       // parts of the conditions that are computed before anything is sent; a fault in one is an error
	Args      []Arg           // arguments of Step's script, in slot order
	Keys      map[int]eval.Fn // the script's KeyDoc keys, by index in Keys
	Refs      bool            // a path may follow a ref
	Brief     bool            // its first round trip is brief: see brief
	Refreshes bool            // it is a block that changes nothing but the expiration of documents that it reads
	Marks     []*ir.Model     // to be marked before it runs: it may give their documents their first expiration
	Links     plan.Links      // queries over its backlinks
	Stale     []*ir.Model     // read with STALE, by indexes that may lack documents
	// Value computes a top-level LET or ENSURE; Message is ENSURE's ELSE.
	Value   eval.Fn
	Message eval.Fn
	Values  []eval.Fn // of the columns of a PRINT
	// Let is the plan of the statement whose result LET binds.
	Let *Plan
	// Memo caches what the executor computed about the script, Docs what reads documents, and Check the words that ask for the
	// version of the step's model, when the plan first ran.
	Memo, Docs, Check atomic.Value
	// Long says that the last run found as many rows as the first step of a scan reads, or more.
	Long atomic.Bool
	// Ended is how many of the next runs of a COUNT begin with the script, because documents had expired, and of a min or max, because
	// another document had the value; Far is how many of those of a COUNT that do not ask for the time twice, because the round trip is
	// long.
	Ended, Far atomic.Int32
}

// PreLet is a subquery, and the name to which its value is bound.
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
		Key   eval.Fn // the key, or a list of keys if Many
		Skip  bool
		Exist bool // EXISTS: only whether the document exists
		// Refresh extends the expiration of the documents in the same round trip.
		Refresh bool
		Keeps   *Plan // the script that does so if documents have fields with CASCADE TTL: see NewRefresh
		Cols    []*ir.Column
		KeyX    ir.Expr
	}
	// ScanStep reads what matches a predicate with a bounded, resumable script. If Pages is set, it continues after a first small
	// step with plain commands.
	ScanStep struct {
		Script *lua.Script
		Query  *plan.Query
		Count  bool
		Exist  bool
		// Covered, with Count, is the scan whose number of entries, less those of expired documents, is the result.
		Covered *plan.Scan
		Bound   *ScanArgs // of Covered, where plain commands count while no document has expired; else nil
		Skip    bool      // a GET through refs: omit keys that do not exist
		Get     bool
		Pages   bool
		Cols    []*ir.Column // of Pages and First: the hash fields to read, the key first
		Entry   []*ir.Column // of Pages and First: the columns of the entry that a document must have; none if the predicate implies it
		Places  []int        // of Pages, where the entries of the index have all that the FIND reads: for each of Cols, the column of the index, AtKey or Nowhere; else nil
		Skips   bool         // of Pages: rows that OFFSET skips are counted by their entries
		Flat    *FlatPlan    // its first step in the flat form; nil: it has none
		First   *FirstEntry  // of min and max: plain commands read the first row, if it is of the same document as before; else nil
	}
	// FirstEntry is the first entry of an index, or the last one.
	FirstEntry struct {
		Cand *plan.Candidate        // the scan that begins with it; Cols and Entry are those of its documents
		ID   atomic.Pointer[string] // the key of the document whose entry it was in the last run; nil: there was none
	}
	// GroupsStep counts the groups of documents by columns of an index, from its entries alone: a bounded, resumable script that skips
	// from group to group, or plain commands where groups are small.
	GroupsStep struct {
		Script *lua.Script
		*plan.Groups
		At []int // for each term of GROUP BY, which column of the index it is
	}
	// CardStep answers COUNT from an index alone.
	CardStep struct {
		Model *ir.Model
		Scan  *plan.Scan
		Bound *ScanArgs
	}
	// BlockStep runs a writing statement or an ATOMIC as one script. A stepped change runs in bounded steps over Query, each of
	// them atomic.
	BlockStep struct {
		Script *lua.Script
		Block  *plan.Block // nil: a CREATE whose documents are complete before they are sent
		Key    *BlockKey   // of ATOMIC KEY
		Query  *plan.Query // of an UPDATE or DELETE that is not in a block
		Flat   *FlatPlan   // nil: the script has no flat form
	}
)

// FlatPlan is the plan of a block, or of the first step of a scan, with its script in the flat form: see plan.Block.Flat. To make it takes longer than to make
// the general one, so it is made when the plan is used for the second time. It may be used by several goroutines.
type FlatPlan struct {
	runs  atomic.Int32
	build func() (*Plan, error)
}

// Next counts a run and returns the plan for it; nil if the general plan is to be used.
func (f *FlatPlan) Next() (*Plan, error) {
	if f == nil || f.runs.Load() == 0 && f.runs.Add(1) == 1 {
		return nil, nil
	}
	p, err := f.build()
	if err != nil {
		return nil, err
	}
	switch step := p.Step.(type) {
	case *BlockStep:
		if step.Script.Flat {
			return p, nil
		}
	case *ScanStep:
		if step.Script.Flat {
			return p, nil
		}
	}
	return nil, nil
}

// Stepped reports whether it is a stepped change.
func (s *BlockStep) Stepped() bool { return s.Block != nil && s.Block.Step }

// Cascades reports whether it is a DELETE of documents to which others refer with ON DELETE.
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
	Scan  *ScanArgs   // SlotRanges, SlotRange
	Docs  [][]eval.Fn // SlotDocs: per document, per field of the model; nil = absent
	Value []eval.Fn   // SlotDocs: per document given as a value; otherwise nil
	New   *NewDocs    // SlotDocs: how the documents are completed; nil if the script does it
	Find  *SearchArgs // SlotSearch
}

// SearchArgs computes what a script passes to Search.
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

// BlockKey is KEY … FOR … of a block, which runs once for its key.
type BlockKey struct {
	X   *ir.BlockKey
	Key eval.Fn
	For eval.Fn
}

// in returns the text that contains key and duration.
func (o *BlockKey) in() *lang.Within {
	if o.X.In == nil {
		return nil
	}
	return o.X.In.Within(o.X.Body, lang.Span{})
}

// NewDocs is what is done in Go with the documents of a CREATE whose values are all known before it is sent: they are completed
// and checked, and the returned rows are made from them.
type NewDocs struct {
	Model    *ir.Model
	Span     lang.Span // of the statement
	Defaults []eval.Fn // by Field.Pos; nil if there is none
	Checks   []NewCheck
	Rows     *Project // over the columns of a document; nil if nothing is returned
}

// NewCheck is a CHECK with its condition over the columns of a document.
type NewCheck struct {
	*ir.Check
	Cond eval.Cond
}

// SearchStep reads what matches a predicate through the model's Search index. Search returns candidates, on which Where is
// evaluated again.
type SearchStep struct {
	Model  *ir.Model
	Query  *plan.SearchQuery
	Values []eval.Fn    // of Query.Slots
	Cols   []*ir.Column // the columns to read, the key first
	Layout eval.Layout  // of Cols
	Where  eval.Cond    // nil: every document
	Count  bool         // return only the number of documents
	Exist  bool         // return only whether there is one
	Total  bool         // of Count: use Search's own total if the query is exact
	Native *ScanStep    // the plan with RQL's own indexes, if it may be faster; otherwise nil
	Apart  bool         // each bucket has an index of its own
	// Other is that of a statement over several partitions, which is made when it is needed; nil: there is none.
	Other  func() (*Plan, error)
	Choice *SearchChoice // how to choose between the two; nil: Native only if the values restrict nothing in Search, or too many documents match
	Near   *SearchNear   // NEAREST, or nil
	Groups *SearchGroups // how Search forms the groups, if it can; otherwise nil
	First  *SearchFirst  // how Search finds the first documents in the order, if it can; otherwise nil
	// CheckFailures: other programs may have written documents that Search could not index. If the index reports any, Native is
	// used, which finds documents by their names.
	CheckFailures bool
}

// SearchGroups are groups that Search forms, where its reply proves that they are those that Go would form.
type SearchGroups struct {
	By    []int  // for each term of GROUP BY, which of the step's columns it is
	Of    []int  // for each aggregate, which one it is of; -1: of none
	Local *Local // the row operators, which begin with the groups
}

// SearchFirst is an order by a field in which Search sorts, where its reply proves that the first documents are in it.
type SearchFirst struct {
	Field *ir.SearchField
	At    int // which of the step's columns it is
	Desc  bool
}

// SearchNear is NEAREST with Search. It asks for a few more documents than requested, because Search computes distances in 32
// bits.
type SearchNear struct {
	Field  *ir.SearchField
	Cosine bool // otherwise Search's distance is the square of the Euclidean distance
}

// SearchChoice is what is asked before, or together with, a search.
type SearchChoice struct {
	// Narrow are scans whose bounds Search cannot express. If one of them has few entries, Native is used.
	Narrow []*ScanArgs
	// Walk is set if Native can scan in the requested order and stop at LIMIT.
	Walk bool
}

// RefreshesLater reports whether a read extends expirations in a separate round trip after its own. What follows must not share
// that.
func (p *Plan) RefreshesLater() bool { return p.Local != nil && Op[Refresh](p.Local) != nil }

// last returns the plan of the statement whose result LET binds, or p itself.
func (p *Plan) last() *Plan {
	if p.Let != nil {
		return p.Let.last()
	}
	return p
}

// cascades reports whether a DELETE may also delete any number of other documents.
func cascades(st ir.Stmt) bool {
	d, ok := st.(*ir.Delete)
	return ok && !d.WithModel && len(ir.ReferrersIn(d.Uses, d.Model.Name)) > 0
}
