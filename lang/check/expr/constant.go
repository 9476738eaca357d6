package expr

import (
	"errors"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// constant computes an operation that may have a fault if all its operands consist of literals, so that the fault is found before
// anything runs. A definition that is already in the catalog is not checked.
func (c *Checker) constant(x ir.Expr) ir.Expr {
	if c.Loading || !ir.Faulty(x) || c.Wrong(x.Span()) {
		return x
	}
	operands := ir.Children(x)
	literals := make([]ir.Expr, len(operands))
	for i, o := range operands {
		f := c.literalOf(o)
		if f == nil {
			return x
		}
		if f.failed {
			delete(c.constants, o)
			c.fold(x, &folded{failed: true})
			return x
		}
		literals[i] = &ir.Const{Base: ir.Base{T: o.Type(), Sp: o.Span()}, Value: f.value, Ord: -1}
	}
	for _, o := range operands { // they are part of the whole now
		delete(c.constants, o)
	}
	v, err := computed(over(x, literals))
	var f *eval.Fault
	if errors.As(err, &f) {
		c.Errorf(f.Code, x.Span(), "%s", f.Message)
	}
	c.fold(x, &folded{value: v, failed: err != nil})
	return x
}

// KeyParts returns the partition and the key that a full key names, as a record of type t. If x consists of literals, it is read now.
func (c *Checker) KeyParts(x ir.Expr, m *ir.Model, t lang.Type) ir.Expr {
	found := len(c.Diags)
	out := c.constant(&ir.KeyParts{Base: c.Base(t, x.Span()), X: x, Model: m})
	if len(c.Diags) > found {
		c.Diags[found].WithHint("{ %s: …, %s: … } names a document of %s too", m.Part.Name, m.Key.Name, m.Name)
	}
	return out
}

func (c *Checker) fold(x ir.Expr, f *folded) {
	if c.constants == nil {
		c.constants = map[ir.Expr]*folded{}
	}
	c.constants[x] = f
}

// literalOf returns the value of an operand that consists of literals; nil for any other.
func (c *Checker) literalOf(x ir.Expr) *folded {
	if k, ok := x.(*ir.Const); ok {
		return &folded{value: k.Value}
	}
	if f := c.constants[x]; f != nil {
		return f
	}
	if !ir.Constant(x) {
		return nil
	}
	v, err := computed(x)
	return &folded{value: v, failed: err != nil}
}

// Literal returns the value of x if it consists of literals and has no fault.
func (c *Checker) Literal(x ir.Expr) (any, bool) {
	f := c.literalOf(x)
	if f == nil || f.failed {
		return nil, false
	}
	return f.value, true
}

func computed(x ir.Expr) (any, error) {
	fn, err := eval.Compile(x, eval.Layout{})
	if err != nil {
		return nil, err
	}
	return fn(&eval.Env{})
}

// over returns the operation x with other operands.
func over(x ir.Expr, operands []ir.Expr) ir.Expr {
	switch x := x.(type) {
	case *ir.Unary:
		y := *x
		y.X = operands[0]
		return &y
	case *ir.Binary:
		y := *x
		y.L, y.R = operands[0], operands[1]
		return &y
	case *ir.Convert:
		y := *x
		y.X = operands[0]
		return &y
	case *ir.Call:
		y := *x
		y.Args = operands
		return &y
	case *ir.KeyParts:
		y := *x
		y.X = operands[0]
		return &y
	}
	return x
}

func (c *Checker) callOf(fn string, t lang.Type, args []ir.Expr, sp lang.Span) ir.Expr {
	return c.constant(&ir.Call{Base: c.Base(t, sp), Fn: fn, Args: args})
}
