package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Candidate is one way to find the documents of a query: the union of its
// scans. A script that is given several counts each and takes the cheapest.
type Candidate struct {
	Scans []*IndexScan
	// Exact: the scans give just the documents that match, so no predicate is asked again.
	Exact bool
	// Ordered: walking the single scan (backwards when Rev) gives the order that is asked for.
	Ordered bool
	Rev     bool
}

// IndexScan gives documents by one index, by a unique value, by their keys, or all of them.
type IndexScan struct {
	Model  *ir.Model
	Index  *ir.Index // an ordered index; with Unique set, a unique constraint looked up by Comps (all Eq)
	Unique bool
	Keys   ir.Expr // the key, or a list of keys
	Bound  bool    // Keys come from a predicate, not from a GET
	Names  bool    // the keys of documents whose names SCAN found; each step is sent some
	Search any     // what the script asks Search for the keys, as the planner and the executor know it; nil: nothing
	Comps  []Comp  // on the leading columns of Index; with no Index, Keys and Unique: the key itself (0 or 1 Comp)
	// Disjunct is the part of an OR that the scan stands for; nil where there is only one scan.
	Disjunct ir.Expr
}

// CompKind says how a Comp bounds its column.
type CompKind uint8

const (
	CompEq CompKind = iota
	CompIn
	CompRange
	CompPrefix
	CompNotNull
	CompNear
)

// Comp bounds one column of an index. Only the last Comp of a scan may be other than CompEq or CompIn.
type Comp struct {
	Kind  CompKind
	T     lang.Type // of the column
	X     ir.Expr   // CompEq, CompPrefix; of CompNear, on a geo, the centre, closed
	Items []ir.Expr // CompIn
	List  ir.Expr   // CompIn over a list value
	Lo    ir.Expr   // CompRange; nil: open
	Hi    ir.Expr   // of CompNear the radius in metres, closed
	LoInc bool
	HiInc bool
	Like  bool // CompPrefix: X is a LIKE pattern, of which the literal beginning counts
}

// Exprs lists the expressions of the comp.
func (c *Comp) Exprs() []ir.Expr {
	out := append([]ir.Expr(nil), c.Items...)
	for _, x := range []ir.Expr{c.X, c.List, c.Lo, c.Hi} {
		if x != nil {
			out = append(out, x)
		}
	}
	return out
}

// Closed reports whether the ranges of the scan are known before it is sent.
func (s *IndexScan) Closed() bool {
	if s.Keys != nil && !ir.Closed(s.Keys) {
		return false
	}
	for i := range s.Comps {
		for _, x := range s.Comps[i].Exprs() {
			if !ir.Closed(x) {
				return false
			}
		}
	}
	return true
}

// mayFail reports whether a fault can be met while the bounds of a closed scan are computed.
func (s *IndexScan) mayFail() bool {
	for i := range s.Comps {
		for _, x := range s.Comps[i].Exprs() {
			if mayFail(x) {
				return true
			}
		}
	}
	return false
}

// keysName tells keys that a predicate bounds, of which a null one is just no document, from those of a GET.
func (s *IndexScan) keysName() string {
	if s.Names {
		return RunNames
	}
	if s.Bound {
		return "bound"
	}
	return ""
}

// Width is the number of NULs before the id in a member of the index.
func (s *IndexScan) Width() int {
	if s.Index == nil {
		return 0
	}
	return len(s.Index.Cols)
}

// Query is a choice of documents of one model.
type Query struct {
	Model *ir.Model
	Where ir.Expr
	Cands []*Candidate
	Order []ir.Order
	Limit ir.Expr   // nil: all
	Skip  ir.Expr   // OFFSET
	Items []ir.Item // what the names of RETURN in Order stand for
}

// Queries are the planned queries of the statements of a block that find documents by a predicate.
type Queries map[ir.Stmt]*Query
