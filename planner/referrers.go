package planner

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// Referrers is a compiled plan.Referrers.
type Referrers struct {
	*plan.Referrers
	Key  eval.Fn // of a row
	Plan *Plan   // a FIND of the documents that refer to any of Apart.Keys
	// Found has what is done with those of one row, and says in which partition each is; nil: Plan gives the number for each key.
	Found *Plan
	Ref   int // which of the columns of Plan is the ref, or the list of refs
}

// referrersOf returns the queries over backlinks to documents elsewhere that returned items read.
func referrersOf(items []ir.Item) []*plan.Referrers {
	var out []*plan.Referrers
	for _, it := range items {
		ir.Walk(it.X, func(x ir.Expr) bool {
			if r, ok := x.(*ir.Referrers); ok && !slices.ContainsFunc(out, func(o *plan.Referrers) bool { return o.Col == r.Col && ir.LeafPath(o.Key) == ir.LeafPath(r.Key) }) {
				out = append(out, &plan.Referrers{Referrers: r})
			}
			return true
		})
	}
	return out
}

// referrers plans the query over a backlink for the keys of many rows.
func (b *builder) referrers(l *Local, n *plan.Referrers) (*Referrers, error) {
	q := n.Col.Coll
	a := q.Apart
	op := &Referrers{Referrers: n}
	var err error
	if op.Key, err = eval.Compile(n.Key, l.Layout); err != nil {
		return nil, err
	}
	h := *q.Query.Info()
	where := a.Any(q.Link)
	if a.Where != nil {
		where = &ir.Binary{Base: ir.Base{T: lang.TypeBool, Sp: h.Sp}, Op: lang.OpAnd, L: where, R: a.Where}
	}
	if list, ok := q.Query.(*ir.Find); ok {
		op.Plan, err = b.listed(op, list, h, where)
	} else {
		op.Plan, err = b.build(a.Counted(q.Link, h, where))
	}
	n.Explain = op.explain
	return op, err
}

// listed plans a FIND of what the rows of a backlink consist of, and what makes the rows of it.
func (b *builder) listed(op *Referrers, list *ir.Find, h ir.Head, where ir.Expr) (*Plan, error) {
	a := op.Col.Coll.Apart
	ops := plan.RowOps(list, false)
	xs := append(itemExprs(list.Items), a.Ref(op.Col.Coll.Link))
	if list.Grouped {
		xs = append(itemExprs(list.Group), xs[len(xs)-1])
		for _, agg := range list.Aggs {
			xs = append(xs, agg.X)
		}
	}
	for i := 0; i < len(ops); i++ {
		switch n := ops[i].(type) {
		case *plan.Sort:
			for _, o := range n.Terms {
				xs = append(xs, o.X)
			}
		case *plan.Cursor: // a list has none
			if ops[i] = &n.Limit; n.Limit.Limit == nil && n.Offset == nil {
				ops = slices.Delete(ops, i, i+1)
				i--
			}
		}
	}
	if a.From.Celled() {
		xs = append(xs, plan.ColumnOf(a.From, a.From.Part.Columns[0], h.Sp))
	}
	ls := b.leaves(a.From, xs...)
	l := &Local{Layout: eval.NewLayout(b.schema, ls), Items: list.Items}
	op.Found = &Plan{Stmt: list, Local: l}
	if a.From.Part != nil {
		op.Found.Over = &Scatter{Model: a.From}
	}
	if a.From.Celled() {
		l.Part = l.Layout.Slots[a.From.Part.Columns[0].Name]
	}
	op.Ref = l.Layout.Slots[ir.LeafPath(a.Ref(op.Col.Coll.Link))]
	f := &ir.Find{Head: h, Model: a.From, Where: where}
	for _, x := range ls {
		f.Items = append(f.Items, ir.Item{Name: x.Col.Name, X: x})
	}
	if err := b.rows(l, ops, len(ls)); err != nil {
		return nil, err
	}
	of := *b
	of.whole = true // plain commands would need a round trip for each key
	return of.build(f)
}

// explain prints the plan, and what is done with the documents of each row.
func (r *Referrers) explain(t *plan.Text) {
	r.Plan.explain(t)
	if r.Found != nil && len(r.Found.Local.Nodes) > 1 {
		t.Line("then for each row")
		t.Below(func() { plan.ExplainRows(t, r.Found.Local.Nodes) })
	}
}

// cellNames returns the names in a statement's conditions that mean the keys in a partition.
func cellNames(st ir.Stmt) []*ir.Variable {
	var out []*ir.Variable
	var find func(ir.Expr)
	find = func(x ir.Expr) {
		ir.Walk(x, func(x ir.Expr) bool {
			switch x := x.(type) {
			case *ir.Var:
				if x.V.Within != nil && !slices.Contains(out, x.V) {
					out = append(out, x.V)
				}
			case *ir.Col:
				if q := x.Col.Coll; q != nil && q.Query != nil {
					for _, where := range ir.Conditions(q.Query) {
						find(where)
					}
				}
			}
			return true
		})
	}
	switch st := st.(type) {
	case *ir.Get:
		for _, it := range st.Items {
			find(it.X)
		}
	case *ir.Find:
		for _, x := range itemExprs(st.Items) {
			find(x)
		}
	}
	for _, where := range ir.Conditions(st) {
		find(where)
	}
	return out
}
