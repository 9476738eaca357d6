package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// natural is the shape of a type as it stands in a document stored as JSON:
// see shape. Besides its members a shape has
//
//	w    of a string: what makes its text of a value
//	num  of an int64: it is a number
//	nat  of an object: members that its model does not have are kept, and null ones are written
func (p *Pieces) natural(t lang.Type) *tree.Node {
	switch t.Kind {
	case lang.KDateTime:
		p.Use("t_read", "t_str")
		return p.table(ex("{k='s', g=t_read, w=t_str}"))
	case lang.KInt64:
		return p.table(ex("{k='L', num=true}"))
	case lang.KRef:
		return p.natural(t.Scalar())
	case lang.KList, lang.KMap:
		return p.table(ex("{k=%s,e=%s,null=%s}", tree.Str(map[lang.Kind]string{lang.KList: "l", lang.KMap: "m"}[t.Kind]), p.natural(*t.Elem), t.Elem.Null))
	case lang.KEmbedded:
		if len(t.Cols) > 0 {
			return p.table(ex("{k='o',nat=%s,f=%s}", p.rawEnd(), p.naturalCols(t.Cols)))
		}
		return p.naturalModel(t.Model)
	}
	return p.shape(t)
}

func (p *Pieces) rawEnd() *tree.Node {
	p.Use("j_raw")
	return tree.Name("j_raw")
}

// naturalCols are the members of an object in the order of its fields.
func (p *Pieces) naturalCols(cols []lang.Col) *tree.Node {
	parts := make([]*tree.Node, len(cols))
	for i, c := range cols {
		parts[i] = ex("{%s,%s,%s}", tree.Str(c.Name), p.natural(c.Type), c.Type.Null)
	}
	return tree.Table(parts...)
}

// naturalModel is the shape of an embedded value, which may hold lists of its own kind.
func (p *Pieces) naturalModel(model string) *tree.Node {
	id := "natural " + model
	if n, ok := p.types[id]; ok {
		return tree.Name(n)
	}
	m := p.schema.Model(model)
	if m == nil {
		return p.table(ex("{k='j'}"))
	}
	name := p.fresh("T")
	p.types[id] = name
	p.define(name, ex("{k='o',nat=%s}", p.rawEnd()))
	stored := m.Stored()
	cols := make([]lang.Col, len(stored))
	for i, f := range stored {
		cols[i] = lang.Col{Name: f.Name, Type: f.Type}
	}
	p.tables = append(p.tables, st("%s.f=%s", name, p.naturalCols(cols)))
	return tree.Name(name)
}

// literal is the Lua expression for the JSON text of a column's value, which is
// not null.
func literal(c *ir.Column, text any, p *Pieces) *tree.Node {
	t := c.Stored()
	switch {
	case t.Variant == lang.VariantBase64:
		return ex("'\"'..%s..'\"'", p.call("b64", text))
	case t.Kind == lang.KDateTime && t.Variant == "iso":
		return ex("'\"'..%s..'\"'", p.call("t_str", text))
	}
	switch codec.FormOf(t) {
	case codec.FormBool:
		return ex("%s and 'true' or 'false'", text)
	case codec.FormString:
		return p.call("j_quote", EncodeColumn(c, text, p))
	case codec.FormNumber:
		return EncodeColumn(c, text, p)
	}
	s := p.call("bounded", p.call("j_text", text, p.natural(t)), "k", tree.Str(c.Name))
	if endless(t, map[string]bool{}, p) {
		s = p.call("j_shallow", s, "k", tree.Str(c.Name))
	}
	return s
}

// literalOrNull is literal of a value that may be null.
func literalOrNull(c *ir.Column, text any, p *Pieces) *tree.Node {
	if !c.Type.Null {
		return literal(c, text, p)
	}
	null := "null"
	if c.EmptyNull() {
		null = `""`
	}
	return ex("%s==nil and %s or %s", text, tree.Str(null), literal(c, text, p))
}

// endless reports a type whose values can be nested without end.
func endless(t lang.Type, seen map[string]bool, p *Pieces) bool {
	switch t.Kind {
	case lang.KJSON:
		return true
	case lang.KList, lang.KMap:
		return t.Elem != nil && endless(*t.Elem, seen, p)
	case lang.KEmbedded:
		if seen[t.Model] {
			return true
		}
		seen[t.Model] = true
		defer delete(seen, t.Model)
		if m := p.schema.Model(t.Model); m != nil {
			for _, f := range m.Stored() {
				if endless(f.Type, seen, p) {
					return true
				}
			}
		}
	}
	return false
}

// fractional reports a type whose values may hold a float, which a server's JSON may read as another: see scripts/exact.lua.
func fractional(t lang.Type, seen map[string]bool, p *Pieces) bool {
	switch t.Kind {
	case lang.KFloat, lang.KJSON:
		return true
	case lang.KList, lang.KMap:
		return t.Elem != nil && fractional(*t.Elem, seen, p)
	case lang.KEmbedded:
		m := p.schema.Model(t.Model)
		if m == nil || seen[t.Model] {
			return false
		}
		seen[t.Model] = true
		for _, f := range m.Stored() {
			if fractional(f.Type, seen, p) {
				return true
			}
		}
	}
	return false
}
