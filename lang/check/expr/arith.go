package expr

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// arith checks an operation with + - * / // % **.
func (c *Checker) arith(op lang.Op, l, r ir.Expr, sp lang.Span) ir.Expr {
	t, l, r, ok := c.Operate(op, l, r)
	if !ok {
		c.clashing(string(op), l, r, sp)
		return c.Unknown(sp)
	}
	t.Null = l.Type().Null || r.Type().Null
	return c.constant(&ir.Binary{Base: c.Base(t, sp), Op: op, L: l, R: r})
}

// Operate returns the result type of l op r, and converts the operands to the types that the operation requires: an int beside a
// float becomes float, as do both operands of /.
func (c *Checker) Operate(op lang.Op, l, r ir.Expr) (lang.Type, ir.Expr, ir.Expr, bool) {
	l, r = c.adapt(op, l, r)
	lt, rt := l.Type(), r.Type()
	switch {
	case lt.Kind == lang.KUnknown || rt.Kind == lang.KUnknown:
		return lang.TypeUnknown, l, r, true
	case lt.Kind == lang.KNull && rt.Kind == lang.KNull:
		return lang.TypeNull, l, r, true
	case lt.Kind == lang.KNull, rt.Kind == lang.KNull:
		return c.withNull(op, l, r)
	case lt.IsNumber() && rt.IsNumber():
		t := lang.TypeInt
		if lt.Kind == lang.KFloat || rt.Kind == lang.KFloat || op == lang.OpDiv {
			t = lang.TypeFloat
			l, r = c.Coerce(l, t), c.Coerce(r, t)
		}
		return t, l, r, true
	case lt.Kind == lang.KList && rt.Kind == lang.KList && op == lang.OpAdd:
		t, ok := c.Agree(l, r)
		if !ok {
			return t, l, r, false
		}
		return t, c.Coerce(l, t), c.Coerce(r, t), true
	}
	k, ok := lang.ResultOf(op, types.KeyType(lt).Kind, types.KeyType(rt).Kind)
	if !ok {
		return lang.TypeUnknown, l, r, false
	}
	return lang.Type{Kind: k}, l, r, true
}

// withNull types an operation with NULL on one side: null of the type that the other side implies.
func (c *Checker) withNull(op lang.Op, l, r ir.Expr) (lang.Type, ir.Expr, ir.Expr, bool) {
	t, null := l.Type(), &r
	if t.Kind == lang.KNull {
		t, null = r.Type(), &l
	}
	switch {
	case !t.Scalar().Kind.Info().Arithmetic:
		return lang.TypeUnknown, l, r, false
	case op == lang.OpDiv && t.Scalar().IsNumber():
		t = lang.TypeFloat
		l, r = c.Coerce(l, t), c.Coerce(r, t)
	}
	*null = c.Coerce(*null, t)
	return t.OrNull(), l, r, true
}

// adapt converts a string literal or a parameter beside a datetime, a duration or bytes to that type, and gives a parameter
// without a value the type of its place.
func (c *Checker) adapt(op lang.Op, l, r ir.Expr) (ir.Expr, ir.Expr) {
	lt, rt := l.Type().Kind, r.Type().Kind
	switch {
	case soft(r) && (rt == lang.KString || rt == lang.KUnknown):
		if want, ok := partner(op, l.Type(), r); ok {
			r = c.Coerce(r, want)
		}
	case soft(l) && (lt == lang.KString || lt == lang.KUnknown):
		if want, ok := partner(op, r.Type(), l); ok {
			l = c.Coerce(l, want)
		}
	}
	return l, r
}

// partner returns the type of a string literal or an untyped parameter x beside t.
func partner(op lang.Op, t lang.Type, x ir.Expr) (lang.Type, bool) {
	untyped := x.Type().Kind == lang.KUnknown
	switch info := t.Kind.Info(); {
	case t.Kind == lang.KDateTime:
		if op == lang.OpSub && !isDurationText(x) && !untyped {
			return lang.TypeDateTime, true
		}
		return lang.TypeDuration, op == lang.OpAdd || op == lang.OpSub
	case op == lang.OpMul && (t.Kind == lang.KString || t.Kind == lang.KBytes):
		return lang.TypeInt, untyped
	case t.Kind == lang.KString, t.IsNumber(), t.Kind == lang.KList:
		return t.NotNull(), untyped
	case info.Literal && info.Arithmetic && (op == lang.OpAdd || op == lang.OpSub):
		_, ok := lang.ResultOf(op, t.Kind, t.Kind)
		return t.NotNull(), ok
	}
	return t, false
}

// isDurationText reports whether x is a literal such as '1h30m', which no datetime looks like.
func isDurationText(x ir.Expr) bool {
	k, ok := x.(*ir.Const)
	if !ok {
		return false
	}
	s, _ := k.Raw.(string)
	if s == "" {
		return false
	}
	last := s[len(s)-1]
	return last == 'w' || last == 'd' || last == 'h' || last == 'm' || last == 's'
}
