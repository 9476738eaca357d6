package planner

import (
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// loosen makes candidates of a query loose, see plan.Candidate, if the result of the FIND is the same with one document of each value
// of the columns that it reads: that of DISTINCT, or of aggregates that do not depend on how often they meet a value.
func (b *builder) loosen(q *plan.Query, st *ir.Find, xs []ir.Expr) {
	m := st.Model
	if m.Foreign || m.Scanned() || st.Near != nil || !repeatable(st) {
		return
	}
	for _, x := range append(xs[:len(xs):len(xs)], st.Where) { // a fault is a warning for each document
		if x != nil && ir.Has(x, ir.Faults|ir.IsVolatile) {
			return
		}
	}
	ls := eval.Leaves(b.schema, xs...)
	if len(ls) == 0 || !own(ls) {
		return
	}
	cols := cols(ls)
	for _, c := range cols {
		if c.Lenient() || !codec.Reversible(c.Type) {
			return
		}
	}
	if fold(st.Where) == nil {
		if of := groupsOf(m, nil, cols); of != nil {
			q.Cands = []*plan.Candidate{{Scans: []*plan.Scan{of.Scan}, Exact: true, Loose: of.Width}}
		}
		return
	}
	for _, c := range q.Cands {
		if sc := c.Scans[0]; len(c.Scans) == 1 && sc.Path == plan.PathIndex && !sc.Index.List {
			if c.Loose = leading(sc, cols); c.Loose > 0 {
				c.Also = nil
			}
			if c.Loose > 0 && c.Exact {
				q.Cands = []*plan.Candidate{c} // no other has fewer entries
				return
			}
		}
	}
}

// repeatable reports whether the result of a FIND is the same if documents with the same values are found any number of times.
func repeatable(st *ir.Find) bool {
	if !st.Grouped {
		return st.Distinct
	}
	for i := range st.Aggs {
		if a := &st.Aggs[i]; !a.Distinct && a.Fn != "min" && a.Fn != "max" {
			return false
		}
	}
	return true
}
