package check

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// find checks FIND.
func (c *checker) find(s *lang.FindStmt) ir.Stmt {
	m := c.Model(s.Model)
	if m == nil {
		return nil
	}
	f := &ir.Find{Model: m}
	prev := c.Begin(&f.Head, s.Sp)
	defer c.End(prev)
	at := c.on(m, s.Sp)
	sc := c.RowScope(m, s.Sp)
	sc.Outer = c.Scope
	outer := c.Enter(sc)
	defer c.Enter(outer)
	f.Stale = s.Stale
	if s.Near != nil {
		f.Near = c.nearest(s.Near, m)
		sc.Near = f.Near
	}
	if f.Where = c.wherePart(c.filter(s.Where), m); f.Where != nil {
		sc.Found = expr.Searches(f.Where, nil)
	}
	c.placed(at, true)
	if s.GroupBy != nil || c.aggregates(s.Return) {
		c.group(f, s)
	}
	sc.In("RETURN", true)
	sc.Gathers = !f.Grouped && (sc.Link == nil || sc.Link.Apart)
	if s.Fetch != nil && f.Grouped {
		c.Errorf(lang.CodeNotAllowed, s.Fetch[0].Path.Span().To(s.Fetch[len(s.Fetch)-1].Path.Span()), "FETCH cannot be combined with %s", groupedBy(s))
	}
	out := &expr.Outputs{}
	f.Items, f.AllFields = c.returns(s.Return, s.Fetch, f, out)
	sc.Aggs, sc.Gathers = false, false
	f.Distinct = s.Return != nil && s.Return.Distinct
	c.findRest(f, s, out)
	if out := c.refreshes(m, s.Sp); !f.Grouped && !f.Distinct {
		f.Refreshes = out
	}
	return f
}

func groupedBy(s *lang.FindStmt) string {
	if s.GroupBy != nil {
		return "GROUP BY"
	}
	return "an aggregate"
}

// aggregates reports whether RETURN contains an aggregate over rows.
func (c *checker) aggregates(r *lang.Returns) bool {
	if r == nil {
		return false
	}
	for _, it := range r.Items {
		if it.X != nil && mayAggregate(it.X) && c.HasAggregate(it.X) {
			return true
		}
	}
	return false
}

// mayAggregate is a cheap test: it returns false for an expression without calls.
func mayAggregate(x lang.Expr) bool {
	switch x := x.(type) {
	case *lang.Name, *lang.Literal, *lang.Param:
		return false
	case *lang.Member:
		return mayAggregate(x.X)
	}
	return true
}

// group checks GROUP BY and HAVING.
func (c *checker) group(f *ir.Find, s *lang.FindStmt) {
	f.Grouped = true
	g := &expr.Grouping{Find: f, Keys: s.GroupBy}
	c.Scope.In("GROUP BY", true)
	was := c.Pinned
	c.Pinned = true
	if len(s.GroupBy) > 0 && c.TooMany(len(s.GroupBy), lang.MaxTerms, s.GroupBy[0].Sp, "GROUP BY") {
		g.Keys = s.GroupBy[:lang.MaxTerms]
	}
	for i, k := range g.Keys {
		if k.Star || k.X == nil {
			c.Errorf(lang.CodeNotAllowed, k.Sp, "GROUP BY takes expressions, not *")
			f.Group = append(f.Group, ir.Item{X: c.Unknown(k.Sp)})
			continue
		}
		x := c.Expr(k.X)
		if x.Type().Kind == lang.KRow {
			c.Errorf(lang.CodeTypeMismatch, x.Span(), "GROUP BY does not accept a document").WithHint("group by its key: key(x)")
		}
		it := ir.Item{Name: c.columnName(&s.GroupBy[i]), X: x, Text: c.Source.Slice(k.X.Span())}
		for _, before := range f.Group {
			if before.Name == it.Name {
				c.Errorf(lang.CodeDuplicateColumn, k.Sp, "GROUP BY has the key %s twice", it.Name)
			}
		}
		f.Group = append(f.Group, it)
	}
	c.Pinned = was
	c.Scope.Group, c.Scope.Aggs = g, true
	if s.Having != nil {
		c.Scope.In("HAVING", true)
		f.Having = c.Cond(s.Having)
	}
}

