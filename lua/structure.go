package lua

import (
	"slices"
	"strconv"
	"strings"

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

func tableOf(parts []*tree.Node) *tree.Node {
	t := tree.Table(parts...)
	t.Kids = append([]*tree.Node{tree.Item(tree.Str("n"), tree.Int(len(parts)))}, t.Kids...)
	return t
}

// member is an item of a table by its name.
func member(name string, value any) *tree.Node { return tree.Item(tree.Str(name), tree.Arg(value)) }

// objectOf is a table of items.
func objectOf(items []*tree.Node) *tree.Node { return &tree.Node{Op: tree.OpTable, Kids: items} }

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
	if s, ok := g.sc.(*scope); ok { // what stands behind the element is written by the scope: the document of a ref, a collection of that
		defer s.within(tree.Name(g.elem))()
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

// within guards an embedded value by the nearest optional one around it; its
// own presence is asked by compose.
func within(m *ir.Model, prefix string, row, value *tree.Node) *tree.Node {
	for {
		i := strings.LastIndexByte(prefix, '.')
		if i < 0 {
			return value
		}
		prefix = prefix[:i]
		if c := m.Column(prefix); c != nil && c.Presence {
			return ex("%s and %s or nil", cell(row, c), value)
		}
	}
}

// compose is the table of an embedded value; row is a Lua name that is not nil.
func compose(find func(string) *ir.Column, of *ir.Field, prefix string, row *tree.Node) *tree.Node {
	var parts []*tree.Node
	for _, f := range of.Emb.Fields {
		path := prefix + "." + f.Name
		v := tree.Nil()
		if f.Emb != nil && f.Type.Kind == lang.KEmbedded {
			v = compose(find, f, path, row)
		} else if c := find(path); c != nil {
			v = cell(row, c)
		}
		parts = append(parts, member(f.Name, v))
	}
	s := objectOf(parts)
	if c := find(prefix); c != nil && c.Presence {
		return ex("%s and %s or nil", cell(row, c), s)
	}
	return s
}

// place is where the value of a column stands in the table of a document.
func place(c *ir.Column) int { return c.Slot + 1 }

// cell is the value of a column of the document in row.
func cell(row any, c *ir.Column) *tree.Node { return tree.At(tree.Arg(row), tree.Int(place(c))) }

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

// shape gives the Lua table that tells the pieces for JSON how a type is built:
//
//	k  i int and duration, t datetime, f float, b bool, s string, y bytes, L int64, j json,
//	   l list, m map, o object, r document
//	e  shape of the elements of a list or map
//	v  set of the values of an enum
//	g  what makes a geo of a string; of a vector (k v) n, json, list and of do the like
//	f  members of an object in byte order: name, shape, and true where null is allowed
//	keep  as json, null members stay
//	c  of a document: function from document to object; d: from object to document
func (p *Pieces) shape(t lang.Type) *tree.Node {
	if t = keyed(t); t.Single() {
		return kindCodes[t.Kind].shape(t, p)
	}
	switch t.Kind {
	case lang.KList, lang.KMap:
		return p.table(ex("{k=%s,e=%s,null=%s}", tree.Str(map[lang.Kind]string{lang.KList: "l", lang.KMap: "m"}[t.Kind]), p.shape(*t.Elem), t.Elem.Null))
	case lang.KRecord:
		return p.table(ex("{k='o',keep=true,f=%s}", p.columns(t.Cols)))
	case lang.KEmbedded:
		if len(t.Cols) > 0 {
			return p.table(ex("{k='o',f=%s}", p.columns(t.Cols)))
		}
		return p.modelShape(t.Model, false)
	case lang.KRow:
		return p.modelShape(t.Model, true)
	}
	return p.table(ex("{k='j'}"))
}

// columns writes the members of an object in byte order.
func (p *Pieces) columns(cols []lang.Col) *tree.Node {
	cols = slices.Clone(cols)
	slices.SortFunc(cols, func(a, b lang.Col) int { return strings.Compare(a.Name, b.Name) })
	parts := make([]*tree.Node, len(cols))
	for i, c := range cols {
		parts[i] = ex("{%s,%s,%s}", tree.Str(c.Name), p.shape(c.Type), c.Type.Null)
	}
	return tree.Table(parts...)
}

// modelShape is the shape of an embedded value or of a document. A model may
// hold lists of itself, so its table exists before its members are known.
func (p *Pieces) modelShape(model string, row bool) *tree.Node {
	id := "embedded " + model
	if row {
		id = "document " + model
	}
	if n, ok := p.types[id]; ok {
		return tree.Name(n)
	}
	m := p.schema.Model(model)
	if m == nil {
		return p.table(ex("{k='j'}"))
	}
	name := p.fresh("T")
	p.types[id] = name
	p.define(name, ex("{k=%s}", tree.Str(map[bool]string{false: "o", true: "r"}[row])))
	stored := m.Stored()
	cols := make([]lang.Col, len(stored))
	for i, f := range stored {
		cols[i] = lang.Col{Name: f.Name, Type: f.Type}
	}
	fields := p.columns(cols)
	p.tables = append(p.tables, st("%s.f=%s", name, fields))
	if row {
		p.tables = append(p.tables,
			st("%s.c=function(r) return %s end", name, composeRow(m)),
			st("%s.d=function(o) local r={} %s r.id=r[%d] return r end", name, spread(m), place(m.KeyColumn())))
	}
	return tree.Name(name)
}

// composeRow is the object of a whole document.
func composeRow(m *ir.Model) *tree.Node {
	parts := make([]*tree.Node, 0, len(m.Fields))
	for _, f := range m.Stored() {
		v, r := tree.Nil(), tree.Name("r")
		if f.Emb != nil && f.Type.Kind == lang.KEmbedded {
			v = compose(m.Column, f, f.Name, r)
		} else if c := m.Column(f.Name); c != nil {
			v = cell(r, c)
		}
		parts = append(parts, member(f.Name, v))
	}
	return objectOf(parts)
}

// spread writes the statements that set the columns of r to the members of
// the object o of a whole document.
func spread(m *ir.Model) *tree.Node {
	b, r := tree.Block(), tree.Name("r")
	for _, f := range m.Stored() {
		v := tree.Field(tree.Name("o"), f.Name)
		if f.Emb != nil && f.Type.Kind == lang.KEmbedded {
			b.Add(spreadEmbedded(m.Column, f, f.Name, v, r, 0))
		} else if c := m.Column(f.Name); c != nil {
			b.Add(st("%s=%s", cell(r, c), v))
		}
	}
	return b
}

// spreadEmbedded writes the statements that set all columns below prefix to
// the members of the embedded value v, or to null when it is null.
func spreadEmbedded(find func(string) *ir.Column, of *ir.Field, prefix string, v, row *tree.Node, depth int) *tree.Node {
	e := "v" + strconv.Itoa(depth)
	var b tree.Writer
	b.W("do local %s=%s", e, v)
	if c := find(prefix); c != nil && c.Presence {
		b.W("if %[1]s then %[2]s=true else %[2]s=nil %[1]s={} end", e, cell(row, c))
	} else {
		b.W("%[1]s=%[1]s or {}", e)
	}
	for _, f := range of.Emb.Fields {
		path, inside := prefix+"."+f.Name, tree.Field(tree.Name(e), f.Name)
		if f.Emb != nil && f.Type.Kind == lang.KEmbedded {
			b.Add(spreadEmbedded(find, f, path, inside, row, depth+1))
		} else if c := find(path); c != nil {
			b.W("%s=%s", cell(row, c), inside)
		}
	}
	b.W("end")
	return b.Block()
}
