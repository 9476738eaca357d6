package planner

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// pushes reports whether Search may do more than find the documents that match, because its index tells exactly which these are. A script
// sends such a search, together with one that counts them.
func (b *builder) pushes(p *Plan, step *SearchStep) bool {
	m := step.Model
	switch {
	case !step.Query.Exact || p.Over != nil || m.Part != nil || !b.caps.SearchInScript || !b.caps.EvalRO:
		return false
	case m.Foreign || m.Adopted || m.JSON || m.Expires:
		return false
	}
	return !slices.ContainsFunc(step.Cols, (*ir.Column).Lenient)
}

// stored reports whether every document that Search finds has a value in a column, as RQL writes it.
func stored(m *ir.Model, c *ir.Column) bool {
	return c != nil && m.Search.Field(c) != nil && !c.Type.Null && c.Own() && c.Fill == nil && c.Gen == nil
}

// groupsBySearch plans the groups of a FIND by Search, if it can prove them.
func (b *builder) groupsBySearch(p *Plan, st *ir.Find, step *SearchStep, ops []plan.RowOp) error {
	if !st.Grouped || st.Each || st.Near != nil || !b.pushes(p, step) {
		return nil
	}
	g := &SearchGroups{}
	for _, x := range st.Group {
		c := ownColumn(x.X)
		if !stored(step.Model, c) || !oneText(c.Type) {
			return nil
		}
		g.By = append(g.By, slices.Index(step.Cols, c))
	}
	for i := range st.Aggs {
		at, ok := summed(step, &st.Aggs[i])
		if !ok {
			return nil
		}
		g.Of = append(g.Of, at)
	}
	g.Local = &Local{Layout: eval.NewLayout(b.schema, nil), Items: st.Items}
	ops = slices.Clone(ops)
	ops[0] = &plan.Formed{Aggregate: ops[0].(*plan.Aggregate)}
	step.Groups = g
	return b.findRows(g.Local, st, ops, 0)
}

// firstBySearch plans the order of a FIND with LIMIT by Search, if it can prove it.
func (b *builder) firstBySearch(p *Plan, st *ir.Find, step *SearchStep) {
	sort := Op[Sort](p.Local)
	if st.Grouped || st.Distinct || st.Near != nil || st.Limit == nil || st.After != nil || sort == nil || len(sort.Terms) != 1 || !b.pushes(p, step) {
		return
	}
	c := ownColumn(sort.Terms[0].X)
	if stored(step.Model, c) && c.Type.Repr() == lang.ReprInt {
		step.First = &SearchFirst{Field: step.Model.Search.Field(c), At: slices.Index(step.Cols, c), Desc: sort.Terms[0].Desc}
	}
}

// oneText reports whether different texts in a document are different values of a type, and equal ones equal.
func oneText(t lang.Type) bool {
	switch t.Repr() {
	case lang.ReprString, lang.ReprBool, lang.ReprInt, lang.ReprLong:
		return true
	}
	return false
}

// summed returns which column of a step an aggregate is of; -1 for count(). ok is false if Search cannot compute it.
func summed(step *SearchStep, a *ir.Agg) (at int, ok bool) {
	x := a.X
	if v, converts := x.(*ir.Convert); converts && a.Fn == "avg" && v.T.Repr() == lang.ReprFloat {
		x = v.X // an int, all of which are floats
	}
	c := ownColumn(x)
	switch {
	case a.Fn == "count" && x == nil:
		return -1, true
	case a.Distinct || !stored(step.Model, c):
		return 0, false
	case a.Fn == "count":
		return -1, true
	case a.Fn == "sum" || a.Fn == "avg" || a.Fn == "min" || a.Fn == "max":
		return slices.Index(step.Cols, c), c.Type.Repr() == lang.ReprInt
	}
	return 0, false
}

// explain prints when Search forms the groups.
func (g *SearchGroups) explain(t *plan.Text, s *SearchStep) {
	var by []string
	for _, i := range g.By {
		by = append(by, s.Cols[i].Name)
	}
	what := "computes the aggregates"
	if len(by) > 0 {
		what = "groups by " + strings.Join(by, ", ")
	}
	t.Line("of %d to %d documents Search itself %s, if its reply proves them; then no document is read", plan.SearchPage+1, plan.SearchMost, what)
}

// explain prints when Search sorts.
func (f *SearchFirst) explain(t *plan.Text) {
	by := f.Field.Col.Name
	if f.Desc {
		by += " DESC"
	}
	t.Line("of %d to %d documents Search itself finds the first by %s, where LIMIT and OFFSET are below %d, if its reply proves them; then only these are read",
		plan.SearchPage+1, plan.SearchMost, by, plan.SearchPage)
}
