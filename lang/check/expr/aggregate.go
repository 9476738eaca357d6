package expr

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// aggregate checks an aggregate: over a list, or over the rows of a group.
func (c *Checker) aggregate(f *lang.Function, x *lang.Call) ir.Expr {
	fn, most := f.Name, f.Max
	if f.Kind == lang.ScalarOrAggregate {
		most = 1
	}
	if len(x.Args) < f.Min || len(x.Args) > most {
		c.Errorf(lang.CodeWrongArguments, x.Sp, "%s takes %s, not %d", fn, types.Arguments(f.Min, most), len(x.Args))
		return c.Unknown(x.Sp)
	}
	if x.Distinct && fn != "count" {
		c.Errorf(lang.CodeNotAllowed, x.Sp, "DISTINCT is allowed only in count(DISTINCT x)").WithHint("RETURN DISTINCT gives each row once")
	}
	if len(x.Args) > 0 && c.isList(x.Args[0]) {
		return c.listAggregate(fn, x)
	}
	return c.rowAggregate(fn, x)
}

// isList reports whether an argument is a list. It reports no errors.
func (c *Checker) isList(x lang.Expr) bool {
	if c.backlink(x) != nil {
		return true
	}
	switch x := x.(type) {
	case *lang.List, *lang.Subquery:
		return true
	case *lang.Name:
		if c.Scope.Model != nil && !c.Scope.Hidden {
			if f := c.Scope.Model.Lookup(x.Name); f != nil {
				return f.Type.Kind == lang.KList || f.Collection()
			}
		}
	}
	list, known := c.lists[x]
	if known { // check each argument once, or nested calls would be checked again and again
		return list
	}
	c.inside(func() {
		c.Quietly(func() { list = c.Expr(x).Type().Kind == lang.KList })
	})
	if c.lists == nil {
		c.lists = map[lang.Expr]bool{}
	}
	c.lists[x] = list
	return list
}

// inside runs f with the rows of a group visible.
func (c *Checker) inside(f func()) {
	g := c.Scope.Group
	if g == nil {
		f()
		return
	}
	was := g.inside
	g.inside = true
	f()
	g.inside = was
}

// listAggregate checks an aggregate over a list, which may be a value of each row.
func (c *Checker) listAggregate(fn string, x *lang.Call) ir.Expr {
	a := c.ListExpr(x.Args[0], lang.TypeUnknown)
	if fn == "percentile" || x.Distinct {
		c.Errorf(lang.CodeNotAllowed, x.Sp, "%s applies to the rows of a group, not to a list", c.Source.Slice(x.NameSp)+distinctText(x)).
			WithHint("use it in RETURN of a FIND")
		return c.Unknown(x.Sp)
	}
	elem := lang.TypeUnknown
	if e := a.Type().Elem; e != nil {
		elem = *e
	}
	if of := Items(a); of != nil && fn == "count" {
		return c.size(of, x.Sp)
	}
	t, elem := c.aggregateType(fn, elem, a.Span())
	if fn != "collect" && fn != "count" && elem.Kind != lang.KUnknown {
		a = c.Coerce(a, lang.ListOf(elem))
	}
	t.Null = t.Null || a.Type().Null
	return c.callOf(fn, t, []ir.Expr{a}, x.Sp)
}

func distinctText(x *lang.Call) string {
	if x.Distinct {
		return "(DISTINCT …)"
	}
	return "()"
}

// rowAggregate checks an aggregate over the rows of a group.
func (c *Checker) rowAggregate(fn string, x *lang.Call) ir.Expr {
	g := c.Scope.Group
	switch {
	case g != nil && g.inside:
		c.Errorf(lang.CodeMisplacedAggregate, x.Sp, "aggregates cannot be nested")
		return c.Unknown(x.Sp)
	case c.Scope.Out != nil && c.Scope.Out.Only:
		c.Errorf(lang.CodeNotReturned, x.Sp, "after %s, ORDER BY can use only what is returned", c.Scope.Out.Why).
			WithHint("return it under a name and order by that name")
		return c.Unknown(x.Sp)
	case g == nil || !c.Scope.Aggs:
		c.misplacedAggregate(fn, x)
		return c.Unknown(x.Sp)
	}
	for i, call := range g.calls {
		if same(call, x) {
			return &ir.AggRef{Base: c.Base(g.Find.Aggs[i].T, x.Sp), I: i}
		}
	}
	a := ir.Agg{Fn: fn, Distinct: x.Distinct, T: lang.TypeInt, Sp: x.Sp}
	if len(x.Args) > 0 {
		c.inside(func() { a.X = c.Expr(x.Args[0]) })
		var elem lang.Type
		a.T, elem = c.aggregateType(fn, a.X.Type(), a.X.Span())
		if fn != "count" && fn != "collect" {
			a.X = c.Coerce(a.X, types.NullIf(elem, a.X.Type().Null))
		}
	}
	if fn == "percentile" {
		a.P = c.percent(x.Args[1])
	}
	g.calls = append(g.calls, x)
	g.Find.Aggs = append(g.Find.Aggs, a)
	return &ir.AggRef{Base: c.Base(a.T, x.Sp), I: len(g.Find.Aggs) - 1}
}

// percent checks the second argument of percentile: a number known before the statement runs.
func (c *Checker) percent(x lang.Expr) ir.Expr {
	clause, hidden := c.Scope.Clause, c.Scope.Hidden
	c.Scope.In("the rank of percentile()", false)
	p := c.MustBe(x, lang.TypeFloat, "the rank of percentile()")
	c.Scope.Clause, c.Scope.Hidden = clause, hidden
	if !ir.Closed(p) {
		c.Errorf(lang.CodeNotAllowed, p.Span(), "the rank of percentile() must be known before the statement runs")
	}
	return p
}

func (c *Checker) misplacedAggregate(fn string, x *lang.Call) {
	where := "here"
	if c.Scope.Clause != "" {
		where = "in " + c.Scope.Clause
	}
	d := c.Errorf(lang.CodeMisplacedAggregate, x.Sp, "%s() applies to the rows of a group, and there is no group %s", fn, where)
	switch {
	case c.Scope.Clause == "WHERE":
		d.WithHint("conditions on groups go in HAVING")
	case strings.HasPrefix(c.Scope.Clause, "ORDER"):
		d.WithHint("return it under a name and order by that name")
	case c.Scope.Model == nil:
		d.WithHint("apply it to a query, as in (COUNT User), or %s to a list", fn)
	}
}

// aggregates reports whether a call is an aggregate, over rows or over a list.
func aggregates(x *lang.Call) bool {
	f := lang.FindFunction(strings.ToLower(x.Name))
	return f != nil && f.IsAggregate(len(x.Args))
}

// HasAggregate reports whether an expression contains an aggregate over rows.
func (c *Checker) HasAggregate(x lang.Expr) bool {
	found := false
	lang.Walk(x, func(n lang.Node) bool {
		switch n := n.(type) {
		case *lang.Subquery:
			return false
		case *lang.Call:
			if aggregates(n) && (len(n.Args) == 0 || !c.isList(n.Args[0])) {
				found = true
			}
		}
		return !found
	})
	return found
}
