package planner

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// keyRow is the key of the statement's own document as a leaf.
func keyRow(m *ir.Model) *ir.Col {
	row := &ir.Row{Base: ir.Base{T: lang.Type{Kind: lang.KRow, Model: m.Name}}}
	return &ir.Col{Base: ir.Base{T: m.Key.Type.NotNull()}, X: row, Col: m.KeyColumn()}
}

// leaves lists what the expressions read of a row, the key first.
func (b *builder) leaves(m *ir.Model, xs ...ir.Expr) []*ir.Col {
	return eval.Leaves(b.schema, append([]ir.Expr{keyRow(m)}, xs...)...)
}

// own reports that every leaf stands in the document itself, not in one behind a ref or in a collection.
func own(leaves []*ir.Col) bool {
	for _, c := range leaves {
		if _, ok := c.X.(*ir.Row); !ok || c.Col.Coll != nil {
			return false
		}
	}
	return true
}

// cols are the columns of leaves.
func cols(leaves []*ir.Col) []*ir.Column {
	out := make([]*ir.Column, len(leaves))
	for i, c := range leaves {
		out[i] = c.Col
	}
	return out
}

// itemExprs are the expressions of items.
func itemExprs(items []ir.Item) []ir.Expr {
	out := make([]ir.Expr, len(items))
	for i := range items {
		out[i] = items[i].X
	}
	return out
}

// project compiles the returned items over a layout.
func (b *builder) project(l *Local, items []ir.Item) error {
	direct := make([]int, len(items))
	for i, it := range items {
		fn, err := eval.Compile(it.X, l.Layout)
		if err != nil {
			return err
		}
		l.Items = append(l.Items, fn)
		slot, ok := l.Layout.Slots[ir.LeafPath(it.X)]
		if _, isCol := it.X.(*ir.Col); !ok || !isCol {
			direct = nil
		}
		if direct != nil {
			direct[i] = slot
		}
	}
	l.Direct, l.Same = direct, direct != nil && len(direct) == len(l.Leaves)
	for i, s := range direct {
		l.Same = l.Same && i == s
	}
	return nil
}

// get plans GET: plain commands where everything is in the documents themselves, a script through refs.
func (b *builder) get(p *Plan, st *ir.Get) error {
	b.outColumns(p, st.Items)
	ls := b.leaves(st.Model, itemExprs(st.Items)...)
	l := &Local{Leaves: ls, Layout: eval.NewLayout(b.schema, ls), KeyType: st.Model.Key.Type}
	p.Local = l
	if err := b.project(l, st.Items); err != nil {
		return err
	}
	if own(ls) {
		key, err := b.compile(st.Key)
		p.Step = &KeysStep{Model: st.Model, Key: key, KeyX: st.Key, Skip: st.Skip, Cols: cols(ls)}
		return err
	}
	sc := &plan.Scan{Model: st.Model, Path: plan.PathKeys, Keys: st.Key}
	q := &plan.Query{Model: st.Model, Cands: []*plan.Candidate{{Scans: []*plan.Scan{sc}, Exact: true}}}
	return b.scan(p, q, ls, &ScanStep{Get: true, Skip: st.Skip}, st.Uses)
}

// outColumns sets columns and types as the evaluator gives them.
func (b *builder) outColumns(p *Plan, items []ir.Item) {
	p.Columns, p.Types = make([]string, len(items)), make([]lang.Type, len(items))
	for i := range items {
		p.Columns[i], p.Types[i] = items[i].Name, items[i].X.Type()
	}
}

// scan makes the script of a read.
func (b *builder) scan(p *Plan, q *plan.Query, ls []*ir.Col, step *ScanStep, uses []*ir.Model) error {
	s, err := lua.NewScan(b.schema, &plan.Read{Query: q, Uses: uses, Outs: ls, Count: step.Count}, b.profile)
	if err != nil {
		return err
	}
	step.Script, step.Query = s, q
	p.Step = step
	return b.args(p, s)
}

