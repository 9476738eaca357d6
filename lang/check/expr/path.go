package expr

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// Values converts a list of rows with one column to the list of that column.
func (c *Checker) Values(x ir.Expr) ir.Expr {
	elem, ok := types.OneColumn(x.Type())
	if _, literal := x.(*ir.List); !ok || literal {
		return x
	}
	row := &ir.Elem{Base: ir.Base{T: *x.Type().Elem, Sp: x.Span()}}
	body := &ir.Member{Base: ir.Base{T: elem, Sp: x.Span()}, X: row, Name: row.T.Cols[0].Name}
	return &ir.Pluck{Base: ir.Base{T: types.NullIf(lang.ListOf(elem), x.Type().Null), Sp: x.Span()}, X: x, Body: body}
}

// Step returns the member of x with that name.
func (c *Checker) Step(x ir.Expr, name string, nameSp, sp lang.Span) ir.Expr {
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
				return &ir.Member{Base: c.Base(types.NullIf(col.Type, t.Null), sp), X: x, Name: name}
			}
		}
		c.NoMember(nameSp, "the row", name, types.ColNames(t.Cols))
		return c.Unknown(sp)
	case lang.KJSON:
		return &ir.Member{Base: c.Base(lang.TypeJSON, sp), X: x, Name: name}
	case lang.KObject:
		return &ir.Member{Base: c.Base(lang.TypeJSON, sp), X: c.Coerce(x, lang.TypeJSON), Name: name}
	case lang.KList:
		return c.pluck(x, name, nameSp, sp)
	case lang.KNull, lang.KUnknown:
		return c.unknownMember(x, name, sp)
	case lang.KMap:
		c.Errorf(lang.CodeUnknownField, nameSp, "a map has no members").WithHint("a key of a map goes in brackets: [%s]", lang.Quote(name))
		return c.Unknown(sp)
	}
	c.Errorf(lang.CodeUnknownField, nameSp, "%s has no member %s", types.Describe(t), name)
	return c.Unknown(sp)
}

// unknownMember returns a member of a value whose type is not known. For a parameter without a value it is a json.
func (c *Checker) unknownMember(x ir.Expr, name string, sp lang.Span) ir.Expr {
	if _, ok := x.(*ir.Param); ok {
		return &ir.Member{Base: c.Base(lang.TypeJSON, sp), X: c.Coerce(x, lang.TypeJSON), Name: name}
	}
	return c.Unknown(sp)
}

// NoMember reports that a member is not among the names.
func (c *Checker) NoMember(sp lang.Span, of, name string, names []string) {
	d := c.Errorf(lang.CodeUnknownField, sp, "%s has no field %s", of, name)
	if n := lang.Nearest(name, names); n != "" {
		c.DidYouMean(d, sp, name, n)
	}
}

// NoField reports that a model has no such field.
func (c *Checker) NoField(sp lang.Span, m *ir.Model, name string) {
	if to := m.Renamed[name]; to != "" {
		c.Errorf(lang.CodeUnknownField, sp, "%s has no field %s: it was renamed to %s", m.Name, name, to)
		return
	}
	c.NoMember(sp, m.Name, name, types.FieldNames(m))
}

// DocOf returns the model of a document.
func (c *Checker) DocOf(x ir.Expr) *ir.Model {
	switch x := x.(type) {
	case *ir.Row, *ir.Old:
		return c.Scope.Doc
	case *ir.Deref:
		return x.Target
	}
	return c.Schema.Model(x.Type().Model)
}

// rowMember returns a field of a document.
func (c *Checker) rowMember(x ir.Expr, name string, nameSp, sp lang.Span) ir.Expr {
	m := c.DocOf(x)
	if m == nil {
		return c.Unknown(sp)
	}
	f := m.Lookup(name)
	if f == nil {
		if l := m.Link(name); l != nil {
			c.bareLink(l, nameSp)
		} else {
			c.NoField(nameSp, m, name)
		}
		return c.Unknown(sp)
	}
	return c.FieldOf(x, f, f.Name, m, sp)
}

