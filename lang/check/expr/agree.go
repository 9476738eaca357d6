package expr

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// Agree returns the common type of all operands: the same type, float for ints among floats, or the type to which literals and
// parameters can be converted.
func (c *Checker) Agree(xs ...ir.Expr) (lang.Type, bool) {
	t, ok := lang.TypeUnknown, true
	t.Null = false
	if c.longBeside(xs...) != nil {
		return lang.TypeUnknown, false
	}
	for _, x := range xs {
		if !soft(x) {
			if t, ok = types.Join(t, x.Type()); !ok {
				return lang.TypeUnknown, false
			}
		}
	}
	hard := t.Kind != lang.KUnknown && t.Kind != lang.KNull
	for _, x := range xs {
		switch {
		case !soft(x):
		case hard: // Coerce reports what cannot be converted to t
			t.Null = t.Null || x.Type().Null
		default:
			if t, ok = types.Join(t, x.Type()); !ok {
				return lang.TypeUnknown, false
			}
		}
	}
	return t, true
}

// soft reports whether an expression takes the type of what it is combined with: string literals, parameters, list and object
// literals, and choices between these.
func soft(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Const:
		return x.T.Kind == lang.KString
	case *ir.Param:
		switch x.T.Kind {
		case lang.KString, lang.KUnknown, lang.KObject, lang.KList, lang.KNull:
			return true
		}
	case *ir.List, *ir.Object:
		return x.Type().Kind == lang.KRecord || x.Type().Kind == lang.KList
	case *ir.Call:
		if !adapts(x.Fn) || x.T.Kind != lang.KString {
			return false
		}
		for i, a := range x.Args {
			if isValueArg(x, i) && !soft(a) && a.Type().Kind != lang.KNull {
				return false
			}
		}
		return true
	}
	return false
}

// isLong reports whether x is a literal beyond the range of int, with or without a minus sign, or such a parameter. By itself it
// is an int64; combined with only ints it is an error.
func isLong(x ir.Expr) bool {
	if u, ok := x.(*ir.Unary); ok && u.Op == lang.OpSub {
		x = u.X
	}
	switch x := x.(type) {
	case *ir.Const:
		v, ok := x.Raw.(int64)
		return ok && x.T.Kind == lang.KInt64 && (v > lang.MaxInt || v < -lang.MaxInt)
	case *ir.Param:
		return x.T.Kind == lang.KInt64
	}
	return false
}

// Long reports whether x is an integer literal or parameter beyond the range of int, a list that contains one and otherwise only
// integers, or a name for either.
func Long(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Var:
		return x.V.Long
	case *ir.Param:
		return x.T.Kind == lang.KInt64 || x.T.Kind == lang.KList && x.T.Elem != nil && x.T.Elem.Kind == lang.KInt64
	case *ir.List:
		return slices.ContainsFunc(x.Items, isLong) && !slices.ContainsFunc(x.Items, func(it ir.Expr) bool { return !isNumberLiteral(it) })
	}
	return isLong(x)
}

// longBeside returns the first operand that is beyond the range of int if the others have a type and none of them is more than an
// int; otherwise nil.
func (c *Checker) longBeside(xs ...ir.Expr) ir.Expr {
	var long ir.Expr
	ints := false
	for _, x := range xs {
		switch kind := types.KeyType(x.Type()).Kind; {
		case isLong(x):
			if long == nil {
				long = x
			}
		case kind == lang.KInt && !isNumberLiteral(x):
			ints = true
		case kind == lang.KInt64:
			return nil
		}
	}
	if !ints {
		return nil
	}
	return long
}

// isNumberLiteral reports whether x is a number literal, which becomes an int64 beside one.
func isNumberLiteral(x ir.Expr) bool {
	if u, ok := x.(*ir.Unary); ok && u.Op == lang.OpSub {
		x = u.X
	}
	switch x.(type) {
	case *ir.Const, *ir.Param:
		return true
	}
	return false
}

// adapts reports whether a function returns one of its arguments.
func adapts(fn string) bool { return fn == "coalesce" || fn == "when" || fn == "min" || fn == "max" }

// isValueArg reports whether such a function may return argument i, as opposed to a condition.
func isValueArg(x *ir.Call, i int) bool { return x.Fn != "when" || i%2 == 1 || i == len(x.Args)-1 }