// findRest checks the clauses after RETURN.
func (c *checker) findRest(f *ir.Find, s *lang.FindStmt, out *expr.Outputs) {
	sc := c.Scope
	switch {
	case f.Distinct:
		out.Only, out.Why = true, "DISTINCT"
	case f.Grouped:
		out.Only, out.Why = true, groupedBy(s)
	}
	if s.OrderBy != nil {
		sc.Group, sc.Out = nil, out
		f.Order = c.order(s.OrderBy)
		sc.Out = nil
	}
	sc.Group = nil
	f.Paging = paging(s)
	f.Limit = c.clause(s.Limit, "LIMIT", c.amount)
	f.Offset = c.clause(s.Offset, "OFFSET", c.amount)
	if s.After == nil {
		return
	}
	f.After = c.clause(s.After, "AFTER", func(x lang.Expr, _ string) ir.Expr { return c.Coerce(c.Expr(x), lang.TypeString.OrNull()) })
	if c.atomic != nil {
		c.Errorf(lang.CodeNotAllowed, s.After.Span(), "AFTER continues an earlier call, which is not possible inside a block").WithHint("use OFFSET, or a comparison in WHERE")
	}
	if s.Near != nil {
		c.Errorf(lang.CodeNotAllowed, s.After.Span(), "AFTER cannot be combined with NEAREST").WithHint("use OFFSET")
	}
	if out.Only {
		c.Errorf(lang.CodeNotAllowed, s.After.Span(), "AFTER cannot be combined with %s", out.Why).WithHint("use OFFSET")
	}
}

// clause checks the operand of LIMIT, OFFSET or AFTER; nil if there is none, or if it is left out.
func (c *checker) clause(x lang.Expr, clause string, check func(lang.Expr, string) ir.Expr) ir.Expr {
	if x == nil {
		return nil
	}
	c.Scope.In(clause, false)
	if c.PresentOperand(clause, x, func() { check(x, clause) }) == nil {
		return nil
	}
	return check(x, clause)
}

// paging returns the position of the first operand of LIMIT, OFFSET and AFTER; 0 without.
func paging(s *lang.FindStmt) int {
	for _, x := range []lang.Expr{s.Limit, s.Offset, s.After} {
		if x != nil {
			return x.Span().Start
		}
	}
	return 0
}

func (c *checker) order(terms []lang.Order) []ir.Order {
	c.Scope.In("ORDER BY", true)
	if len(terms) > 0 && c.TooMany(len(terms), lang.MaxTerms, terms[0].X.Span(), "ORDER BY") {
		return nil
	}
	out := make([]ir.Order, len(terms))
	for i, t := range terms {
		x := c.Expr(t.X)
		if o, ok := x.(*ir.Output); ok && ir.ReadsAway(c.Scope.Out.Items[o.I].X) {
			c.Errorf(lang.CodeOtherPartition, x.Span(), "%s is read elsewhere than the rows, after they are in order", c.Source.Slice(t.X.Span())).
				WithHint("copy the field, or order the rows in the program")
		}
		if !types.Sortable(x.Type()) {
			d := c.Errorf(lang.CodeTypeMismatch, x.Span(), "%s has no order", types.Describe(x.Type()))
			if x.Type().Kind == lang.KJSON {
				d.WithHint("convert it: int(x), float(x) or string(x)")
			}
		}
		out[i] = ir.Order{X: x, Desc: t.Desc}
	}
	return out
}

// get checks GET.
func (c *checker) get(s *lang.GetStmt) ir.Stmt {
	m := c.Model(s.Model)
	if m == nil {
		return nil
	}
	g := &ir.Get{Model: m, Skip: s.SkipMissing}
	prev := c.Begin(&g.Head, s.Sp)
	defer c.End(prev)
	at := c.on(m, s.Sp)
	sc := c.RowScope(m, s.Sp)
	sc.Outer = c.Scope
	outer := c.Enter(sc)
	defer c.Enter(outer)
	if !c.keysOver(g, s.Key, m) {
		g.Key, g.Many = c.key(s.Key, m)
	}
	c.placed(at, g.Keys != nil)
	sc.In("RETURN", true)
	sc.Gathers = true
	c.noDistinct(s.Return, "GET")
	g.Items, g.AllFields = c.returns(s.Return, s.Fetch, nil, nil)
	g.Refreshes = c.refreshes(m, s.Sp)
	return g
}

func (c *checker) noDistinct(r *lang.Returns, what string) {
	if r != nil && r.Distinct {
		c.Errorf(lang.CodeNotAllowed, r.Sp, "RETURN DISTINCT is allowed only in FIND, not in %s", what)
	}
}

// key checks the key, or the keys, of documents of m.
func (c *checker) key(x lang.Expr, m *ir.Model) (ir.Expr, bool) {
	c.Scope.In("a key", false)
	if m.Part != nil {
		return c.keyOfPart(x, m)
	}
	return c.plainKey(x, m)
}