// FieldOf returns field f, at path, of the document x of m.
func (c *Checker) FieldOf(x ir.Expr, f *ir.Field, path string, m *ir.Model, sp lang.Span) ir.Expr {
	null := x.Type().Null
	if f.Collection() {
		return c.collection(x, f, sp)
	}
	if f.Emb != nil {
		e := &ir.Emb{Base: c.Base(types.NullIf(f.Type, null), sp), X: x, Prefix: path, Of: f}
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
	if col == nil { // the model has an error that was reported at its declaration
		return c.Unknown(sp)
	}
	return &ir.Col{Base: c.Base(types.NullIf(col.Type, null), sp), X: x, Col: col}
}

// embeddedMember returns a field of an embedded value.
func (c *Checker) embeddedMember(x ir.Expr, name string, nameSp, sp lang.Span) ir.Expr {
	if e, ok := x.(*ir.Emb); ok {
		m := c.DocOf(e.X)
		f := e.Of.Emb.Field(name)
		if f == nil || m == nil {
			c.NoMember(nameSp, e.Of.Emb.Name, name, types.FieldNames(e.Of.Emb))
			return c.Unknown(sp)
		}
		out := c.FieldOf(e.X, f, e.Prefix+"."+name, m, sp)
		if inner, ok := out.(*ir.Emb); ok {
			inner.T.Null = inner.T.Null || e.T.Null
		}
		return out
	}
	m := c.Above.Embedded(x.Type().Model)
	if m == nil {
		return c.Unknown(sp)
	}
	f := m.Field(name)
	if f == nil {
		c.NoMember(nameSp, m.Name, name, types.FieldNames(m))
		return c.Unknown(sp)
	}
	return &ir.Member{Base: c.Base(types.NullIf(memberType(x.Type(), f), x.Type().Null), sp), X: x, Name: name}
}

// refMember returns a field of the document to which a ref points.
func (c *Checker) refMember(x ir.Expr, name string, nameSp, sp lang.Span) ir.Expr {
	d := c.Deref(x, x.Span())
	if d == nil {
		return c.Unknown(sp)
	}
	return c.Step(d, name, nameSp, sp)
}

// Deref returns the document to which a ref points, or nil if it cannot be read here.
func (c *Checker) Deref(x ir.Expr, sp lang.Span) ir.Expr {
	t := x.Type()
	m := c.Schema.Model(t.Model)
	switch {
	case c.Scope.Rule != "":
		c.Errorf(lang.CodeNotAllowed, sp, "%s can read only its own document, not what a ref points to", c.Scope.Rule)
		return nil
	case m == nil:
		c.Errorf(lang.CodeUnknownModel, sp, "there is no model %s yet, so this ref cannot be followed", t.Model)
		return nil
	case isGroupKey(x):
		c.Errorf(lang.CodeNotGrouped, sp, "after GROUP BY only the key of a ref is available").WithHint("add the field of %s to GROUP BY", t.Model)
		return nil
	}
	if t.Far {
		if !c.elsewhere(m, sp) {
			return nil
		}
		addModel(&c.Uses, m)
		return &ir.Deref{Base: c.Base(types.RowType(m).OrNull(), sp), X: x, Target: m, Far: true}
	}
	if m.Part != nil && ofName(x) {
		c.Errorf(lang.CodePartitionNeeded, sp, "the partition in which this ref leads to a document of %s is not known here", m.Name).
			WithHint("read the field with the document: RETURN …, or FETCH")
		return nil
	}
	if m.Celled() && readsFull(x) {
		c.Errorf(lang.CodeOtherPartition, sp, "this ref leads on to a document of %s in the partition of another document, which is not followed", m.Name).
			WithHint("read the other document by a statement of its own")
		return nil
	}
	c.Use(m)
	return &ir.Deref{Base: c.Base(types.RowType(m).OrNull(), sp), X: x, Target: m}
}

// readsFull reports whether a value is read from a document that a full key names.
func readsFull(x ir.Expr) bool {
	found := false
	ir.Walk(x, func(x ir.Expr) bool {
		d, is := x.(*ir.Deref)
		found = found || is && d.X.Type().Full
		return !found
	})
	return found
}

// elsewhere reports whether a document of m that is not in the partition of the statement can be read here. If not, it reports an error.
func (c *Checker) elsewhere(m *ir.Model, sp lang.Span) bool {
	sc := c.Scope
	clause := sc.Clause
	switch {
	case c.Above.InBlock():
		clause = "a block"
	case sc.Model == nil, sc.Gathers:
		return true
	case clause == "WHERE" && m.Part == nil:
		return true
	}
	d := c.Errorf(lang.CodeOtherPartition, sp, "this ref leads to a document of %s, which is not in the partition, so %s cannot read it", m.Name, clause)
	switch {
	case c.Above.InBlock():
		d.WithHint("read it before the block, by LET")
	case clause == "WHERE" && m.Celled():
		d.WithHint("FIND the documents first: … IN $keys, where each key is that of %s, a colon, and %s; or copy the field", m.Part.Name, m.Key.Name)
	case clause == "WHERE":
		d.WithHint("FIND the keys first: … IN (FIND %s WHERE … RETURN %s); or copy the field", m.Name, m.Key.Name)
	default:
		d.WithHint("copy the field, or return it and go on in the program: RETURN and FETCH of FIND and GET read it")
	}
	return false
}

// ofName reports whether a value is part of what a name of the program stands for.
func ofName(x ir.Expr) bool {
	found := false
	ir.Walk(x, func(x ir.Expr) bool {
		v, is := x.(*ir.Var)
		found = found || is && v.V.Top
		return !found
	})
	return found
}

func isGroupKey(x ir.Expr) bool {
	_, ok := x.(*ir.GroupKey)
	return ok
}

// pluck returns the list of a member of each element.
func (c *Checker) pluck(x ir.Expr, name string, nameSp, sp lang.Span) ir.Expr {
	if p, ok := x.(*ir.Pluck); ok { // one list of nested members, not a list made from a list
		if body := c.Step(p.Body, name, nameSp, sp); body.Type().Kind != lang.KUnknown {
			return &ir.Pluck{Base: c.Base(lang.ListOf(body.Type()), sp), X: p.X, Body: body}
		}
		return c.Unknown(sp)
	}
	elem := lang.TypeUnknown
	if e := x.Type().Elem; e != nil {
		elem = *e
	}
	switch elem.Kind {
	case lang.KRow, lang.KRecord, lang.KEmbedded, lang.KRef, lang.KJSON, lang.KList:
	case lang.KUnknown:
		return c.Unknown(sp)
	default:
		c.Errorf(lang.CodeUnknownField, nameSp, "the elements of this list are %s and have no member %s", types.Describe(elem), name)
		return c.Unknown(sp)
	}
	body := c.Step(&ir.Elem{Base: c.Base(elem, x.Span())}, name, nameSp, sp)
	if body.Type().Kind == lang.KUnknown {
		return c.Unknown(sp)
	}
	t := lang.ListOf(body.Type())
	t.Null = x.Type().Null
	return &ir.Pluck{Base: c.Base(t, sp), X: x, Body: body}
}

// element returns l[i].
func (c *Checker) element(l, i ir.Expr, sp lang.Span) ir.Expr {
	t := l.Type()
	switch t.Kind {
	case lang.KList:
		elem := lang.TypeUnknown
		if t.Elem != nil {
			elem = *t.Elem
		}
		return &ir.At{Base: c.Base(elem.OrNull(), sp), X: l, I: c.Coerce(i, lang.TypeInt)}
	case lang.KMap:
		return &ir.At{Base: c.Base(t.Elem.OrNull(), sp), X: l, I: c.Coerce(i, lang.TypeString)}
	case lang.KObject:
		l = c.Coerce(l, lang.TypeJSON)
		fallthrough
	case lang.KJSON:
		if k := i.Type().Kind; k != lang.KInt && k != lang.KString && k != lang.KUnknown {
			c.Errorf(lang.CodeTypeMismatch, i.Span(), "the subscript of a json must be a string or an int, not %s", types.Describe(i.Type()))
		}
		return &ir.At{Base: c.Base(lang.TypeJSON, sp), X: l, I: i}
	case lang.KNull, lang.KUnknown:
		return c.Unknown(sp)
	case lang.KRecord, lang.KRow, lang.KEmbedded:
		c.Errorf(lang.CodeTypeMismatch, sp, "%s is read by name: x.name, not x[…]", types.Describe(t))
	case lang.KString:
		c.Errorf(lang.CodeTypeMismatch, sp, "a string has no elements").WithHint("a part of it is substr(s, from, n)")
	default:
		c.Errorf(lang.CodeTypeMismatch, sp, "%s has no elements", types.Describe(t))
	}
	return c.Unknown(sp)
}