// find plans FIND.
func (b *builder) find(p *Plan, st *ir.Find) error {
	if st.Stale && st.Model.Scanned() {
		p.Stale = []*ir.Model{st.Model}
	}
	b.outColumns(p, st.Items)
	order := b.effectiveOrder(st)
	xs := itemExprs(st.Items)
	if st.Grouped {
		xs = itemExprs(st.Group)
		for _, a := range st.Aggs {
			xs = append(xs, a.X)
		}
	}
	for _, o := range order {
		xs = append(xs, o.X)
	}
	limit, offset := st.Limit, st.Offset
	if st.Near != nil {
		xs = append(xs, st.Near.Distance(st.Model))
		limit, offset = nil, nil
	}
	ls := b.leaves(st.Model, xs...)
	walk := order
	if st.Grouped || st.Distinct || st.Near != nil {
		walk = nil
	}
	q := (&Chooser{Stale: st.Stale}).Query(st.Model, st.Where, walk, limit, offset)
	sq := b.chooseNear(st, q)
	if sq == nil {
		sq = b.chooseSearch(st.Model, st.Where, q, st.Stale)
	}
	if sq != nil {
		if done, err := b.findBySearch(p, st, sq, q, order, xs); done || err != nil {
			return err
		}
	}
	step := &ScanStep{}
	pages := own(ls) && len(q.Cands) == 1 && len(q.Cands[0].Scans) == 1 && q.Cands[0].Exact && pageable(q.Cands[0].Scans[0])
	step.Pages = pages
	if pages && st.Where != nil {
		// A document may change between the two trips, so the predicate is asked again here.
		ls = b.leaves(st.Model, append(xs, st.Where)...)
		pages = own(ls)
	}
	l := &Local{Leaves: ls, Layout: eval.NewLayout(b.schema, ls), KeyType: st.Model.Key.Type}
	if step.Pages = pages; pages {
		step.Cols = cols(ls)
		if st.Where != nil {
			where, err := eval.CompileCond(st.Where, l.Layout)
			if err != nil {
				return err
			}
			l.Where = where
		}
	}
	p.Local = l
	if err := b.local(l, st, order); err != nil {
		return err
	}
	return b.scan(p, q, ls, step, st.Uses)
}

// pageable reports a scan whose documents can be read by plain commands: its bounds are known and no document comes twice.
func pageable(sc *plan.Scan) bool {
	if !sc.Walks() || sc.Model.Adopted || !sc.Closed() {
		return false
	}
	return sc.Single()
}

// effectiveOrder replaces returned names by what they stand for, and is the
// order by key where OFFSET or AFTER asks for one.
func (b *builder) effectiveOrder(st *ir.Find) []ir.Order {
	if len(st.Order) == 0 && (st.Offset != nil || st.After != nil) && !st.Grouped && !st.Distinct && st.Near == nil {
		return []ir.Order{{X: keyRow(st.Model)}}
	}
	if st.Grouped || st.Distinct {
		return st.Order
	}
	out := make([]ir.Order, len(st.Order))
	for i, o := range st.Order {
		out[i] = o
		if x, ok := o.X.(*ir.Output); ok {
			out[i].X = st.Items[x.I].X
		}
	}
	return out
}

