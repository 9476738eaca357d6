package check

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// find is FIND.
func (c *checker) find(s *lang.FindStmt) ir.Stmt {
	m := c.model(s.Model)
	if m == nil {
		return nil
	}
	f := &ir.Find{Model: m}
	prev := c.begin(&f.Head, s.Sp)
	defer c.end(prev)
	c.use(m)
	sc := c.rowScope(m, s.Sp)
	sc.outer = c.sc
	outer := c.enter(sc)
	defer c.enter(outer)
	f.Stale = s.Stale
	if s.Near != nil {
		f.Near = c.nearest(s.Near, m)
		sc.near = f.Near
	}
	if s.Where != nil {
		sc.in("WHERE", true)
		f.Where = c.cond(s.Where)
		sc.found = searches(f.Where, nil)
	}
	if s.GroupBy != nil || c.aggregates(s.Return) {
		c.group(f, s)
	}
	sc.in("RETURN", true)
	if s.Fetch != nil && f.Grouped {
		c.errorf(lang.CodeNotAllowed, s.Fetch[0].Span().To(s.Fetch[len(s.Fetch)-1].Span()), "FETCH does not go with %s", groupedBy(s))
	}
	out := &outputs{}
	f.Items, f.Whole = c.returns(s.Return, s.Fetch, f, out)
	sc.aggs = false
	f.Distinct = s.Return != nil && s.Return.Distinct
	c.findRest(f, s, out)
	return f
}

func groupedBy(s *lang.FindStmt) string {
	if s.GroupBy != nil {
		return "GROUP BY"
	}
	return "an aggregate"
}

// aggregates: RETURN holds an aggregate over rows.
func (c *checker) aggregates(r *lang.Returns) bool {
	if r == nil {
		return false
	}
	for _, it := range r.Items {
		if it.X != nil && mayAggregate(it.X) && c.hasAggregate(it.X) {
			return true
		}
	}
	return false
}

// mayAggregate rules out, cheaply, what holds no call.
func mayAggregate(x lang.Expr) bool {
	switch x := x.(type) {
	case *lang.Name, *lang.Literal, *lang.Param:
		return false
	case *lang.Member:
		return mayAggregate(x.X)
	}
	return true
}

// group is GROUP BY and HAVING.
func (c *checker) group(f *ir.Find, s *lang.FindStmt) {
	f.Grouped = true
	g := &grouping{find: f, keys: s.GroupBy}
	c.sc.in("GROUP BY", true)
	was := c.pinned
	c.pinned = true
	if len(s.GroupBy) > 0 && c.tooMany(len(s.GroupBy), lang.MaxTerms, s.GroupBy[0].Sp, "GROUP BY") {
		g.keys = s.GroupBy[:lang.MaxTerms]
	}
	for i, k := range g.keys {
		if k.Star || k.X == nil {
			c.errorf(lang.CodeNotAllowed, k.Sp, "GROUP BY takes expressions, not *")
			f.Group = append(f.Group, ir.Item{X: c.unknown(k.Sp)})
			continue
		}
		x := c.expr(k.X)
		if x.Type().Kind == lang.KRow {
			c.errorf(lang.CodeTypeMismatch, x.Span(), "GROUP BY does not take a document").WithHint("group by its key: key(x)")
		}
		it := ir.Item{Name: c.columnName(&s.GroupBy[i]), X: x, Text: c.src.Slice(k.X.Span())}
		for _, before := range f.Group {
			if before.Name == it.Name {
				c.errorf(lang.CodeDuplicateColumn, k.Sp, "GROUP BY has the key %s twice", it.Name)
			}
		}
		f.Group = append(f.Group, it)
	}
	c.pinned = was
	c.sc.group, c.sc.aggs = g, true
	if s.Having != nil {
		c.sc.in("HAVING", true)
		f.Having = c.cond(s.Having)
	}
}

