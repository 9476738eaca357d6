package check

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// grouping is what a FIND knows after GROUP BY, or of the one group that
// aggregates without GROUP BY make: its keys and the aggregates used so far.
type grouping struct {
	find   *ir.Find
	keys   []lang.Item
	calls  []*lang.Call // of find.Aggs
	inside bool         // inside an aggregate: the fields of the rows are visible
}

// named finds a key by its AS name, or gives -1.
func (g *grouping) named(name string) int {
	if g == nil {
		return -1
	}
	for i, k := range g.keys {
		if k.As.Name == name {
			return i
		}
	}
	return -1
}

// outputs is what ORDER BY sees of RETURN.
type outputs struct {
	items []ir.Item
	src   []lang.Expr // as written; nil for an item made from *
	as    []bool      // the item was named by AS
	only  bool        // nothing else is visible
	why   string      // what made it so: GROUP BY, DISTINCT or an aggregate
}

// named finds what a bare name in ORDER BY means of the returned columns.
func (o *outputs) named(name string) int {
	for i := range o.items {
		if o.items[i].Name == name && (o.only || o.as[i]) {
			return i
		}
	}
	return -1
}

// written finds the returned column that is written like x.
func (o *outputs) written(x lang.Expr) int {
	path := pathText(x)
	for i, it := range o.items {
		if o.src[i] != nil && same(o.src[i], x) || o.src[i] == nil && path != "" && it.Name == path {
			return i
		}
	}
	return -1
}

// pathText is the dotted text of a path, or "".
func pathText(x lang.Expr) string {
	switch x := x.(type) {
	case *lang.Name:
		return x.Name
	case *lang.Member:
		if p := pathText(x.X); p != "" {
			return p + "." + x.Name
		}
	}
	return ""
}

// computed gives the value of an expression that GROUP BY or RETURN has
// computed already, or nil.
func (c *checker) computed(x lang.Expr) ir.Expr {
	if g := c.sc.group; g != nil && !g.inside {
		for i, k := range g.keys {
			if same(k.X, x) {
				return c.groupKey(i, x.Span())
			}
		}
	}
	if o := c.sc.out; o != nil && o.only {
		if i := o.written(x); i >= 0 {
			return c.output(i, x.Span())
		}
	}
	return nil
}

func (c *checker) groupKey(i int, sp lang.Span) ir.Expr {
	return &ir.GroupKey{Base: c.base(c.sc.group.find.Group[i].X.Type(), sp), I: i}
}

// output is a returned value; a plain field is read as itself, so that an index can give the order.
func (c *checker) output(i int, sp lang.Span) ir.Expr {
	o := c.sc.out
	x := o.items[i].X
	if !o.only && ir.LeafPath(x) != "" {
		return x
	}
	return &ir.Output{Base: c.base(x.Type(), sp), I: i}
}

// aggregate is an aggregate: of a list, or of the rows of a group.
func (c *checker) aggregate(f *lang.Function, x *lang.Call) ir.Expr {
	fn, most := f.Name, f.Max
	if f.Kind == lang.ScalarOrAggregate {
		most = 1
	}
	if len(x.Args) < f.Min || len(x.Args) > most {
		c.errorf(lang.CodeWrongArguments, x.Sp, "%s takes %s, not %d", fn, arguments(f.Min, most), len(x.Args))
		return c.unknown(x.Sp)
	}
	if x.Distinct && fn != "count" {
		c.errorf(lang.CodeNotAllowed, x.Sp, "DISTINCT stands only in count(DISTINCT x)").WithHint("RETURN DISTINCT gives each row once")
	}
	if len(x.Args) > 0 && c.isList(x.Args[0]) {
		return c.listAggregate(fn, x)
	}
	return c.rowAggregate(fn, x)
}

// isList finds out whether an argument is a list, without reporting anything.
func (c *checker) isList(x lang.Expr) bool {
	switch x := x.(type) {
	case *lang.List, *lang.Subquery:
		return true
	case *lang.Name:
		if c.sc.model != nil && !c.sc.hidden {
			if f := c.sc.model.Field(x.Name); f != nil {
				return f.Type.Kind == lang.KList || f.Collection()
			}
		}
	}
	list, known := c.lists[x]
	if known { // each argument is tried once, or nested calls would be tried again and again
		return list
	}
	c.inside(func() {
		c.quietly(func() { list = c.expr(x).Type().Kind == lang.KList })
	})
	if c.lists == nil {
		c.lists = map[lang.Expr]bool{}
	}
	c.lists[x] = list
	return list
}

// inside runs f where the rows of a group are visible.
func (c *checker) inside(f func()) {
	g := c.sc.group
	if g == nil {
		f()
		return
	}
	was := g.inside
	g.inside = true
	f()
	g.inside = was
}

