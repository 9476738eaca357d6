package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// Decode is the Lua expression that turns stored hash text (a Lua string, or
// false or nil when the field is absent) into the typed value. Text that is
// not of the type, and absence where t is not nullable, end in
// badvalue(column, text).
func Decode(t lang.Type, text any, column string, p *Runtime) *tree.Node {
	return decode(t, text, tree.Str(column), p)
}

// DecodeColumn is Decode of a column in the form that its values are stored in:
// of a LENIENT one, text that does not fit is null and a warning.
func DecodeColumn(c *ir.Column, text any, p *Runtime) *tree.Node {
	name := tree.Str(c.Name)
	if c.Own() {
		return decode(c.Type, text, name, p)
	}
	if c.Lenient() {
		p.lenient = true
		name = p.table(tree.Table(name))
	}
	if c.EmptyNull() {
		text = p.call("unempty", text)
	}
	return decode(c.Stored(), text, name, p)
}

// decodeForeign is decode of a variant, or "" where it is stored as RQL stores it.
func decodeForeign(t lang.Type, text any, name *tree.Node, p *Runtime) *tree.Node {
	switch {
	case t.Variant == "":
	case t.Variant == lang.VariantJSON:
		return p.call("d_json", text, name, t.Null, p.natural(t))
	case t.Variant == lang.VariantBase64:
		return p.call("d_b64", text, name, t.Null)
	case t.Variant == lang.VariantKey:
		key := t.Scalar()
		return decode(key, p.call("d_named", text, name, tree.Str(t.Values[0]), tree.Str(t.Values[1])), name, p)
	case t.Kind == lang.KBool:
		return p.call("d_word", text, name, t.Null)
	case t.Variant == "iso":
		return p.call("d_iso", text, name, t.Null)
	case t.Variant == "ns":
		return p.call("d_nanos", text, name, t.Null)
	case t.Variant == "s":
		k := t.Kind.Info()
		return p.call("d_seconds", text, name, t.Null, tree.Int(k.Low), tree.Int(k.High))
	}
	return nil
}

// EncodeColumn is Encode of a column in the form that its values are stored in.
func EncodeColumn(c *ir.Column, text any, p *Runtime) *tree.Node {
	t := c.Stored()
	switch {
	case t.Variant == "":
	case t.Variant == lang.VariantKey:
		return tree.Join("..", tree.Str(t.Values[0]), Encode(c.Type.NotNull(), text, p), tree.Str(t.Values[1]))
	case t.Kind == lang.KBool:
		return ex("%s and 'true' or 'false'", text)
	case t.Variant == "iso":
		return p.call("t_str", text)
	case t.Variant == "s":
		return p.call("e_seconds", text)
	case t.Variant == "ns":
		return p.call("e_nanos", text)
	}
	return Encode(c.Type.NotNull(), text, p)
}

// decode writes the name of the column as it is given.
func decode(t lang.Type, text any, column *tree.Node, p *Runtime) *tree.Node {
	if s := decodeForeign(t, text, column, p); s != nil {
		return s
	}
	t = keyed(t)
	switch {
	case !t.Single():
		return p.call("d_json", text, column, t.Null, p.shape(t))
	case t.Kind == lang.KVector:
		return p.call("d_vec", text, column, t.Null, t.N, t.Cosine())
	case t.Kind == lang.KEnum:
		return p.call("d_enum", text, column, t.Null, p.table(setOf(t.Values)))
	}
	args := []any{text, column}
	if t.Null {
		args = append(args, true)
	}
	return p.call(kindCodes[t.Kind].decode, args...)
}

// Encode is the Lua expression for the stored text of a typed value that is not null.
func Encode(t lang.Type, text any, p *Runtime) *tree.Node {
	if c := codeOf(t); c != nil {
		return c.encode(text, p)
	}
	return p.call("j_text", text, p.shape(t))
}

// Reply is the Lua expression for what a reply array holds for a typed value:
// its text as Encode writes it, or false for null.
func Reply(t lang.Type, text any, p *Runtime) *tree.Node {
	switch c := codeOf(t); {
	case c == nil:
		return p.call("r_json", text, p.shape(t))
	case c.reply == "":
		return ex("%s or false", text)
	default:
		return p.call(c.reply, text)
	}
}

// Member is the Lua expression for the order-preserving component of a typed,
// maybe null value in an index entry.
func Member(t lang.Type, text any, p *Runtime) *tree.Node {
	return p.call(memberFunc(t), text)
}

// Members is the Lua expression for the distinct components of a list in a
// list index, as an array: of null and of the empty list one that says so.
func Members(t lang.Type, text any, p *Runtime) *tree.Node {
	f := memberFunc(*t.Elem)
	p.Use(f)
	return p.call("m_list", text, f)
}

func memberFunc(t lang.Type) string {
	if c := codeOf(t); c != nil {
		return c.member
	}
	return "m_str"
}

// Arg is the Lua expression for the typed, maybe null value that AppendArg
// wrote as the argument that text gives.
func Arg(t lang.Type, text any, p *Runtime) *tree.Node {
	if t.Kind == lang.KNull {
		return tree.Nil()
	}
	if c := codeOf(t); c != nil {
		return p.call(c.arg, text)
	}
	return p.call("a_json", text, p.shape(t))
}

// component is the component of an index entry, from the stored text of a value that is not null.
func component(t lang.Type, text any, p *Runtime) *tree.Node {
	if code := codeOf(t); code != nil {
		return code.entry(text, p)
	}
	return p.call("m_str", text)
}

// literal is the Lua expression for the JSON text of a column's value, which is
// not null.
func literal(c *ir.Column, text any, p *Runtime) *tree.Node {
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
func literalOrNull(c *ir.Column, text any, p *Runtime) *tree.Node {
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
func endless(t lang.Type, seen map[string]bool, p *Runtime) bool {
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
func fractional(t lang.Type, seen map[string]bool, p *Runtime) bool {
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

// absent stands in a document's argument for a field that was not given.
const absent = "-"

// Absent is the argument of a column that a document does not give.
const Absent = absent
