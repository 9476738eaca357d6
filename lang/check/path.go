package check

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// member is X.Name in an expression.
func (c *checker) member(x *lang.Member) ir.Expr {
	return c.step(c.expr(x.X), x.Name, x.NameSp, x.Sp)
}

// step goes from x to its member of that name.
func (c *checker) step(x ir.Expr, name string, nameSp, sp lang.Span) ir.Expr {
	t := x.Type()
	switch t.Kind {
	case lang.KRow:
		return c.rowMember(x, name, nameSp, sp)
	case lang.KEmbedded:
		return c.embeddedMember(x, name, nameSp, sp)
	case lang.KRef:
		return c.refMember(x, name, nameSp, sp)
	case lang.KRecord:
		for _, col := range t.Cols {
			if col.Name == name {
				return &ir.Member{Base: c.base(nullIf(col.Type, t.Null), sp), X: x, Name: name}
			}
		}
		c.noMember(nameSp, "the row", name, colNames(t.Cols))
		return c.unknown(sp)
	case lang.KJSON:
		return &ir.Member{Base: c.base(lang.TypeJSON, sp), X: x, Name: name}
	case lang.KObject:
		return &ir.Member{Base: c.base(lang.TypeJSON, sp), X: c.coerce(x, lang.TypeJSON), Name: name}
	case lang.KList:
		return c.pluck(x, name, nameSp, sp)
	case lang.KNull, lang.KUnknown:
		return c.unknownMember(x, name, sp)
	case lang.KMap:
		c.errorf(lang.CodeUnknownField, nameSp, "a map has no members").WithHint("a key of a map stands in brackets: [%s]", lang.Quote(name))
		return c.unknown(sp)
	}
	c.errorf(lang.CodeUnknownField, nameSp, "%s has no member %s", describe(t), name)
	return c.unknown(sp)
}

// unknownMember is a member of a value whose type is not known: a parameter without a value is a json.
func (c *checker) unknownMember(x ir.Expr, name string, sp lang.Span) ir.Expr {
	if _, ok := x.(*ir.Param); ok {
		return &ir.Member{Base: c.base(lang.TypeJSON, sp), X: c.coerce(x, lang.TypeJSON), Name: name}
	}
	return c.unknown(sp)
}

func (c *checker) noMember(sp lang.Span, of, name string, names []string) {
	d := c.errorf(lang.CodeUnknownField, sp, "%s has no field %s", of, name)
	if n := lang.Nearest(name, names); n != "" {
		c.didYouMean(d, sp, name, n)
	}
}

func colNames(cols []lang.Col) []string {
	out := make([]string, len(cols))
	for i, col := range cols {
		out[i] = col.Name
	}
	return out
}

func nullIf(t lang.Type, null bool) lang.Type {
	t.Null = t.Null || null
	return t
}

// docOf is the model of a document.
func (c *checker) docOf(x ir.Expr) *ir.Model {
	switch x := x.(type) {
	case *ir.Row, *ir.Old:
		return c.sc.doc
	case *ir.Deref:
		return x.Target
	}
	return c.schema.Model(x.Type().Model)
}

// rowMember is a field of a document.
func (c *checker) rowMember(x ir.Expr, name string, nameSp, sp lang.Span) ir.Expr {
	m := c.docOf(x)
	if m == nil {
		return c.unknown(sp)
	}
	f := m.Field(name)
	if f == nil {
		c.noMember(nameSp, m.Name, name, fieldNames(m))
		return c.unknown(sp)
	}
	return c.fieldOf(x, f, f.Name, m, sp)
}

// fieldOf is the field f of the document x of m, which stands at path.
func (c *checker) fieldOf(x ir.Expr, f *ir.Field, path string, m *ir.Model, sp lang.Span) ir.Expr {
	null := x.Type().Null
	if f.Collection() {
		return c.collection(x, f, sp)
	}
	if f.Emb != nil {
		e := &ir.Emb{Base: c.base(nullIf(f.Type, null), sp), X: x, Prefix: path, Of: f}
		if f.Type.Null {
			e.Pres = m.Column(path)
		}
		return e
	}
	var col *ir.Column
	if len(path) == len(f.Name) && len(f.Columns) > 0 {
		col = f.Columns[0]
	} else {
		col = m.Column(path)
	}
	if col == nil { // the model has an error that was reported where it is declared
		return c.unknown(sp)
	}
	return &ir.Col{Base: c.base(nullIf(col.Type, null), sp), X: x, Col: col}
}

// embeddedMember is a field of an embedded value.
func (c *checker) embeddedMember(x ir.Expr, name string, nameSp, sp lang.Span) ir.Expr {
	if e, ok := x.(*ir.Emb); ok {
		m := c.docOf(e.X)
		f := e.Of.Emb.Field(name)
		if f == nil || m == nil {
			c.noMember(nameSp, e.Of.Emb.Name, name, fieldNames(e.Of.Emb))
			return c.unknown(sp)
		}
		out := c.fieldOf(e.X, f, e.Prefix+"."+name, m, sp)
		if inner, ok := out.(*ir.Emb); ok {
			inner.T.Null = inner.T.Null || e.T.Null
		}
		return out
	}
	m := c.embedded(x.Type().Model)
	if m == nil {
		return c.unknown(sp)
	}
	f := m.Field(name)
	if f == nil {
		c.noMember(nameSp, m.Name, name, fieldNames(m))
		return c.unknown(sp)
	}
	return &ir.Member{Base: c.base(nullIf(f.Type, x.Type().Null), sp), X: x, Name: name}
}

