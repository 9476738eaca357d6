package planner

import (
	"sync"

	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
	"github.com/rql-lang/rql/search"
)

// searchable reports whether a plan may use the Search index of a model.
func (b *builder) searchable(m *ir.Model) bool { return b.caps.searchable(m) }

// chooseSearch returns the Search query for a predicate, or nil if RQL's own indexes are used.
func (b *builder) chooseSearch(p *Plan, m *ir.Model, where ir.Expr, q *plan.Query, stale bool) *plan.SearchQuery {
	must := m.Foreign || b.caps.SearchFirst
	if !b.searchable(m) || stale || where == nil && !must || p.looksUp() || p.Over != nil && len(p.Within) > 0 {
		return nil
	}
	for _, c := range q.Cands {
		if sc := c.Scans[0]; sc.Path == plan.PathKeys || !must && (c.Exact || sc.Path == plan.PathUnique) {
			return nil // by key, or one index contains all that is needed
		}
	}
	sq := search.New(m, fold(where))
	bounds := 0 // number of columns that the best of RQL's own indexes bounds
	for _, c := range q.Cands {
		for _, sc := range c.Scans {
			bounds = max(bounds, len(sc.Bounds))
		}
	}
	if must || len(sq.Bounded) > bounds {
		return within(p, sq)
	}
	return nil
}

// looksUp reports whether a value of a UNIQUE GLOBAL says in which partition a statement works.
func (p *Plan) looksUp() bool { return p.Over != nil && p.Over.Value != nil }

// within restricts a query to the partitions that the statement names.
func within(p *Plan, sq *plan.SearchQuery) *plan.SearchQuery {
	if sq.Model.Celled() && (p.Over == nil || len(p.Pins) > 0) {
		search.Within(sq)
	}
	return sq
}

// chooseNear returns the Search query for NEAREST, or nil.
func (b *builder) chooseNear(p *Plan, st *ir.Find, q *plan.Query) *plan.SearchQuery {
	if st.Near == nil || st.Stale || p.looksUp() || p.Over != nil && len(p.Within) > 0 || !b.searchable(st.Model) || st.Model.Search.Field(st.Near.Col) == nil {
		return nil
	}
	for _, c := range q.Cands {
		if sc := c.Scans[0]; sc.Path == plan.PathKeys || sc.Path == plan.PathUnique && !st.Model.Foreign {
			return nil
		}
	}
	return within(p, search.New(st.Model, fold(st.Where)))
}

// searchStep returns the step for a query. leaves are what it reads, all of them in the document itself.
func (b *builder) searchStep(m *ir.Model, where ir.Expr, sq *plan.SearchQuery, leaves []*ir.Col) (*SearchStep, error) {
	s := &SearchStep{Model: m, Query: sq, Cols: cols(leaves), Layout: eval.NewLayout(b.schema, leaves), Apart: b.caps.searchesApart(m)}
	for _, x := range sq.Slots {
		fn, err := b.compile(x)
		if err != nil {
			return nil, err
		}
		s.Values = append(s.Values, fn)
	}
	if where == nil {
		return s, nil
	}
	var err error
	s.Where, err = eval.CompileCond(where, s.Layout)
	return s, err
}

// choice says how to choose between Search and RQL's own indexes.
func (b *builder) choice(p *Plan, sq *plan.SearchQuery, q *plan.Query) (*SearchChoice, error) {
	ch := &SearchChoice{}
	for _, c := range q.Cands {
		if c.Ordered && q.Limit != nil {
			ch.Walk = true
		}
		if p.Over != nil || len(c.Scans) != 1 || !c.Scans[0].Closed() || !beyond(sq, c.Scans[0]) {
			continue
		}
		args, err := b.scanArgs(c.Scans[0])
		if err != nil {
			return nil, err
		}
		ch.Narrow = append(ch.Narrow, args)
	}
	if !ch.Walk && len(ch.Narrow) == 0 {
		return nil, nil
	}
	return ch, nil
}

// beyond reports whether a scan has a bound that the query lacks.
func beyond(sq *plan.SearchQuery, sc *plan.Scan) bool {
	for i := range sc.Bounds {
		col := sc.Model.KeyColumn()
		if sc.Index != nil {
			col = sc.Index.Cols[i]
		}
		if !sq.Bounds(col, sc.Bounds[i].Kind != plan.Range && sc.Bounds[i].Kind != plan.Prefix) {
			return true
		}
	}
	return false
}

// refers reports whether a predicate reads other documents, as through a list of refs. The recheck after a search reads only the
// document itself.
func refers(where ir.Expr) bool { return where != nil && ir.Has(where, ir.ReadsRef) }

// findBySearch plans FIND with Search; false if that is not possible.
func (b *builder) findBySearch(p *Plan, st *ir.Find, sq *plan.SearchQuery, q *plan.Query, ops []plan.RowOp, xs []ir.Expr) (bool, error) {
	ls := b.leaves(st.Model, append(xs, st.Where)...)
	if !own(ls) || refers(st.Where) {
		return false, nil
	}
	step, err := b.searchStep(st.Model, st.Where, sq, ls)
	if err != nil {
		return false, err
	}
	p.Local = &Local{Layout: step.Layout, Where: step.Where, Items: st.Items, Part: b.partOf(p, len(ls))}
	if err := b.findRows(p.Local, st, ops, len(ls)); err != nil {
		return false, err
	}
	if n := st.Near; n != nil {
		if f := st.Model.Search.Field(n.Col); f != nil {
			step.Near = &SearchNear{Field: f, Cosine: n.Col.Type.Cosine()}
		}
	}
	if err := b.groupsBySearch(p, st, step, ops); err != nil {
		return false, err
	}
	b.firstBySearch(p, st, step)
	if err := b.native(p, step, q, ls, &ScanStep{}, st.Uses); err != nil {
		return false, err
	}
	p.Step = step
	return true, nil
}

// native adds the plan without Search.
func (b *builder) native(p *Plan, step *SearchStep, q *plan.Query, ls []*ir.Col, scan *ScanStep, uses []*ir.Model) error {
	step.CheckFailures = step.Model.Foreign
	if !step.CheckFailures && (step.Near != nil || b.caps.SearchFirst) {
		return nil
	}
	var err error
	if p.Over != nil {
		again := *b
		again.caps.SearchNever = true
		step.Other = sync.OnceValues(func() (*Plan, error) { return again.build(p.Stmt) })
	} else {
		if err = b.scan(p, q, ls, scan, uses); err != nil {
			return err
		}
		step.Native = scan
	}
	if step.CheckFailures {
		return nil
	}
	step.Choice, err = b.choice(p, step.Query, q)
	return err
}

// countBySearch plans COUNT and EXISTS with Search; false if that is not possible.
func (b *builder) countBySearch(p *Plan, m *ir.Model, where ir.Expr, sq *plan.SearchQuery, q *plan.Query, exist bool, uses []*ir.Model) (bool, error) {
	ls := b.leaves(m, where)
	if !own(ls) || refers(where) {
		return false, nil
	}
	step, err := b.searchStep(m, where, sq, ls)
	if err != nil {
		return false, err
	}
	step.Count, step.Exist = true, exist
	step.Total = !exist && !m.Foreign && !m.Expires && sq.Exact
	if err := b.native(p, step, q, nil, &ScanStep{Count: true, Exist: exist}, uses); err != nil {
		return false, err
	}
	p.Step = step
	return true, nil
}