// local compiles what is done in Go.
func (b *builder) local(l *Local, st *ir.Find, order []ir.Order) error {
	err := b.near(l, st)
	if err != nil {
		return err
	}
	l.Grouped, l.Distinct = st.Grouped, st.Distinct
	for _, g := range st.Group {
		fn, err := eval.Compile(g.X, l.Layout)
		if err != nil {
			return err
		}
		l.Group = append(l.Group, fn)
	}
	for i := range st.Aggs {
		a := LocalAgg{Agg: &st.Aggs[i]}
		if a.Agg.X != nil {
			if a.X, err = eval.Compile(a.Agg.X, l.Layout); err != nil {
				return err
			}
		}
		if a.P, err = b.compile(a.Agg.P); err != nil {
			return err
		}
		l.Aggs = append(l.Aggs, a)
	}
	if st.Having != nil {
		if l.Having, err = eval.CompileCond(st.Having, l.Layout); err != nil {
			return err
		}
	}
	if err := b.project(l, st.Items); err != nil {
		return err
	}
	for _, o := range order {
		fn, err := eval.Compile(o.X, l.Layout)
		if err != nil {
			return err
		}
		l.Order = append(l.Order, LocalOrder{X: fn, Desc: o.Desc, T: o.X.Type()})
		l.KeyDesc = o.Desc
	}
	l.ByKey = len(order) > 0 && !st.Grouped && !st.Distinct
	l.Cursor = l.ByKey
	if l.Cursor {
		l.Shape = b.src.Slice(lang.Span{Start: st.Sp.Start, End: cursorEnd(st)})
		if st.Where != nil {
			if err := b.cursorParams(l, st.Where); err != nil {
				return err
			}
		}
	}
	if l.Limit, err = b.compile(st.Limit); err != nil {
		return err
	}
	if l.Offset, err = b.compile(st.Offset); err != nil {
		return err
	}
	l.After, err = b.compile(st.After)
	return err
}

// cursorEnd is where the part of the text ends that a cursor belongs to: before LIMIT, OFFSET and AFTER.
func cursorEnd(st *ir.Find) int {
	end := st.Sp.End
	for _, x := range []ir.Expr{st.Limit, st.Offset, st.After} {
		if x != nil && x.Span().Start > 0 && x.Span().Start < end {
			end = x.Span().Start
		}
	}
	for i := range st.Order {
		if e := st.Order[i].X.Span().End; e > end {
			end = e
		}
	}
	return end
}

// cursorParams lists the closed operands of a predicate: a cursor belongs to their values too.
func (b *builder) cursorParams(l *Local, where ir.Expr) error {
	var err error
	ir.Walk(where, func(x ir.Expr) bool {
		if err != nil {
			return false
		}
		switch x.(type) {
		case *ir.Const, *ir.Param, *ir.Var:
			if !ir.Closed(x) {
				return false
			}
			var fn eval.Fn
			if fn, err = b.compile(x); err == nil {
				l.Params = append(l.Params, fn)
			}
			return false
		}
		return true
	})
	return err
}

// count plans COUNT: from the index alone where one says it all.
func (b *builder) count(p *Plan, st *ir.Count) error {
	q := (&Chooser{}).Query(st.Model, st.Where, nil, nil, nil)
	if sc := q.Covered(); sc != nil && sc.Closed() {
		args, err := b.scanArgs(sc)
		p.Step = &CardStep{Model: st.Model, Scan: sc, Bound: args}
		return err
	}
	if sq := b.chooseSearch(st.Model, st.Where, q, false); sq != nil {
		if done, err := b.countBySearch(p, st.Model, st.Where, sq, q, false, st.Uses); done || err != nil {
			return err
		}
	}
	return b.scan(p, q, nil, &ScanStep{Count: true}, st.Uses)
}

// exists plans EXISTS.
func (b *builder) exists(p *Plan, st *ir.Exists) error {
	if st.Key != nil {
		key, err := b.compile(st.Key)
		p.Step = &KeysStep{Model: st.Model, Key: key, KeyX: st.Key, Exist: true, Skip: true, Cols: []*ir.Column{st.Model.KeyColumn()}}
		return err
	}
	q := (&Chooser{}).Query(st.Model, st.Where, nil, one(st.Sp), nil)
	if sq := b.chooseSearch(st.Model, st.Where, q, false); sq != nil {
		if done, err := b.countBySearch(p, st.Model, st.Where, sq, q, true, st.Uses); done || err != nil {
			return err
		}
	}
	return b.scan(p, q, nil, &ScanStep{Count: true, Exist: true}, st.Uses)
}