// listAggregate works on one list, also of each row.
func (c *checker) listAggregate(fn string, x *lang.Call) ir.Expr {
	a := c.listExpr(x.Args[0], lang.TypeUnknown)
	if fn == "percentile" || x.Distinct {
		c.errorf(lang.CodeNotAllowed, x.Sp, "%s works on the rows of a group, not on a list", c.src.Slice(x.NameSp)+distinctText(x)).
			WithHint("use it in RETURN of a FIND")
		return c.unknown(x.Sp)
	}
	elem := lang.TypeUnknown
	if e := a.Type().Elem; e != nil {
		elem = *e
	}
	if of := items(a); of != nil && fn == "count" {
		return c.size(of, x.Sp)
	}
	t, elem := c.aggregateType(fn, elem, a.Span())
	if fn != "collect" && fn != "count" && elem.Kind != lang.KUnknown {
		a = c.coerce(a, lang.ListOf(elem))
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

// rowAggregate works on the rows of a group.
func (c *checker) rowAggregate(fn string, x *lang.Call) ir.Expr {
	g := c.sc.group
	switch {
	case g != nil && g.inside:
		c.errorf(lang.CodeMisplacedAggregate, x.Sp, "an aggregate cannot stand inside another one")
		return c.unknown(x.Sp)
	case c.sc.out != nil && c.sc.out.only:
		c.errorf(lang.CodeNotReturned, x.Sp, "after %s, ORDER BY sees only what is returned", c.sc.out.why).
			WithHint("return it under a name and order by that")
		return c.unknown(x.Sp)
	case g == nil || !c.sc.aggs:
		c.misplacedAggregate(fn, x)
		return c.unknown(x.Sp)
	}
	for i, call := range g.calls {
		if same(call, x) {
			return &ir.AggRef{Base: c.base(g.find.Aggs[i].T, x.Sp), I: i}
		}
	}
	a := ir.Agg{Fn: fn, Distinct: x.Distinct, T: lang.TypeInt, Sp: x.Sp}
	if len(x.Args) > 0 {
		c.inside(func() { a.X = c.expr(x.Args[0]) })
		var elem lang.Type
		a.T, elem = c.aggregateType(fn, a.X.Type(), a.X.Span())
		if fn != "count" && fn != "collect" {
			a.X = c.coerce(a.X, nullIf(elem, a.X.Type().Null))
		}
	}
	if fn == "percentile" {
		a.P = c.percent(x.Args[1])
	}
	g.calls = append(g.calls, x)
	g.find.Aggs = append(g.find.Aggs, a)
	return &ir.AggRef{Base: c.base(a.T, x.Sp), I: len(g.find.Aggs) - 1}
}

// percent is the second argument of percentile: a number known before the statement runs.
func (c *checker) percent(x lang.Expr) ir.Expr {
	clause, hidden := c.sc.clause, c.sc.hidden
	c.sc.in("the rank of percentile()", false)
	p := c.mustBe(x, lang.TypeFloat, "the rank of percentile()")
	c.sc.clause, c.sc.hidden = clause, hidden
	if !ir.Closed(p) {
		c.errorf(lang.CodeNotAllowed, p.Span(), "the rank of percentile() must be known before the statement runs")
	}
	return p
}

// aggregateType is the type of an aggregate over values of type t, and the type that it takes them as.
func (c *checker) aggregateType(fn string, t lang.Type, sp lang.Span) (result, arg lang.Type) {
	arg = keyType(t)
	if t.Kind == lang.KUnknown && fn != "count" && fn != "collect" {
		return lang.TypeUnknown, lang.TypeUnknown
	}
	switch fn {
	case "count":
		return lang.TypeInt, t
	case "collect":
		return lang.ListOf(t.NotNull()), t
	case "sum", "avg":
		switch k := arg.Kind.Info(); {
		case arg.Kind == lang.KNull:
			return lang.TypeInt.OrNull(), lang.TypeInt
		case fn == "sum" && k.Sum:
			return arg.NotNull(), arg
		case fn == "avg" && k.Mean != lang.KUnknown && k.Mean != arg.Kind:
			mean := lang.Type{Kind: k.Mean}
			return mean.OrNull(), mean
		case fn == "avg" && k.Mean != lang.KUnknown:
			return arg.OrNull(), arg
		}
	default:
		if ordered(arg) {
			return arg.OrNull(), arg
		}
	}
	d := c.errorf(lang.CodeTypeMismatch, sp, "%s() does not take %s", fn, describe(t))
	switch {
	case t.Kind == lang.KJSON:
		d.WithHint("say what the json is: int(x) or float(x)")
	case arg.Kind == lang.KInt64:
		d.WithHint("an int64 has no arithmetic: reckon with int(x)")
	case t.Kind == lang.KBool && fn == "sum":
		d.WithHint("count(when(c, 1, null)) counts the rows where c holds")
	}
	return lang.TypeUnknown, lang.TypeUnknown
}

func (c *checker) misplacedAggregate(fn string, x *lang.Call) {
	where := "here"
	if c.sc.clause != "" {
		where = "in " + c.sc.clause
	}
	d := c.errorf(lang.CodeMisplacedAggregate, x.Sp, "%s() works on the rows of a group, and %s there is none", fn, where)
	switch {
	case c.sc.clause == "WHERE":
		d.WithHint("conditions on groups stand after GROUP BY … HAVING")
	case strings.HasPrefix(c.sc.clause, "ORDER"):
		d.WithHint("return it under a name and order by that")
	case c.sc.model == nil:
		d.WithHint("write it over a query: (COUNT User), or %s of a list", fn)
	}
}

// aggregates reports a call of an aggregate, over rows or over a list.
func aggregates(x *lang.Call) bool {
	f := lang.FindFunction(strings.ToLower(x.Name))
	return f != nil && f.IsAggregate(len(x.Args))
}

// hasAggregate reports whether an expression holds an aggregate over rows.
func (c *checker) hasAggregate(x lang.Expr) bool {
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