// plainKey checks the key, or the keys, within a partition or of a model that has none.
func (c *checker) plainKey(x lang.Expr, m *ir.Model) (ir.Expr, bool) {
	t := lang.TypeUnknown
	if m.Key != nil {
		t = m.Key.Type
	}
	list, ok := x.(*lang.List)
	if !ok {
		if o, ok := x.(*lang.Object); ok {
			c.Errorf(lang.CodeNotAllowed, o.Sp, "a key of %s is one value; an object names a document of a model with PARTITION BY", m.Name)
			return c.Unknown(o.Sp), false
		}
		k := c.ListExpr(x, t)
		if k.Type().Kind == lang.KList {
			return c.Coerce(k, lang.ListOf(t)), true
		}
		return c.oneKey(k, t), false
	}
	out := &ir.List{Base: c.Base(lang.ListOf(t), x.Span()), Items: make([]ir.Expr, len(list.Items))}
	for i, it := range list.Items {
		out.Items[i] = c.oneKey(c.Expr(it), t)
	}
	return out, true
}

func (c *checker) oneKey(k ir.Expr, t lang.Type) ir.Expr {
	if kt := k.Type(); kt.Kind == lang.KRef && t.Kind != lang.KUnknown {
		if m := c.Scope.Model; m != nil && kt.Model != m.Name {
			c.Errorf(lang.CodeTypeMismatch, k.Span(), "a key of %s is required here, but this is a ref to %s", m.Name, kt.Model)
			return k
		}
	}
	k = c.Coerce(k, t)
	c.NotNull(k, "a key")
	return k
}

// count checks COUNT.
func (c *checker) count(s *lang.CountStmt) ir.Stmt {
	m := c.Model(s.Model)
	if m == nil {
		return nil
	}
	n := &ir.Count{Model: m}
	prev := c.Begin(&n.Head, s.Sp)
	defer c.End(prev)
	at := c.on(m, s.Sp)
	if s.Where != nil {
		n.Where = c.where(s.Where, m, s.Sp)
	}
	c.placed(at, true)
	return n
}

// where checks a condition over the rows of m.
func (c *checker) where(x lang.Expr, m *ir.Model, sp lang.Span) ir.Expr {
	sc := c.RowScope(m, sp)
	sc.Outer = c.Scope
	outer := c.Enter(sc)
	defer c.Enter(outer)
	return c.wherePart(c.filter(x), m)
}

// filter checks the condition of a WHERE; nil if there is none, or if all of it is left out.
func (c *checker) filter(x lang.Expr) ir.Expr {
	if x == nil {
		return nil
	}
	c.Scope.In("WHERE", true)
	if x = c.Present(x); x == nil {
		return nil
	}
	return c.away(c.Cond(x))
}

// exists checks EXISTS.
func (c *checker) exists(s *lang.ExistsStmt) ir.Stmt {
	m := c.Model(s.Model)
	if m == nil {
		return nil
	}
	e := &ir.Exists{Model: m}
	prev := c.Begin(&e.Head, s.Sp)
	defer c.End(prev)
	at := c.on(m, s.Sp)
	if s.Where != nil {
		e.Where = c.where(s.Where, m, s.Sp)
	}
	if s.Key != nil {
		outer := c.Enter(&expr.Scope{Model: m, Doc: m, Hidden: true, Outer: c.Scope})
		var many bool
		if e.Key, many = c.key(s.Key, m); many {
			c.Errorf(lang.CodeTypeMismatch, s.Key.Span(), "EXISTS takes one key, but this is a list").
				WithHint("compare (COUNT %s WHERE %s IN …) with a number", m.Name, m.Key.Name)
		}
		c.Enter(outer)
	}
	c.placed(at, s.Key == nil)
	return e
}

// rows checks a statement that reads: FIND, GET, COUNT or EXISTS.
func (c *checker) rows(s lang.Stmt) ir.Stmt {
	switch s := s.(type) {
	case *lang.FindStmt:
		return c.find(s)
	case *lang.GetStmt:
		return c.get(s)
	case *lang.CountStmt:
		return c.count(s)
	case *lang.ExistsStmt:
		return c.exists(s)
	}
	return nil
}

// Subquery checks a query in an expression. It runs once, before the statement, and does not see the statement's row. With values
// set, a FIND of one item gives the list of that item.
func (c *checker) Subquery(x *lang.Subquery, values bool) ir.Expr {
	wasPinned := c.Pinned
	c.Pinned = c.Frame != nil
	q := c.rows(x.Query)
	c.Pinned = wasPinned
	if q == nil {
		return c.Unknown(x.Sp)
	}
	switch q := q.(type) { // its rows are not returned
	case *ir.Get:
		q.Refreshes = nil
	case *ir.Find:
		q.Refreshes = nil
	}
	t, _ := c.valueOf(q)
	l := &ir.Let{Stmt: q, Head: ir.Head{Sp: x.Sp, Ord: c.Ord, Uses: q.Info().Uses}}
	if values {
		if elem, ok := types.OneColumn(t); ok {
			l.Pluck, t = true, lang.ListOf(elem)
		}
	}
	l.Var = c.Variable("", t, c.atomic == nil)
	c.Head.Pre = append(c.Head.Pre, l)
	return &ir.Var{Base: c.Base(t, x.Sp), V: l.Var}
}
