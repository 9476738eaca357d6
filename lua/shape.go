package lua

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// natural is the shape of a type as it stands in a document stored as JSON:
// see shape. Besides its members a shape has
//
//	w    of a string: what makes its text of a value
//	num  of an int64: it is a number
//	nat  of an object: members that its model does not have are kept, and null ones are written
func (p *Runtime) natural(t lang.Type) *tree.Node {
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

func (p *Runtime) rawEnd() *tree.Node {
	p.Use("j_raw")
	return tree.Name("j_raw")
}

// naturalCols are the members of an object in the order of its fields.
func (p *Runtime) naturalCols(cols []lang.Col) *tree.Node {
	parts := make([]*tree.Node, len(cols))
	for i, c := range cols {
		parts[i] = ex("{%s,%s,%s}", tree.Str(c.Name), p.natural(c.Type), c.Type.Null)
	}
	return tree.Table(parts...)
}

// naturalModel is the shape of an embedded value, which may hold lists of its own kind.
func (p *Runtime) naturalModel(model string) *tree.Node {
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
	p.tables = append(p.tables, st("%s.f=%s", name, p.naturalCols(members(m))))
	return tree.Name(name)
}

// shape gives the Lua table that tells the runtime functions for JSON how a type is built:
//
//	k  i int and duration, t datetime, f float, b bool, s string, y bytes, L int64, j json,
//	   l list, m map, o object, r document
//	e  shape of the elements of a list or map; null: whether these may be null
//	v  set of the values of an enum
//	g  what makes a geo of a string; of a vector (k v) n, json, list and of do the like
//	f  members of an object in byte order: name, shape, and true where null is allowed
//	keep  as json, null members stay
//	c  of a document: function from document to object; d: from object to document
func (p *Runtime) shape(t lang.Type) *tree.Node {
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

// members are what the object of a value of m consists of, in the order of the fields.
func members(m *ir.Model) []lang.Col {
	stored := m.Stored()
	cols := make([]lang.Col, len(stored))
	for i, f := range stored {
		cols[i] = lang.Col{Name: f.Name, Type: f.Type}
	}
	return cols
}

// columns writes the members of an object in byte order.
func (p *Runtime) columns(cols []lang.Col) *tree.Node {
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
func (p *Runtime) modelShape(model string, row bool) *tree.Node {
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
	fields := p.columns(members(m))
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
