package expr

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// named returns the index of the key with an AS name, or -1.
func (g *Grouping) named(name string) int {
	if g == nil {
		return -1
	}
	for i, k := range g.Keys {
		if k.As.Name == name {
			return i
		}
	}
	return -1
}

// named returns the index of the returned column that a bare name in ORDER BY means, or -1.
func (o *Outputs) named(name string) int {
	for i := range o.Items {
		if o.Items[i].Name == name && (o.Only || o.As[i]) {
			return i
		}
	}
	return -1
}

// written returns the index of the returned column that is written like x, or -1.
func (o *Outputs) written(x lang.Expr) int {
	path := PathText(x)
	for i, it := range o.Items {
		if o.Source[i] != nil && same(o.Source[i], x) || o.Source[i] == nil && path != "" && it.Name == path {
			return i
		}
	}
	return -1
}

// PathText returns the dotted text of a path, or "".
func PathText(x lang.Expr) string {
	switch x := x.(type) {
	case *lang.Name:
		return x.Name
	case *lang.Member:
		if p := PathText(x.X); p != "" {
			return p + "." + x.Name
		}
	}
	return ""
}

// GroupKey returns key i of GROUP BY.
func (c *Checker) GroupKey(i int, sp lang.Span) ir.Expr {
	return &ir.GroupKey{Base: c.Base(c.Scope.Group.Find.Group[i].X.Type(), sp), I: i}
}

// output returns a returned value. A plain field is read directly, so that an index can provide the order.
func (c *Checker) output(i int, sp lang.Span) ir.Expr {
	o := c.Scope.Out
	x := o.Items[i].X
	if !o.Only && ir.LeafPath(x) != "" {
		return x
	}
	return &ir.Output{Base: c.Base(x.Type(), sp), I: i}
}

// aggregateType returns the type of an aggregate over values of type t, and the type to which it converts them.
func (c *Checker) aggregateType(fn string, t lang.Type, sp lang.Span) (result, arg lang.Type) {
	arg = types.KeyType(t)
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
		if types.Ordered(arg) {
			return arg.OrNull(), arg
		}
	}
	d := c.Errorf(lang.CodeTypeMismatch, sp, "%s() does not accept %s", fn, types.Describe(t))
	switch {
	case t.Kind == lang.KJSON:
		d.WithHint("convert the json: int(x) or float(x)")
	case arg.Kind == lang.KInt64:
		d.WithHint("int64 has no arithmetic; convert with int(x)")
	case t.Kind == lang.KBool && fn == "sum":
		d.WithHint("count(when(c, 1, null)) counts the rows where c is true")
	}
	return lang.TypeUnknown, lang.TypeUnknown
}

// Add adds a returned column. as says that AS named it.
func (o *Outputs) Add(it ir.Item, src lang.Expr, as bool) {
	o.Items, o.Source, o.As = append(o.Items, it), append(o.Source, src), append(o.As, as)
}

// computed returns the value of an expression that GROUP BY or RETURN has already computed, or nil.
func (c *Checker) computed(x lang.Expr) ir.Expr {
	if g := c.Scope.Group; g != nil && !g.inside {
		for i, k := range g.Keys {
			if same(k.X, x) {
				return c.GroupKey(i, x.Span())
			}
		}
	}
	if o := c.Scope.Out; o != nil && o.Only {
		if i := o.written(x); i >= 0 {
			return c.output(i, x.Span())
		}
	}
	return nil
}