// findRest is what follows RETURN.
func (c *checker) findRest(f *ir.Find, s *lang.FindStmt, out *outputs) {
	sc := c.sc
	switch {
	case f.Distinct:
		out.only, out.why = true, "DISTINCT"
	case f.Grouped:
		out.only, out.why = true, groupedBy(s)
	}
	if s.OrderBy != nil {
		sc.group, sc.out = nil, out
		f.Order = c.order(s.OrderBy)
		sc.out = nil
	}
	sc.group = nil
	f.Limit = c.amount(s.Limit, "LIMIT")
	f.Offset = c.amount(s.Offset, "OFFSET")
	if s.After == nil {
		return
	}
	sc.in("AFTER", false)
	f.After = c.coerce(c.expr(s.After), lang.TypeString.OrNull())
	if c.atomic != nil {
		c.errorf(lang.CodeNotAllowed, s.After.Span(), "AFTER goes on where another call of the client ended, which a block never does").WithHint("OFFSET, or a comparison in WHERE")
	}
	if s.Near != nil {
		c.errorf(lang.CodeNotAllowed, s.After.Span(), "AFTER does not go with NEAREST").WithHint("OFFSET does")
	}
	if out.only {
		c.errorf(lang.CodeNotAllowed, s.After.Span(), "AFTER does not go with %s", out.why).WithHint("OFFSET does")
	}
}

func (c *checker) order(terms []lang.Order) []ir.Order {
	c.sc.in("ORDER BY", true)
	if len(terms) > 0 && c.tooMany(len(terms), lang.MaxTerms, terms[0].X.Span(), "ORDER BY") {
		return nil
	}
	out := make([]ir.Order, len(terms))
	for i, t := range terms {
		x := c.expr(t.X)
		if !sortable(x.Type()) {
			d := c.errorf(lang.CodeTypeMismatch, x.Span(), "%s has no order", describe(x.Type()))
			if x.Type().Kind == lang.KJSON {
				d.WithHint("say what it is: int(x), float(x) or string(x)")
			}
		}
		out[i] = ir.Order{X: x, Desc: t.Desc}
	}
	return out
}

// amount is the number of LIMIT, OFFSET or TIMES; nil when it is not written.
func (c *checker) amount(x lang.Expr, clause string) ir.Expr {
	if x == nil {
		return nil
	}
	c.sc.in(clause, false)
	return c.mustBe(x, lang.TypeInt, clause)
}

// get is GET.
func (c *checker) get(s *lang.GetStmt) ir.Stmt {
	m := c.model(s.Model)
	if m == nil {
		return nil
	}
	g := &ir.Get{Model: m, Skip: s.SkipMissing}
	prev := c.begin(&g.Head, s.Sp)
	defer c.end(prev)
	c.use(m)
	sc := c.rowScope(m, s.Sp)
	sc.outer = c.sc
	outer := c.enter(sc)
	defer c.enter(outer)
	g.Key, g.Many = c.key(s.Key, m)
	sc.in("RETURN", true)
	c.noDistinct(s.Return, "GET")
	g.Items, g.Whole = c.returns(s.Return, s.Fetch, nil, nil)
	return g
}

func (c *checker) noDistinct(r *lang.Returns, what string) {
	if r != nil && r.Distinct {
		c.errorf(lang.CodeNotAllowed, r.Sp, "RETURN DISTINCT stands only in FIND, not in %s", what)
	}
}

// key is the key, or the keys, of documents of m.
func (c *checker) key(x lang.Expr, m *ir.Model) (ir.Expr, bool) {
	c.sc.in("a key", false)
	t := lang.TypeUnknown
	if m.Key != nil {
		t = m.Key.Type
	}
	list, ok := x.(*lang.List)
	if !ok {
		if o, ok := x.(*lang.Object); ok {
			c.errorf(lang.CodeNotAllowed, o.Sp, "a key is one value; an object is kept for models with PARTITION BY")
			return c.unknown(o.Sp), false
		}
		k := c.listExpr(x, t)
		if k.Type().Kind == lang.KList {
			return c.coerce(k, lang.ListOf(t)), true
		}
		return c.oneKey(k, t), false
	}
	out := &ir.List{Base: c.base(lang.ListOf(t), x.Span()), Items: make([]ir.Expr, len(list.Items))}
	for i, it := range list.Items {
		out.Items[i] = c.oneKey(c.expr(it), t)
	}
	return out, true
}

func (c *checker) oneKey(k ir.Expr, t lang.Type) ir.Expr {
	if kt := k.Type(); kt.Kind == lang.KRef && t.Kind != lang.KUnknown {
		if m := c.sc.model; m != nil && kt.Model != m.Name {
			c.errorf(lang.CodeTypeMismatch, k.Span(), "a key of %s is needed here, and this is a ref to %s", m.Name, kt.Model)
			return k
		}
	}
	k = c.coerce(k, t)
	c.notNull(k, "a key")
	return k
}

