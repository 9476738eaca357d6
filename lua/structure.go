package lua

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// list writes a list literal; of a json it is a json array.
func (g *gen) list(x *ir.List) string {
	if x.T.Kind == lang.KJSON {
		parts := make([]string, len(x.Items))
		for i, it := range x.Items {
			parts[i] = g.jsonItem(it)
		}
		return tableOf(parts)
	}
	return g.items(x.Items)
}

// items writes the list of some values, which may be null.
func (g *gen) items(xs []ir.Expr) string {
	parts := make([]string, len(xs))
	for i, x := range xs {
		parts[i] = g.expr(x)
	}
	return tableOf(parts)
}

func tableOf(parts []string) string {
	return "{n=" + strconv.Itoa(len(parts)) + strings.Join(append([]string{""}, parts...), ", ") + "}"
}

// jsonItem writes a value inside a json array or object, where null is a value of its own.
func (g *gen) jsonItem(x ir.Expr) string {
	s := g.convert(g.expr(x), x.Type(), lang.TypeJSON)
	if g.mayBeNil(x) {
		return g.p.call("j_item", s)
	}
	return s
}

// object writes an object literal as the kind of its type.
func (g *gen) object(x *ir.Object) string {
	parts := make([]string, 0, len(x.Items))
	for i, it := range x.Items {
		v := ""
		switch {
		case x.T.Kind == lang.KJSON:
			v = g.jsonItem(it)
		case x.T.Kind == lang.KMap && g.mayBeNil(it):
			v = g.p.call("j_item", g.expr(it))
		default:
			v = g.expr(it)
		}
		parts = append(parts, "["+Quote(x.Names[i])+"]="+v)
	}
	s := "{" + strings.Join(parts, ", ") + "}"
	if x.T.Kind == lang.KJSON {
		return "{o=" + s + "}"
	}
	return s
}

// pluck writes the list of Body for each element.
func (g *gen) pluck(x *ir.Pluck) string {
	list, outer := g.expr(x.X), g.elem
	g.elem = g.p.fresh("e")
	body := g.root(x.Body, g.expr)
	s := g.p.call("l_map", list, "function("+g.elem+") return "+body+" end")
	g.elem = outer
	return s
}

// embedded composes an embedded value of a document from its columns.
func (g *gen) embedded(x *ir.Emb) string {
	row := g.expr(x.X)
	m := g.p.schema.Model(x.X.Type().Model)
	if m == nil || x.Of.Emb == nil {
		return g.fail("no model for %s", x.Prefix)
	}
	if isName(row) && !g.mayBeNil(x.X) {
		return within(m, x.Prefix, row, compose(m.Column, x.Of, x.Prefix, row))
	}
	return "(function(r) if r then return " + within(m, x.Prefix, "r", compose(m.Column, x.Of, x.Prefix, "r")) + " end end)(" + row + ")"
}

// within guards an embedded value by the nearest optional one around it; its
// own presence is asked by compose.
func within(m *ir.Model, prefix, row, value string) string {
	for {
		i := strings.LastIndexByte(prefix, '.')
		if i < 0 {
			return value
		}
		prefix = prefix[:i]
		if c := m.Column(prefix); c != nil && c.Presence {
			return "(" + row + slot(c) + " and " + value + " or nil)"
		}
	}
}

// compose is the table of an embedded value; row is a Lua name that is not nil.
func compose(find func(string) *ir.Column, of *ir.Field, prefix, row string) string {
	var parts []string
	for _, f := range of.Emb.Fields {
		path := prefix + "." + f.Name
		v := "nil"
		if f.Emb != nil && f.Type.Kind == lang.KEmbedded {
			v = compose(find, f, path, row)
		} else if c := find(path); c != nil {
			v = row + slot(c)
		}
		parts = append(parts, "["+Quote(f.Name)+"]="+v)
	}
	s := "{" + strings.Join(parts, ", ") + "}"
	if c := find(prefix); c != nil && c.Presence {
		return "(" + row + slot(c) + " and " + s + " or nil)"
	}
	return s
}

func slot(c *ir.Column) string { return "[" + strconv.Itoa(c.Slot+1) + "]" }

