package expr

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// Agree finds the one type that all operands can have: the same, float for
// ints among floats, what a literal or a parameter can be read as.
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
		case hard: // coerce reports what cannot be read as t, where it is
			t.Null = t.Null || x.Type().Null
		default:
			if t, ok = types.Join(t, x.Type()); !ok {
				return lang.TypeUnknown, false
			}
		}
	}
	return t, true
}

// soft expressions take the type of what is next to them: string literals,
// parameters, lists and objects written out, and choices between such.
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

// isLong: a literal beyond the range of int, with or without a minus, or a
// parameter given so. By itself it is an int64; beside nothing but ints it is
// a mistake.
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

// Long reports an integer beyond the range of int that is written or given, a
// list that has one and otherwise only such, or a name of either.
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

// longBeside gives the first operand that is beyond the range of int where the
// others have a type and none of them is more than an int; nil where there is none.
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

// isNumberLiteral: a number as it is written, which is an int64 beside one.
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

// adapts: functions that give one of their arguments.
func adapts(fn string) bool { return fn == "coalesce" || fn == "when" || fn == "min" || fn == "max" }

// isValueArg: argument i of such a function is one it may give, not a condition.
func isValueArg(x *ir.Call, i int) bool { return x.Fn != "when" || i%2 == 1 || i == len(x.Args)-1 }
