package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// list writes a list literal; of a json it is a json array.
func (g *gen) list(x *ir.List) *tree.Node {
	if x.T.Kind == lang.KJSON {
		parts := make([]*tree.Node, len(x.Items))
		for i, it := range x.Items {
			parts[i] = g.jsonItem(it)
		}
		return tableOf(parts)
	}
	return g.items(x.Items)
}

// items writes the list of some values, which may be null.
func (g *gen) items(xs []ir.Expr) *tree.Node {
	parts := make([]*tree.Node, len(xs))
	for i, x := range xs {
		parts[i] = g.expr(x)
	}
	return tableOf(parts)
}

// jsonItem writes a value inside a json array or object, where null is a value of its own.
func (g *gen) jsonItem(x ir.Expr) *tree.Node {
	s := g.convert(g.expr(x), x.Type(), lang.TypeJSON)
	if g.mayBeNil(x) {
		return g.p.call("j_item", s)
	}
	return s
}

// object writes an object literal as the kind of its type.
func (g *gen) object(x *ir.Object) *tree.Node {
	parts := make([]*tree.Node, 0, len(x.Items))
	for i, it := range x.Items {
		var v *tree.Node
		switch {
		case x.T.Kind == lang.KJSON:
			v = g.jsonItem(it)
		case x.T.Kind == lang.KMap && g.mayBeNil(it):
			v = g.p.call("j_item", g.expr(it))
		default:
			v = g.expr(it)
		}
		parts = append(parts, member(x.Names[i], v))
	}
	s := objectOf(parts)
	if x.T.Kind == lang.KJSON {
		return ex("{o=%s}", s)
	}
	return s
}

// pluck writes the list of Body for each element.
func (g *gen) pluck(x *ir.Pluck) *tree.Node {
	list, outer := g.expr(x.X), g.elem
	g.elem = g.p.fresh("e")
	if s, ok := g.sc.(ElemScope); ok { // what stands behind the element is written by the scope: the document of a ref, a collection of that
		defer s.Within(tree.Name(g.elem))()
	}
	body := g.root(x.Body, g.expr)
	s := g.p.call("l_map", list, ex("function(%s) return %s end", g.elem, body))
	g.elem = outer
	return s
}

// embedded composes an embedded value of a document from its columns.
func (g *gen) embedded(x *ir.Emb) *tree.Node {
	row := g.expr(x.X)
	m := g.p.schema.Model(x.X.Type().Model)
	if m == nil || x.Of.Emb == nil {
		return g.fail("no model for %s", x.Prefix)
	}
	if row.IsName() && !g.mayBeNil(x.X) {
		return within(m, x.Prefix, row, compose(m.Column, x.Of, x.Prefix, row))
	}
	r := tree.Name("r")
	return ex("(function(r) if r then return %s end end)(%s)", within(m, x.Prefix, r, compose(m.Column, x.Of, x.Prefix, r)), row)
}

// convert writes what Convert does to a value of type from.
func (g *gen) convert(s *tree.Node, from, to lang.Type) *tree.Node {
	switch {
	case to.Kind == lang.KVector && from.Kind == lang.KList:
		return g.p.call("v_cast", s, to.N, to.Cosine())
	case to.Kind == lang.KJSON && from.Kind != lang.KJSON && from.Kind != lang.KNull:
		if plainJSON(from) {
			return s
		}
		return g.p.call("j_of", s, g.p.shape(from))
	case to.Kind == lang.KList && from.Kind == lang.KList && changes(*from.Elem, *to.Elem):
		e := g.p.fresh("e")
		return g.p.call("l_map", s, ex("function(%s) return %s end", e, g.convert(tree.Name(e), *from.Elem, *to.Elem)))
	case to.Kind == lang.KMap && from.Kind == lang.KMap && changes(*from.Elem, *to.Elem):
		e := g.p.fresh("e")
		return g.p.call("m_map", s, ex("function(%s) return %s end", e, g.convert(tree.Name(e), *from.Elem, *to.Elem)))
	case (to.Kind == lang.KMap || to.Kind == lang.KEmbedded || to.Kind == lang.KRecord) && from.Kind == lang.KRecord:
		return g.members(s, from, to)
	case to.Scalar().Kind == lang.KInt64 && from.Scalar().Kind == lang.KInt:
		return g.p.call("L_of", s)
	}
	return s
}

// members converts the members of an object one by one, where one of them changes.
func (g *gen) members(s *tree.Node, from, to lang.Type) *tree.Node {
	e := g.p.fresh("e")
	parts, some := make([]*tree.Node, len(from.Cols)), false
	for i, c := range from.Cols {
		t := to.Member(c.Name)
		some = some || changes(c.Type, t) || to.Kind == lang.KMap && c.Type.Null
		v := g.convert(tree.Field(tree.Name(e), c.Name), c.Type, t)
		if to.Kind == lang.KMap {
			v = g.p.call("j_item", v)
		}
		parts[i] = member(c.Name, v)
	}
	if !some {
		return s
	}
	return ex("(function(%[1]s) if %[1]s then return %[2]s end end)(%[3]s)", e, objectOf(parts), s)
}

// changes reports whether convert does anything to a value of type from.
func changes(from, to lang.Type) bool {
	switch to.Scalar().Kind {
	case lang.KJSON:
		return from.Kind != lang.KJSON && !plainJSON(from)
	case lang.KList, lang.KMap:
		if from.Kind == lang.KRecord {
			return true
		}
		return from.Elem != nil && to.Elem != nil && changes(*from.Elem, *to.Elem)
	case lang.KInt64:
		return from.Scalar().Kind == lang.KInt
	case lang.KEmbedded, lang.KRecord:
		return from.Kind == lang.KRecord
	}
	return false
}

// plainJSON reports the types whose values are the same as json.
func plainJSON(t lang.Type) bool {
	switch t.Scalar().Kind {
	case lang.KBool, lang.KInt, lang.KFloat, lang.KString, lang.KGeo, lang.KNull:
		return true
	}
	return false
}