// convert writes what Convert does to a value of type from.
func (g *gen) convert(s string, from, to lang.Type) string {
	switch {
	case to.Kind == lang.KVector && from.Kind == lang.KList:
		return g.p.call("v_cast", s, strconv.Itoa(to.N), truth(len(to.Values) > 0))
	case to.Kind == lang.KJSON && from.Kind != lang.KJSON && from.Kind != lang.KNull:
		if plainJSON(from) {
			return s
		}
		return g.p.call("j_of", s, g.p.shape(from))
	case to.Kind == lang.KList && from.Kind == lang.KList && changes(*from.Elem, *to.Elem):
		e := g.p.fresh("e")
		return g.p.call("l_map", s, "function("+e+") return "+g.convert(e, *from.Elem, *to.Elem)+" end")
	case to.Kind == lang.KMap && from.Kind == lang.KMap && changes(*from.Elem, *to.Elem):
		e := g.p.fresh("e")
		return g.p.call("m_map", s, "function("+e+") return "+g.convert(e, *from.Elem, *to.Elem)+" end")
	case (to.Kind == lang.KMap || to.Kind == lang.KEmbedded || to.Kind == lang.KRecord) && from.Kind == lang.KRecord:
		return g.members(s, from, to)
	case to.Scalar().Kind == lang.KInt64 && from.Scalar().Kind == lang.KInt:
		return g.p.call("L_of", s)
	}
	return s
}

// members converts the members of an object one by one, where one of them changes.
func (g *gen) members(s string, from, to lang.Type) string {
	e := g.p.fresh("e")
	parts, some := make([]string, len(from.Cols)), false
	for i, c := range from.Cols {
		t := memberType(to, c.Name)
		some = some || changes(c.Type, t) || to.Kind == lang.KMap && c.Type.Null
		v := g.convert(e+"["+Quote(c.Name)+"]", c.Type, t)
		if to.Kind == lang.KMap {
			v = g.p.call("j_item", v)
		}
		parts[i] = "[" + Quote(c.Name) + "]=" + v
	}
	if !some {
		return s
	}
	return "(function(" + e + ") if " + e + " then return {" + strings.Join(parts, ", ") + "} end end)(" + s + ")"
}

