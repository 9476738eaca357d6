package check

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// agree finds the one type that all operands can have: the same, float for
// ints among floats, what a literal or a parameter can be read as.
func (c *checker) agree(xs ...ir.Expr) (lang.Type, bool) {
	t, ok := lang.TypeUnknown, true
	t.Null = false
	if c.longBeside(xs...) != nil {
		return lang.TypeUnknown, false
	}
	for _, x := range xs {
		if !soft(x) {
			if t, ok = join(t, x.Type()); !ok {
				return lang.TypeUnknown, false
			}
		}
	}
	hard := t.Kind != lang.KUnknown && t.Kind != lang.KNull
	for _, x := range xs {
		switch {
		case !soft(x):
		case hard: // coerce reports what cannot be read as t, where it stands
			t.Null = t.Null || x.Type().Null
		default:
			if t, ok = join(t, x.Type()); !ok {
				return lang.TypeUnknown, false
			}
		}
	}
	return t, true
}

// soft expressions take the type of what stands beside them: string literals,
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

// isWhole reports int and int64.
func isWhole(t lang.Type) bool { return t.Kind == lang.KInt || t.Kind == lang.KInt64 }

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

// longBeside gives the first operand that is beyond the range of int where the
// others have a type and none of them is more than an int; nil where there is none.
func (c *checker) longBeside(xs ...ir.Expr) ir.Expr {
	var long ir.Expr
	ints := false
	for _, x := range xs {
		switch kind := keyType(x.Type()).Kind; {
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

// join is the type of a value that is of either type.
func join(a, b lang.Type) (lang.Type, bool) {
	null := a.Null || b.Null
	switch {
	case a.Kind == lang.KUnknown:
		return nullIf(b, a.Null), true
	case b.Kind == lang.KUnknown:
		return a, true
	case a.Kind == lang.KNull:
		return b.OrNull(), true
	case b.Kind == lang.KNull:
		return a.OrNull(), true
	case a.IsNumber() && b.IsNumber():
		if a.Kind == lang.KFloat {
			return nullIf(a, null), true
		}
		return nullIf(b, null), true
	case isWhole(keyType(a)) && isWhole(keyType(b)) && keyType(a).Kind != keyType(b).Kind:
		return nullIf(lang.TypeInt64, null), true
	case a.Kind == lang.KJSON && jsonable(b), b.Kind == lang.KJSON && jsonable(a):
		return lang.TypeJSON, true
	}
	t, ok := joinDeep(a, b)
	return nullIf(t, null), ok
}

func joinDeep(a, b lang.Type) (lang.Type, bool) {
	switch {
	case (a.Kind == lang.KList && b.Kind == lang.KList || a.Kind == lang.KMap && b.Kind == lang.KMap) && a.Elem != nil && b.Elem != nil:
		elem, ok := join(*a.Elem, *b.Elem)
		a.Elem = &elem
		return a, ok
	case a.Kind == lang.KRecord && b.Kind == lang.KRecord:
		return joinRecords(a, b)
	case a.Same(b):
		return a, true
	case a.Kind == lang.KRef && b.Kind != lang.KRef && a.Scalar().Kind == b.Kind:
		return b, true
	case b.Kind == lang.KRef && a.Kind != lang.KRef && b.Scalar().Kind == a.Kind:
		return a, true
	case isObject(a) && (b.Kind == lang.KMap || b.Kind == lang.KEmbedded || b.Kind == lang.KRecord):
		return b, true
	case isObject(b) && (a.Kind == lang.KMap || a.Kind == lang.KEmbedded):
		return a, true
	}
	return lang.TypeUnknown, false
}

func isObject(t lang.Type) bool { return t.Kind == lang.KObject || t.Kind == lang.KRecord }

func joinRecords(a, b lang.Type) (lang.Type, bool) {
	if len(a.Cols) != len(b.Cols) {
		return lang.TypeUnknown, false
	}
	cols := make([]lang.Col, len(a.Cols))
	for i, col := range a.Cols {
		other, ok := column(b, col.Name)
		if !ok {
			return lang.TypeUnknown, false
		}
		t, ok := join(col.Type, other)
		if !ok {
			return lang.TypeUnknown, false
		}
		cols[i] = lang.Col{Name: col.Name, Type: t}
	}
	a.Cols = cols
	return a, true
}

func column(t lang.Type, name string) (lang.Type, bool) {
	for _, col := range t.Cols {
		if col.Name == name {
			return col.Type, true
		}
	}
	return lang.TypeUnknown, false
}

// jsonable: the types whose values have a form in json.
func jsonable(t lang.Type) bool {
	switch t.Kind {
	case lang.KSet, lang.KPQueue:
		return false
	}
	return true
}
