package check

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// sets checks the items of SET in order. Each one sees the effect of those before it.
func (c *checker) sets(list []lang.Set, m *ir.Model, copying bool) []ir.Assign {
	if list == nil {
		return nil
	}
	if len(list) > 0 && c.TooMany(len(list), lang.MaxFields, list[0].Sp, "SET") {
		return nil
	}
	out := make([]ir.Assign, 0, len(list))
	for i := range list {
		s := &list[i]
		c.Scope.In("SET", true)
		if call, ok := s.Place.(*lang.Method); ok {
			if a, ok := c.operation(s, call, m); ok {
				out = append(out, a)
			}
			continue
		}
		p, ok := c.place(s.Place, m, copying)
		if !ok {
			c.Expr(s.Value)
			continue
		}
		a := ir.Assign{Sp: s.Sp, Place: p, Op: s.Op, Value: c.setValue(s, p)}
		out = append(out, a)
	}
	return out
}

// setValue checks the right side of an assignment.
func (c *checker) setValue(s *lang.Set, p ir.Place) ir.Expr {
	v := c.Expr(s.Value)
	name := c.Source.Slice(s.Place.Span())
	if ir.IsCollection(p.T) {
		if s.Op != "=" {
			d := c.Errorf(lang.CodeTypeMismatch, s.Sp, "`%s` does not accept %s", s.Op, types.Describe(p.T))
			d.WithHint("it has %s", strings.Join(lang.FieldOpNames(p.T.Kind), ", "))
			return v
		}
		return c.Assigned(v, name, p.Col.Type)
	}
	if s.Op == "=" {
		return c.Assigned(v, name, p.T)
	}
	if p.T.Kind == lang.KInt64 {
		return c.longChange(s, p, v, name)
	}
	op := lang.Op(strings.TrimSuffix(s.Op, "="))
	now := &ir.Elem{Base: ir.Base{T: p.T, Sp: p.Sp}} // stands for the current value
	t, l, r, ok := c.Operate(op, now, v)
	switch {
	case !ok:
		c.Clash(s.Op, p.T, v.Type(), s.Sp)
		return v
	case p.T.Kind == lang.KInt && t.Kind == lang.KFloat:
		d := c.Errorf(lang.CodeTypeMismatch, s.Sp, "`%s` gives a float, but %s is int", s.Op, name)
		if s.Op == "/=" && v.Type().Kind != lang.KFloat {
			d.WithHint("`//=` divides and rounds down")
		} else {
			d.WithHint("write %s = round(%s %s …)", name, name, op)
		}
		return v
	case l != ir.Expr(now) && l.Type().Kind != t.Kind || !types.Converts(t, p.T):
		c.Errorf(lang.CodeTypeMismatch, s.Sp, "`%s` gives %s, but %s is %s", s.Op, types.Describe(t), name, types.Describe(p.T))
		return v
	}
	if !p.T.Null && expr.KnownNull(r) {
		c.Errorf(lang.CodeRequired, r.Span(), "%s cannot be null", name)
	}
	return r
}

// longChange checks += or -= of an int64, the only arithmetic that it supports.
func (c *checker) longChange(s *lang.Set, p ir.Place, v ir.Expr, name string) ir.Expr {
	if s.Op != "+=" && s.Op != "-=" {
		c.Clash(s.Op, p.T, v.Type(), s.Sp)
		return v
	}
	if v = c.Coerce(v, p.T); !p.T.Null && expr.KnownNull(v) {
		c.Errorf(lang.CodeRequired, v.Span(), "%s cannot be null", name)
	}
	return v
}

// place resolves the target of a SET item.
func (c *checker) place(x lang.Expr, m *ir.Model, copying bool) (ir.Place, bool) {
	switch x := x.(type) {
	case *lang.Name:
		return c.fieldPlace(x, m, copying)
	case *lang.Member:
		p, ok := c.place(x.X, m, copying)
		if !ok {
			return p, false
		}
		return c.memberPlace(p, x, m)
	case *lang.Index:
		p, ok := c.place(x.X, m, copying)
		if !ok {
			c.Expr(x.I)
			return p, false
		}
		return c.elementPlace(p, x)
	}
	c.Errorf(lang.CodeBadPlace, x.Span(), "SET can change only a field, or an element or member of one")
	return ir.Place{}, false
}

