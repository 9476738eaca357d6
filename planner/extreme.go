package planner

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// extreme returns a FIND whose aggregates are all min, or all max, of one field as a query for the first document in the order of
// an index: its predicate with that of a value, and the order. ok is false for any other.
func (b *builder) extreme(st *ir.Find) (where ir.Expr, order []ir.Order, ok bool) {
	m := st.Model
	switch {
	case !st.Grouped || len(st.Group) > 0 || len(st.Aggs) == 0 || len(st.Order) > 0 || st.Limit != nil || st.Offset != nil || st.Near != nil:
		return nil, nil, false
	case m.Foreign || m.Adopted || b.searchable(m) || st.Where != nil && ir.MayFault(st.Where): // a fault is a warning for each document
		return nil, nil, false
	}
	first := &st.Aggs[0]
	col := ownColumn(first.X)
	if col == nil || first.Fn != "min" && first.Fn != "max" {
		return nil, nil, false
	}
	for i := range st.Aggs {
		if a := &st.Aggs[i]; a.Fn != first.Fn || ownColumn(a.X) != col {
			return nil, nil, false
		}
	}
	where = st.Where
	if x := plan.ColumnOf(m, col, st.Sp); col.Type.Null {
		base := ir.Base{T: lang.TypeBool, Sp: st.Sp}
		value := ir.Expr(&ir.Unary{Base: base, Op: lang.OpNot, X: &ir.IsNull{Base: base, X: x}})
		if where = value; st.Where != nil {
			where = &ir.Binary{Base: base, Op: lang.OpAnd, L: st.Where, R: value}
		}
	}
	order = []ir.Order{{X: plan.ColumnOf(m, col, st.Sp), Desc: first.Fn == "max"}}
	for _, c := range (&Chooser{Stale: st.Stale}).Query(m, where, order, one(st.Sp), nil).Cands {
		ok = ok || c.Ordered
	}
	return where, order, ok
}
