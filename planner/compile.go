package planner

import (
	"fmt"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// cursorEnd returns the end of the part of the text that identifies the statement of a cursor: the start of LIMIT, OFFSET or
// AFTER.
func cursorEnd(st *ir.Find) int {
	end := st.Sp.End
	if st.Paging > 0 {
		end = min(end, st.Paging)
	}
	for i := range st.Order {
		if e := st.Order[i].X.Span().End; e > end {
			end = e
		}
	}
	return end
}

// cursorParams lists the closed operands of a predicate, whose values are part
// of a cursor's identity too.
func (b *builder) cursorParams(op *Cursor, where ir.Expr, away []*ir.Let) error {
	var err error
	ir.Walk(where, func(x ir.Expr) bool {
		if err != nil {
			return false
		}
		switch x.(type) {
		case *ir.Const, *ir.Param, *ir.Var:
			for _, l := range away {
				if v, ok := x.(*ir.Var); ok && l.Of != nil && l.Var == v.V { // the condition, not the keys that satisfy it now
					err = b.cursorParams(op, l.Stmt.(*ir.Find).Where, nil)
					return false
				}
			}
			if !ir.Closed(x) {
				return false
			}
			var fn eval.Fn
			if fn, err = b.compile(x); err == nil {
				op.Params = append(op.Params, fn)
			}
			return false
		}
		return true
	})
	return err
}

// rows compiles the row operators over the layout of l. width is the number of leaves of a row.
func (b *builder) rows(l *Local, nodes []plan.RowOp, width int) error {
	nodes = gathering(nodes)
	l.Nodes = nodes
	for _, n := range nodes {
		if r, ok := n.(*plan.Recheck); ok {
			var err error
			if l.Where, err = eval.CompileCond(r.Where, l.Layout); err != nil {
				return err
			}
			continue
		}
		op, err := b.rowOp(l, n, width)
		if err != nil {
			return err
		}
		l.Ops = append(l.Ops, op)
	}
	return nil
}

func (b *builder) rowOp(l *Local, n plan.RowOp, width int) (RowOp, error) {
	switch n := n.(type) {
	case *plan.Nearest:
		return b.nearest(l, n)
	case *plan.Aggregate:
		return b.aggregate(l, n)
	case *plan.Counted:
		op, err := b.grouped(l, n.Aggregate)
		return &Counted{op}, err
	case *plan.Formed:
		op, err := b.grouped(l, n.Aggregate)
		return &Formed{op}, err
	case *plan.Project:
		return project(l, n.Items, width)
	case *plan.Gather:
		return b.gather(l, n)
	case *plan.Refresh:
		return b.refresh(l, n)
	case *plan.Distinct:
		return &Distinct{}, nil
	case *plan.Sort:
		return b.sort(l, n)
	case *plan.Limit:
		return b.limit(n)
	case *plan.Extreme:
		return b.limit(&n.Limit)
	case *plan.Cursor:
		return b.cursor(l, n)
	}
	return nil, fmt.Errorf("%T is no row operator of Go", n)
}

func (b *builder) refresh(l *Local, n *plan.Refresh) (*Refresh, error) {
	op := &Refresh{}
	for _, r := range n.Of {
		fn, err := eval.CompileKeys(r.Keys, l.Layout)
		if err != nil {
			return nil, err
		}
		keeps, err := NewRefresh(b.schema, r.Model)
		if err != nil {
			return nil, err
		}
		op.Of = append(op.Of, RefreshArgs{Model: r.Model, Keys: fn, Keeps: keeps})
	}
	return op, nil
}

// NewRefresh plans the script that extends the expiration of documents that were read, and of those to which their fields with
// CASCADE TTL refer; nil if the model has no such field.
func NewRefresh(schema *ir.Schema, m *ir.Model) (*Plan, error) {
	if len(m.Keepers()) == 0 {
		return nil, nil
	}
	s, err := lua.NewRefresh(schema, m)
	if err != nil {
		return nil, err
	}
	p := &Plan{Kind: "REFRESH", Step: &BlockStep{Script: s}}
	return p, Args(p, s, schema)
}

func (b *builder) nearest(l *Local, n *plan.Nearest) (op *Nearest, err error) {
	op = &Nearest{}
	if op.By, err = b.sort(l, &plan.Sort{Terms: []ir.Order{{X: n.Distance}}}); err != nil {
		return nil, err
	}
	if op.K, err = b.compile(n.K); err == nil {
		op.To, err = b.compile(n.To)
	}
	return op, err
}

func (b *builder) aggregate(l *Local, n *plan.Aggregate) (op *Aggregate, err error) {
	op = &Aggregate{Aggregate: n, Aggs: make([]AggArgs, len(n.Aggs))}
	if op.Group, err = compileItems(l, n.Group); err != nil {
		return nil, err
	}
	for i := range n.Aggs {
		if x := n.Aggs[i].X; x != nil {
			if op.Aggs[i].X, err = eval.Compile(x, l.Layout); err != nil {
				return nil, err
			}
		}
		if op.Aggs[i].P, err = b.compile(n.Aggs[i].P); err != nil {
			return nil, err
		}
	}
	return op, b.ofGroups(l, op)
}

// grouped compiles an aggregate whose groups are formed already.
func (b *builder) grouped(l *Local, n *plan.Aggregate) (op *Aggregate, err error) {
	op = &Aggregate{Aggregate: n}
	return op, b.ofGroups(l, op)
}

// ofGroups compiles what is computed of each group.
func (b *builder) ofGroups(l *Local, op *Aggregate) (err error) {
	if of := op.Aggregate.Having; of != nil {
		if op.Having, err = eval.CompileCond(of, l.Layout); err != nil {
			return err
		}
	}
	op.Items, err = compileItems(l, op.Aggregate.Items)
	return err
}

func compileItems(l *Local, items []ir.Item) ([]eval.Fn, error) {
	out := make([]eval.Fn, len(items))
	for i, it := range items {
		fn, err := eval.Compile(it.X, l.Layout)
		if err != nil {
			return nil, err
		}
		out[i] = fn
	}
	return out, nil
}

// project compiles the projection over a layout.
func project(l *Local, items []ir.Item, width int) (*Project, error) {
	fns, err := compileItems(l, items)
	if err != nil {
		return nil, err
	}
	op := &Project{Items: fns, Direct: make([]int, len(items))}
	for i, it := range items {
		slot, ok := l.Layout.Slots[ir.LeafPath(it.X)]
		if _, isCol := it.X.(*ir.Col); !ok || !isCol {
			op.Direct = nil
			return op, nil
		}
		op.Direct[i] = slot
	}
	op.Same = len(op.Direct) == width && l.Part == 0
	for i, s := range op.Direct {
		op.Same = op.Same && i == s
	}
	return op, nil
}

func (b *builder) sort(l *Local, n *plan.Sort) (*Sort, error) {
	op := &Sort{Sort: n, X: make([]eval.Fn, len(n.Terms)), Part: l.Part}
	for i, o := range n.Terms {
		fn, err := eval.Compile(o.X, l.Layout)
		if err != nil {
			return nil, err
		}
		op.X[i] = fn
	}
	return op, nil
}

func (b *builder) limit(n *plan.Limit) (op *Limit, err error) {
	op = &Limit{}
	if op.Limit, err = b.compile(n.Limit); err == nil {
		op.Offset, err = b.compile(n.Offset)
	}
	return op, err
}

// cursor compiles a cursor over the order that was compiled before it.
func (b *builder) cursor(l *Local, n *plan.Cursor) (*Cursor, error) {
	lim, err := b.limit(&n.Limit)
	if err != nil {
		return nil, err
	}
	op := &Cursor{Limit: *lim, Sort: Op[Sort](l)}
	op.After, err = b.compile(n.After)
	return op, err
}

// tie sets what the cursor of a FIND belongs to: its text, and the values in its predicate.
func (b *builder) tie(l *Local, st *ir.Find) error {
	op := Op[Cursor](l)
	if op == nil {
		return nil
	}
	if op.KeyType = st.Model.Key.Type; st.Model.Part != nil {
		op.PartType = st.Model.Part.Type
	}
	op.Shape = b.src.Slice(lang.Span{Start: st.Sp.Start, End: cursorEnd(st)})
	for _, l := range st.Left {
		if l.Clause == "WHERE" {
			op.Shape += "\x00" + l.Text
		}
	}
	for _, pin := range st.Pins {
		if err := b.cursorParams(op, pin.X, nil); err != nil {
			return err
		}
	}
	if st.Where == nil {
		return nil
	}
	return b.cursorParams(op, st.Where, st.Pre)
}