// memberType is the type of a named part of a map, embedded value or record.
func memberType(t lang.Type, name string) lang.Type {
	if t.Kind == lang.KMap && t.Elem != nil {
		return *t.Elem
	}
	for _, c := range t.Cols {
		if c.Name == name {
			return c.Type
		}
	}
	return lang.TypeUnknown
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
func (p *Pieces) shape(t lang.Type) string {
	switch s := t.Scalar(); s.Kind {
	case lang.KInt, lang.KDuration:
		return p.table("{k='i'}")
	case lang.KDateTime:
		return p.table("{k='t'}")
	case lang.KFloat:
		return p.table("{k='f'}")
	case lang.KBool:
		return p.table("{k='b'}")
	case lang.KString:
		if t.Kind == lang.KEnum && len(t.Values) > 0 {
			return p.table("{k='s', v=" + setOf(t.Values) + "}")
		}
		return p.table("{k='s'}")
	case lang.KBytes:
		return p.table("{k='y'}")
	case lang.KGeo:
		p.Use("g_read")
		return p.table("{k='s', g=g_read}")
	case lang.KVector:
		p.Use("v_json", "v_list", "v_of")
		return p.table(fmt.Sprintf("{k='v', n=%d, cos=%v, e={k='f'}, json=v_json, list=v_list, of=v_of}", t.N, len(t.Values) > 0))
	case lang.KInt64:
		return p.table("{k='L'}")
	case lang.KList, lang.KMap:
		return p.table(fmt.Sprintf("{k='%s', e=%s, null=%v}", map[lang.Kind]string{lang.KList: "l", lang.KMap: "m"}[t.Kind], p.shape(*t.Elem), t.Elem.Null))
	case lang.KRecord:
		return p.table("{k='o', keep=true, f=" + p.columns(t.Cols) + "}")
	case lang.KEmbedded:
		if len(t.Cols) > 0 {
			return p.table("{k='o', f=" + p.columns(t.Cols) + "}")
		}
		return p.modelShape(t.Model, false)
	case lang.KRow:
		return p.modelShape(t.Model, true)
	}
	return p.table("{k='j'}")
}

// columns writes the members of an object in byte order.
func (p *Pieces) columns(cols []lang.Col) string {
	cols = slices.Clone(cols)
	slices.SortFunc(cols, func(a, b lang.Col) int { return strings.Compare(a.Name, b.Name) })
	parts := make([]string, len(cols))
	for i, c := range cols {
		parts[i] = "{" + Quote(c.Name) + ", " + p.shape(c.Type) + ", " + truth(c.Type.Null) + "}"
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// modelShape is the shape of an embedded value or of a document. A model may
// hold lists of itself, so its table exists before its members are known.
func (p *Pieces) modelShape(model string, row bool) string {
	id := "embedded " + model
	if row {
		id = "document " + model
	}
	if n, ok := p.types[id]; ok {
		return n
	}
	m := p.schema.Model(model)
	if m == nil {
		return p.table("{k='j'}")
	}
	name := p.fresh("T")
	p.types[id] = name
	p.tables = append(p.tables, "local "+name+" = {k='"+map[bool]string{false: "o", true: "r"}[row]+"'}\n")
	stored := m.Stored()
	cols := make([]lang.Col, len(stored))
	for i, f := range stored {
		cols[i] = lang.Col{Name: f.Name, Type: f.Type}
	}
	fields := p.columns(cols)
	p.tables = append(p.tables, name+".f = "+fields+"\n")
	if row {
		p.tables = append(p.tables,
			name+".c = function(r) return "+composeRow(m)+" end\n",
			name+".d = function(o) local r = {} "+spread(m, "o", "r")+"r.id = r"+slot(m.KeyColumn())+" return r end\n")
	}
	return name
}

// composeRow is the object of a whole document.
func composeRow(m *ir.Model) string {
	parts := make([]string, 0, len(m.Fields))
	for _, f := range m.Stored() {
		v := "nil"
		if f.Emb != nil && f.Type.Kind == lang.KEmbedded {
			v = compose(m.Column, f, f.Name, "r")
		} else if c := m.Column(f.Name); c != nil {
			v = "r" + slot(c)
		}
		parts = append(parts, "["+Quote(f.Name)+"]="+v)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// spread writes the statements that set the columns of row to the members of
// the object of a whole document.
func spread(m *ir.Model, object, row string) string {
	var b strings.Builder
	for _, f := range m.Stored() {
		v := object + "[" + Quote(f.Name) + "]"
		if f.Emb != nil && f.Type.Kind == lang.KEmbedded {
			b.WriteString(spreadEmbedded(m.Column, f, f.Name, v, row, 0))
		} else if c := m.Column(f.Name); c != nil {
			b.WriteString(row + slot(c) + " = " + v + " ")
		}
	}
	return b.String()
}

// spreadEmbedded writes the statements that set all columns below prefix to
// the members of the embedded value v, or to null when it is null.
func spreadEmbedded(find func(string) *ir.Column, of *ir.Field, prefix, v, row string, depth int) string {
	e := "v" + strconv.Itoa(depth)
	var b strings.Builder
	b.WriteString("do local " + e + " = " + v + " ")
	if c := find(prefix); c != nil && c.Presence {
		b.WriteString("if " + e + " then " + row + slot(c) + " = true else " + row + slot(c) + " = nil " + e + " = {} end ")
	} else {
		b.WriteString(e + " = " + e + " or {} ")
	}
	for _, f := range of.Emb.Fields {
		path, member := prefix+"."+f.Name, e+"["+Quote(f.Name)+"]"
		if f.Emb != nil && f.Type.Kind == lang.KEmbedded {
			b.WriteString(spreadEmbedded(find, f, path, member, row, depth+1))
		} else if c := find(path); c != nil {
			b.WriteString(row + slot(c) + " = " + member + " ")
		}
	}
	b.WriteString("end ")
	return b.String()
}
