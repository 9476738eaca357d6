package expr

import (
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// collection returns a collection of the document x as a value: all its members.
func (c *Checker) collection(x ir.Expr, f *ir.Field, sp lang.Span) ir.Expr {
	if c.Scope.Rule != "" {
		c.Errorf(lang.CodeNotAllowed, sp, "%s is a collection in a separate key, which the rules of a model cannot read", f.Name)
		return c.Unknown(sp)
	}
	if f.Items == nil { // its model has an error that was reported at its declaration
		return c.Unknown(sp)
	}
	col := &ir.Col{Base: c.Base(types.NullIf(f.Items.Type, x.Type().Null), sp), X: x, Col: f.Items}
	switch path := ir.LeafPath(col); {
	case path == "":
		c.Errorf(lang.CodeNotAllowed, sp, "a document in a name or in a list does not include its collection %s", f.Name).
			WithHint("read it with the document: GET … FETCH %s, or RETURN it", f.Name)
		return c.Unknown(sp)
	case strings.HasPrefix(path, "OLD:"):
		c.Errorf(lang.CodeNotAllowed, sp, "OLD holds only the document itself, and %s is a collection in a separate key", f.Name)
		return c.Unknown(sp)
	}
	return col
}

// Items returns the collection whose members are x, or nil.
func Items(x ir.Expr) *ir.Col {
	if col, ok := x.(*ir.Col); ok && col.Col.Coll != nil && col.Col.Coll.Op == "items" {
		return col
	}
	return nil
}

// ask returns a query over a collection that does not read all of it.
func (c *Checker) ask(of *ir.Col, op string, arg ir.Expr, t lang.Type, sp lang.Span) ir.Expr {
	f := of.Col.Field
	name := f.Name + "#" + op
	if arg != nil {
		c.asked++
		name += strconv.Itoa(c.asked)
	}
	col := &ir.Column{Name: name, Type: t, Slot: of.Col.Slot, Field: f, Leaf: f, Coll: &ir.Collection{Field: f, Op: op, Arg: arg}}
	return &ir.Col{Base: c.Base(t, sp), X: of.X, Col: col}
}

// has checks collection CONTAINS x, or x IN collection.
func (c *Checker) has(of *ir.Col, x ir.Expr, sp lang.Span) ir.Expr {
	f := of.Col.Field
	t, ok := c.Agree(x, &ir.Elem{Base: ir.Base{T: *f.Type.Elem}})
	if !ok || !t.Scalar().Same(f.Type.Elem.Scalar().OrNull()) && !t.Scalar().Same(f.Type.Elem.Scalar()) {
		if x.Type().Kind != lang.KInt || f.Type.Elem.Kind != lang.KFloat {
			c.Clash("CONTAINS", f.Type, x.Type(), sp)
			return c.Unknown(sp)
		}
	}
	arg := c.Coerce(x, f.Type.Elem.OrNull())
	ir.Walk(arg, func(x ir.Expr) bool {
		if _, is := x.(*ir.Output); is {
			c.Errorf(lang.CodeNotAllowed, x.Span(), "a test of a collection cannot use a returned column").WithHint("repeat the expression")
		}
		return true
	})
	return c.ask(of, "has", arg, lang.TypeBool, sp)
}

// size checks len(collection).
func (c *Checker) size(of *ir.Col, sp lang.Span) ir.Expr {
	return c.ask(of, "size", nil, types.NullIf(lang.TypeInt, of.T.Null), sp)
}