// refMember reads through a ref.
func (c *checker) refMember(x ir.Expr, name string, nameSp, sp lang.Span) ir.Expr {
	d := c.deref(x, x.Span())
	if d == nil {
		return c.unknown(sp)
	}
	return c.step(d, name, nameSp, sp)
}

// deref is the document that a ref points to, or nil when it cannot be read here.
func (c *checker) deref(x ir.Expr, sp lang.Span) ir.Expr {
	t := x.Type()
	m := c.schema.Model(t.Model)
	switch {
	case c.sc.rule != "":
		c.errorf(lang.CodeNotAllowed, sp, "%s sees its own document only, not what a ref points to", c.sc.rule)
		return nil
	case m == nil:
		c.errorf(lang.CodeUnknownModel, sp, "there is no model %s yet, so this ref cannot be followed", t.Model)
		return nil
	case isGroupKey(x):
		c.errorf(lang.CodeNotGrouped, sp, "after GROUP BY a ref is only its key").WithHint("add the field of %s that you need to GROUP BY", t.Model)
		return nil
	}
	c.use(m)
	return &ir.Deref{Base: c.base(rowType(m).OrNull(), sp), X: x, Target: m}
}

func isGroupKey(x ir.Expr) bool {
	_, ok := x.(*ir.GroupKey)
	return ok
}

// pluck is the list of a member of each element.
func (c *checker) pluck(x ir.Expr, name string, nameSp, sp lang.Span) ir.Expr {
	if p, ok := x.(*ir.Pluck); ok { // one list of deeper members, not a list made from a list
		if body := c.step(p.Body, name, nameSp, sp); body.Type().Kind != lang.KUnknown {
			return &ir.Pluck{Base: c.base(lang.ListOf(body.Type()), sp), X: p.X, Body: body}
		}
		return c.unknown(sp)
	}
	elem := lang.TypeUnknown
	if e := x.Type().Elem; e != nil {
		elem = *e
	}
	switch elem.Kind {
	case lang.KRow, lang.KRecord, lang.KEmbedded, lang.KRef, lang.KJSON, lang.KList:
	case lang.KUnknown:
		return c.unknown(sp)
	default:
		c.errorf(lang.CodeUnknownField, nameSp, "the elements of this list are %s and have no member %s", describe(elem), name)
		return c.unknown(sp)
	}
	body := c.step(&ir.Elem{Base: c.base(elem, x.Span())}, name, nameSp, sp)
	if body.Type().Kind == lang.KUnknown {
		return c.unknown(sp)
	}
	t := lang.ListOf(body.Type())
	t.Null = x.Type().Null
	return &ir.Pluck{Base: c.base(t, sp), X: x, Body: body}
}

// index is X[I] in an expression. A literal subscript belongs to the shape of the statement.
func (c *checker) index(x *lang.Index) ir.Expr {
	l := c.expr(x.X)
	was := c.pinned
	c.pinned = true
	i := c.expr(x.I)
	c.pinned = was
	return c.element(l, i, x.Sp)
}

// element is l[i].
func (c *checker) element(l, i ir.Expr, sp lang.Span) ir.Expr {
	t := l.Type()
	switch t.Kind {
	case lang.KList:
		elem := lang.TypeUnknown
		if t.Elem != nil {
			elem = *t.Elem
		}
		return &ir.At{Base: c.base(elem.OrNull(), sp), X: l, I: c.coerce(i, lang.TypeInt)}
	case lang.KMap:
		return &ir.At{Base: c.base(t.Elem.OrNull(), sp), X: l, I: c.coerce(i, lang.TypeString)}
	case lang.KObject:
		l = c.coerce(l, lang.TypeJSON)
		fallthrough
	case lang.KJSON:
		if k := i.Type().Kind; k != lang.KInt && k != lang.KString && k != lang.KUnknown {
			c.errorf(lang.CodeTypeMismatch, i.Span(), "a json is read by a string or an int in brackets, not by %s", describe(i.Type()))
		}
		return &ir.At{Base: c.base(lang.TypeJSON, sp), X: l, I: i}
	case lang.KNull, lang.KUnknown:
		return c.unknown(sp)
	case lang.KRecord, lang.KRow, lang.KEmbedded:
		c.errorf(lang.CodeTypeMismatch, sp, "%s is read by name: x.name, not x[…]", describe(t))
	case lang.KString:
		c.errorf(lang.CodeTypeMismatch, sp, "a string has no elements").WithHint("a part of it is substr(s, from, n)")
	default:
		c.errorf(lang.CodeTypeMismatch, sp, "%s has no elements", describe(t))
	}
	return c.unknown(sp)
}
