package planner

import (
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// get plans GET: plain commands if everything is in the documents themselves, a script to follow refs.
func (b *builder) get(p *Plan, st *ir.Get) error {
	b.outColumns(p, st.Items)
	ls := b.leaves(st.Model, append(itemExprs(st.Items), refreshed(st.Refreshes)...)...)
	p.Local = &Local{Layout: eval.NewLayout(b.schema, ls), Items: st.Items, Part: b.partOf(p, len(ls))}
	ops := []plan.RowOp{&plan.Project{Items: st.Items}}
	refreshes := len(st.Refreshes) > 0
	later := refreshes && (!own(ls) || p.Over != nil || st.Many && !st.Skip || len(st.Refreshes) > 1 || !st.Refreshes[0].Own) // if one of several keys is missing, nothing is read
	if later {
		ops = append([]plan.RowOp{&plan.Refresh{Of: st.Refreshes}}, ops...)
	}
	if err := b.rows(p.Local, ops, len(ls)); err != nil {
		return err
	}
	if own(ls) { // no other document is read
		key, err := b.compile(st.Key)
		if err != nil {
			return err
		}
		step := &KeysStep{Model: st.Model, Key: key, KeyX: st.Key, Skip: st.Skip, Cols: cols(ls), Refresh: refreshes && !later}
		if step.Refresh {
			step.Keeps, err = NewRefresh(b.schema, st.Model)
		}
		p.Step = step
		return err
	}
	sc := &plan.Scan{Model: st.Model, Path: plan.PathKeys, Keys: st.Key}
	q := &plan.Query{Model: st.Model, Cands: []*plan.Candidate{{Scans: []*plan.Scan{sc}, Exact: true}}}
	return b.scan(p, q, ls, &ScanStep{Get: true, Skip: st.Skip}, st.Uses)
}

// find plans FIND.
func (b *builder) find(p *Plan, st *ir.Find) error {
	if st.Stale && st.Model.Scanned() {
		p.Stale = []*ir.Model{st.Model}
	}
	b.outColumns(p, st.Items)
	if done, err := b.counted(p, st); done || err != nil {
		return err
	}
	ops := plan.RowOps(st, false)
	limit, offset := st.Limit, st.Offset
	where, order, extreme := b.extreme(st)
	if extreme {
		first := *st
		first.Where = where
		st, limit = &first, one(st.Sp)
		ops = append(plan.First(order, limit), ops...)
	}
	xs := itemExprs(st.Items)
	if st.Grouped {
		xs = itemExprs(st.Group)
		for _, a := range st.Aggs {
			xs = append(xs, a.X)
		}
	}
	xs = append(xs, refreshed(st.Refreshes)...)
	var walk []ir.Order
	sort := plan.Op[plan.Sort](ops)
	if sort != nil {
		for _, o := range sort.Terms {
			xs = append(xs, o.X)
		}
		if !sort.Returned && st.Near == nil {
			walk = sort.Terms
		}
	}
	if n := plan.Op[plan.Nearest](ops); n != nil {
		xs = append(xs, n.Distance)
		limit, offset = nil, nil
	}
	ls := b.leaves(st.Model, xs...)
	q := (&Chooser{Stale: st.Stale}).Query(st.Model, st.Where, walk, limit, offset)
	if !extreme {
		b.loosen(q, st, xs)
		b.covering(p, q, st, xs)
		deep(p, q)
	}
	sq := b.chooseNear(p, st, q)
	if sq == nil {
		sq = b.chooseSearch(p, st.Model, st.Where, q, st.Stale)
	}
	if sq != nil {
		if done, err := b.findBySearch(p, st, sq, q, ops, xs); done || err != nil {
			return err
		}
	}
	step := &ScanStep{}
	by, need := b.byCommands(p, q, limit, extreme), ls
	if by != nil && own(ls) {
		// A document may change between the commands, or may have been changed by another program, so the predicate and the entry are
		// checked again here.
		if st.Where != nil {
			xs = append(xs, st.Where)
		}
		step.Entry = entryCols(by.Scans[0])
		for _, c := range step.Entry {
			xs = append(xs, plan.ColumnOf(st.Model, c, st.Sp))
		}
		ls = b.leaves(st.Model, xs...)
	}
	if sort != nil {
		sort.Walk, sort.Runs = walked(q), q.Cands[0].Runs
	}
	l := &Local{Layout: eval.NewLayout(b.schema, ls), Items: st.Items, Part: b.partOf(p, len(ls))}
	if by != nil && own(ls) {
		if step.Cols = cols(ls); extreme {
			step.First = &FirstEntry{Cand: by}
		}
		if step.Pages = !extreme; step.Pages && p.Over == nil {
			step.alone(q, need)
		}
		if st.Where != nil {
			ops = append([]plan.RowOp{&plan.Recheck{Where: st.Where}}, ops...)
		}
	}
	p.Local = l
	if err := b.findRows(l, st, ops, len(ls)); err != nil {
		return err
	}
	if err := b.scan(p, q, ls, step, st.Uses); err != nil {
		return err
	}
	b.merges(p, step)
	return nil
}

// byCommands returns the candidate of a query whose documents plain commands read, or the first of them if extreme is set; nil: none.
func (b *builder) byCommands(p *Plan, q *plan.Query, limit ir.Expr, extreme bool) *plan.Candidate {
	if b.whole {
		return nil
	}
	for _, c := range q.Cands {
		switch {
		case len(c.Scans) > 1 || !c.Exact || c.Merge || !pageable(c.Scans[0]):
		case extreme && c.Ordered && p.Over == nil && !b.profile, !extreme && len(q.Cands) == 1 && (c.Runs == 0 || limit == nil):
			return c
		}
	}
	return nil
}

// count plans COUNT: from the index alone if that is sufficient.
func (b *builder) count(p *Plan, st *ir.Count) error {
	q := (&Chooser{}).Query(st.Model, st.Where, nil, nil, nil)
	if done, err := b.card(p, q, st.Uses); done || err != nil {
		return err
	}
	if sq := b.chooseSearch(p, st.Model, st.Where, q, false); sq != nil {
		if done, err := b.countBySearch(p, st.Model, st.Where, sq, q, false, st.Uses); done || err != nil {
			return err
		}
	}
	return b.scan(p, q, nil, &ScanStep{Count: true}, st.Uses)
}

// card plans the number of documents that match a query, if the number of entries of an index is known to be that.
func (b *builder) card(p *Plan, q *plan.Query, uses []*ir.Model) (done bool, err error) {
	sc := q.Covered()
	switch {
	case sc == nil:
		return false, nil
	case q.Model.Expires:
		step := &ScanStep{Count: true, Covered: sc}
		if p.Over == nil && !b.profile && sc.Closed() {
			if step.Bound, err = b.scanArgs(sc); err != nil {
				return true, err
			}
		}
		return true, b.scan(p, q, nil, step, uses)
	case !sc.Closed():
		return false, nil
	}
	args, err := b.scanArgs(sc)
	p.Step = &CardStep{Model: q.Model, Scan: sc, Bound: args}
	if p.Over != nil {
		p.Over.Lists = p.lists()
	}
	return true, err
}

// exists plans EXISTS.
func (b *builder) exists(p *Plan, st *ir.Exists) error {
	if st.Key != nil {
		key, err := b.compile(st.Key)
		p.Step = &KeysStep{Model: st.Model, Key: key, KeyX: st.Key, Exist: true, Skip: true, Cols: []*ir.Column{st.Model.KeyColumn()}}
		return err
	}
	q := (&Chooser{}).Query(st.Model, st.Where, nil, one(st.Sp), nil)
	if sq := b.chooseSearch(p, st.Model, st.Where, q, false); sq != nil {
		if done, err := b.countBySearch(p, st.Model, st.Where, sq, q, true, st.Uses); done || err != nil {
			return err
		}
	}
	return b.scan(p, q, nil, &ScanStep{Count: true, Exist: true}, st.Uses)
}

// entryCols returns the columns of the index whose entries are compared with the documents that plain commands read; none if
// equality with one value per column determines the entry.
func entryCols(sc *plan.Scan) []*ir.Column {
	if sc.Path != plan.PathIndex || sc.OneEntry() {
		return nil
	}
	return sc.Index.Cols
}