// count is COUNT.
func (c *checker) count(s *lang.CountStmt) ir.Stmt {
	m := c.model(s.Model)
	if m == nil {
		return nil
	}
	n := &ir.Count{Model: m}
	prev := c.begin(&n.Head, s.Sp)
	defer c.end(prev)
	c.use(m)
	if s.Where != nil {
		n.Where = c.where(s.Where, m, s.Sp)
	}
	return n
}

// where is a condition over the rows of m.
func (c *checker) where(x lang.Expr, m *ir.Model, sp lang.Span) ir.Expr {
	sc := c.rowScope(m, sp)
	sc.outer = c.sc
	outer := c.enter(sc)
	defer c.enter(outer)
	sc.in("WHERE", true)
	return c.cond(x)
}

// exists is EXISTS.
func (c *checker) exists(s *lang.ExistsStmt) ir.Stmt {
	m := c.model(s.Model)
	if m == nil {
		return nil
	}
	e := &ir.Exists{Model: m}
	prev := c.begin(&e.Head, s.Sp)
	defer c.end(prev)
	c.use(m)
	if s.Where != nil {
		e.Where = c.where(s.Where, m, s.Sp)
	}
	if s.Key != nil {
		outer := c.enter(&scope{model: m, doc: m, hidden: true, outer: c.sc})
		var many bool
		if e.Key, many = c.key(s.Key, m); many {
			c.errorf(lang.CodeTypeMismatch, s.Key.Span(), "EXISTS asks for one key, and this is a list").
				WithHint("compare (COUNT %s WHERE %s IN …) with a number", m.Name, m.Key.Name)
		}
		c.enter(outer)
	}
	return e
}

// query is a statement that gives values: FIND, GET, COUNT or EXISTS.
func (c *checker) query(s lang.Stmt) ir.Stmt {
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

// subquery is a query in an expression: it runs once, before the statement,
// and sees nothing of its row. With values set, a FIND of one item gives the
// list of that item.
func (c *checker) subquery(x *lang.Subquery, values bool) ir.Expr {
	if c.sc.rule != "" {
		c.errorf(lang.CodeNotAllowed, x.Sp, "%s sees its own document only, so no query can stand in it", c.sc.rule)
		return c.unknown(x.Sp)
	}
	wasPinned := c.pinned
	c.pinned = c.frame != nil
	q := c.query(x.Query)
	c.pinned = wasPinned
	if q == nil {
		return c.unknown(x.Sp)
	}
	t, _ := c.valueOf(q)
	l := &ir.Let{Stmt: q, Head: ir.Head{Sp: x.Sp, Ord: c.ord, Uses: q.Info().Uses}}
	if values {
		if elem, ok := oneColumn(t); ok {
			l.Pluck, t = true, lang.ListOf(elem)
		}
	}
	l.Var = c.variable("", t, c.atomic == nil)
	c.head.Pre = append(c.head.Pre, l)
	return &ir.Var{Base: c.base(t, x.Sp), V: l.Var}
}

// oneColumn: a list of rows with one column, and that column's type.
func oneColumn(t lang.Type) (lang.Type, bool) {
	if t.Kind == lang.KList && t.Elem != nil && t.Elem.Kind == lang.KRecord && len(t.Elem.Cols) == 1 {
		return t.Elem.Cols[0].Type, true
	}
	return t, false
}

// listExpr is an expression where a list of values is needed, to be compared with like.
func (c *checker) listExpr(x lang.Expr, like lang.Type) ir.Expr {
	if like.Kind == lang.KRecord || like.Kind == lang.KRow {
		return c.expr(x)
	}
	if q, ok := x.(*lang.Subquery); ok {
		return c.subquery(q, true)
	}
	return c.values(c.expr(x))
}

// values turns a list of rows with one column into the list of that column.
func (c *checker) values(x ir.Expr) ir.Expr {
	elem, ok := oneColumn(x.Type())
	if _, literal := x.(*ir.List); !ok || literal {
		return x
	}
	row := &ir.Elem{Base: ir.Base{T: *x.Type().Elem, Sp: x.Span()}}
	body := &ir.Member{Base: ir.Base{T: elem, Sp: x.Span()}, X: row, Name: row.T.Cols[0].Name}
	return &ir.Pluck{Base: ir.Base{T: nullIf(lang.ListOf(elem), x.Type().Null), Sp: x.Span()}, X: x, Body: body}
}
