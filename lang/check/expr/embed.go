package expr

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// embed converts an object to a value of an embedded model. It then has every field, including defaults and null.
func (c *Checker) embed(x *ir.Object, to lang.Type) ir.Expr {
	m := c.Above.Embedded(to.Model)
	if m == nil {
		return x
	}
	c.CountFilled(len(m.Fields)-len(x.Names), x.Sp)
	values := make([]ir.Expr, len(m.Fields))
	bad := false
	for i, name := range x.Names {
		f := m.Field(name)
		if f == nil {
			bad = true
			c.NoMember(c.nameSpan(x, i), m.Name, name, types.FieldNames(m))
			continue
		}
		values[f.Pos] = c.Assigned(x.Items[i], name, memberType(to, f))
	}
	out := &ir.Object{Base: ir.Base{T: to.NotNull(), Sp: x.Sp}, Names: types.FieldNames(m), Items: values}
	var missing []string
	for i, f := range m.Fields {
		switch {
		case values[i] != nil:
		case f.Default != nil:
			values[i] = c.defaultInside(m, f, values, x.Sp)
		default:
			values[i] = &ir.Const{Base: ir.Base{T: types.KeyType(memberType(to, f)).OrNull(), Sp: x.Sp}, Ord: -1}
			if !f.Type.Null && f.Type.Kind != lang.KUnknown {
				missing = append(missing, f.Name)
			}
		}
	}
	if missing != nil && !bad {
		c.Errorf(lang.CodeRequired, x.Sp, "%s needs %s", m.Name, strings.Join(missing, ", "))
	}
	return out
}

// memberType returns the type of a field in an embedded value of type t, which says where a ref leads from there.
func memberType(t lang.Type, f *ir.Field) lang.Type {
	if in := t.Member(f.Name); in.Kind == f.Type.Kind {
		return in
	}
	return f.Type
}

// defaultInside returns the default of a field of an embedded value in an object literal. Fields that the default uses are the
// values given beside it.
func (c *Checker) defaultInside(m *ir.Model, f *ir.Field, values []ir.Expr, sp lang.Span) ir.Expr {
	var x lang.Expr
	for _, d := range m.Decl.Fields {
		if d.Name.Name == f.Name {
			x = d.Default
		}
	}
	if x == nil {
		return f.Default
	}
	sc := &Scope{Model: m, Doc: m, Rule: "DEFAULT", Clause: "DEFAULT", Before: f.Pos}
	sc.sibling = func(name string) ir.Expr {
		v := values[m.Field(name).Pos]
		if ir.Has(v, ir.IsVolatile) {
			c.Errorf(lang.CodeNotAllowed, sp, "%s.%s takes its DEFAULT from %s, whose value changes each time", m.Name, f.Name, name).WithHint("give %s", f.Name)
		}
		return v
	}
	outer, at, pinned := c.Enter(sc), c.at, c.Pinned
	c.at, c.Pinned = &sp, true
	v := c.Assigned(c.Expr(x), f.Name, f.Type)
	c.Enter(outer)
	c.at, c.Pinned = at, pinned
	return v
}

// nameSpan returns the position of name i of an object.
func (c *Checker) nameSpan(x *ir.Object, i int) lang.Span {
	if src := c.objects[x]; src != nil && i < len(src.Entries) {
		return src.Entries[i].NameSp
	}
	return x.Items[i].Span()
}

// Assigned converts a value for a field or a place of type t.
func (c *Checker) Assigned(x ir.Expr, name string, t lang.Type) ir.Expr {
	x = c.Coerce(x, t)
	if !t.Null && t.Kind != lang.KUnknown && KnownNull(x) {
		c.Errorf(lang.CodeRequired, x.Span(), "%s cannot be null", name)
	}
	return x
}