func (c *checker) fieldPlace(x *lang.Name, m *ir.Model, copying bool) (ir.Place, bool) {
	if expr.IsOld(c.Source, x) && m.Lookup(x.Name) == nil {
		c.Errorf(lang.CodeBadPlace, x.Sp, "OLD is the document as it was, and cannot be set")
		return ir.Place{}, false
	}
	f := m.Lookup(x.Name)
	if f == nil && m.Renamed[x.Name] != "" {
		c.NoField(x.Sp, m, x.Name)
		return ir.Place{}, false
	}
	if f == nil {
		d := c.Errorf(lang.CodeUnknownField, x.Sp, "%s has no field %s", m.Name, x.Name)
		if n := lang.Nearest(x.Name, types.FieldNames(m)); n != "" {
			c.DidYouMean(d, x.Sp, x.Name, n)
		} else if c.Lookup(x.Name) != nil {
			d.WithHint("%s is a LET name: a copy, which SET cannot change", x.Name)
		}
		return ir.Place{}, false
	}
	if f == m.Part && !f.Key {
		c.Errorf(lang.CodePartitionChange, x.Sp, "%s names the partition of a document of %s and cannot be changed", f.Name, m.Name).
			WithHint("CREATE the document in the other partition, then DELETE this one")
		return ir.Place{}, false
	}
	if f.Key && !copying {
		c.Errorf(lang.CodeBadPlace, x.Sp, "%s is the key of %s and cannot be changed", f.Name, m.Name).WithHint("COPY … SET %s = … creates a document with another key", f.Name)
		return ir.Place{}, false
	}
	if f.Revision {
		c.revisionSet(f, m, x.Sp)
	}
	return placeOf(f, f.Name, m, ir.Place{Sp: x.Sp})
}

// revisionSet rejects an assignment to the REVISION field of a model.
func (c *checker) revisionSet(f *ir.Field, m *ir.Model, sp lang.Span) {
	c.Errorf(lang.CodeRevisionSet, sp, "%s is the REVISION of %s, which each write increments and which cannot be set", f.Name, m.Name).
		WithHint("leave it out; to write only if it is unchanged, use WHERE … AND %s = $%s", f.Name, f.Name)
}

// placeOf returns the place of field f at path; from is the enclosing place.
func placeOf(f *ir.Field, path string, m *ir.Model, from ir.Place) (ir.Place, bool) {
	p := ir.Place{Sp: from.Sp, T: types.ValueType(f.Type), Creates: from.Creates}
	if f.Emb != nil {
		p.Emb, p.Prefix = f, path
		return p, true
	}
	if p.Col = m.Column(path); f.Collection() {
		p.Col = f.Items
	}
	return p, p.Col != nil
}

// memberPlace resolves p.name.
func (c *checker) memberPlace(p ir.Place, x *lang.Member, m *ir.Model) (ir.Place, bool) {
	at := p
	at.Sp = x.Sp
	switch {
	case p.Emb != nil:
		f := p.Emb.Emb.Field(x.Name)
		if f == nil {
			c.NoMember(x.NameSp, p.Emb.Emb.Name, x.Name, types.FieldNames(p.Emb.Emb))
			return p, false
		}
		if p.Emb.Type.Null {
			if pres := m.Column(p.Prefix); pres != nil {
				at.Creates = append(at.Creates[:len(at.Creates):len(at.Creates)], pres)
			}
		}
		return placeOf(f, p.Prefix+"."+x.Name, m, at)
	case p.T.Kind == lang.KEmbedded:
		for _, col := range p.T.Cols {
			if col.Name == x.Name {
				name := &ir.Const{Base: ir.Base{T: lang.TypeString, Sp: x.NameSp}, Value: x.Name, Raw: x.Name, Ord: -1}
				at.Steps = append(at.Steps[:len(at.Steps):len(at.Steps)], name)
				at.T = col.Type
				return at, true
			}
		}
		c.NoMember(x.NameSp, p.T.Model, x.Name, types.ColNames(p.T.Cols))
	case p.T.Kind == lang.KRef:
		c.Errorf(lang.CodeBadPlace, x.Sp, "%s belongs to another document", c.Source.Slice(x.Sp)).
			WithHint("UPDATE %s <key> SET %s = …", p.T.Model, x.Name)
	case p.T.Kind == lang.KMap:
		c.Errorf(lang.CodeUnknownField, x.NameSp, "a map has no members").WithHint("a key of a map goes in brackets: [%s]", lang.Quote(x.Name))
	case p.T.Kind == lang.KJSON:
		c.Errorf(lang.CodeBadPlace, x.Sp, "part of a json cannot be set").WithHint("set the whole field")
	case p.T.Kind != lang.KUnknown:
		c.Errorf(lang.CodeUnknownField, x.NameSp, "%s has no member %s", types.Describe(p.T), x.Name)
	}
	return p, false
}

// elementPlace resolves p[i]. A literal subscript is part of the shape of the statement.
func (c *checker) elementPlace(p ir.Place, x *lang.Index) (ir.Place, bool) {
	was := c.Pinned
	c.Pinned = true
	i := c.Expr(x.I)
	c.Pinned = was
	at := p
	at.Sp = x.Sp
	switch p.T.Kind {
	case lang.KList:
		i = c.Coerce(i, lang.TypeInt)
		c.NotNull(i, "the place in a list")
	case lang.KMap:
		i = c.Coerce(i, lang.TypeString)
		c.NotNull(i, "the key of a map")
	case lang.KJSON:
		c.Errorf(lang.CodeBadPlace, x.Sp, "part of a json cannot be set").WithHint("set the whole field")
		return p, false
	case lang.KUnknown:
		return p, false
	default:
		c.Errorf(lang.CodeBadPlace, x.Sp, "%s has no elements", types.Describe(p.T))
		return p, false
	}
	at.T = *p.T.Elem
	at.Steps = append(at.Steps[:len(at.Steps):len(at.Steps)], i)
	return at, true
}
