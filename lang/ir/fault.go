package ir

import "github.com/rql-lang/rql/lang"

// MayFault reports whether a fault can be met while x is computed: a division
// by zero, an overflow, a text that is no number.
func MayFault(x Expr) bool {
	found := false
	Walk(x, func(x Expr) bool {
		found = found || Faulty(x)
		return !found
	})
	return found
}

// Faulty is MayFault of the operation that x itself is, not of its operands. A
// sum that overflows and a pattern that cannot be read are no faults: they are
// errors wherever they stand.
func Faulty(x Expr) bool {
	switch x := x.(type) {
	case *Unary:
		return x.Op == lang.OpSub && x.T.Kind == lang.KInt64
	case *Binary:
		switch x.Op {
		case lang.OpAdd, lang.OpSub, lang.OpMul, lang.OpDiv, lang.OpFloorDiv, lang.OpMod, lang.OpPow:
			return x.T.Kind != lang.KList
		}
	case *Convert:
		return x.T.Kind == lang.KVector && x.X.Type().Kind == lang.KList
	case *Call:
		return len(x.Args) > 0 && faultyCall(x, x.Args[0].Type().Scalar().Kind)
	}
	return false
}

// faultyCall is Faulty of a function whose first argument is of a kind.
func faultyCall(x *Call, k lang.Kind) bool {
	if f := lang.FindFunction(x.Fn); f != nil && f.Cast {
		ok, mayFail := k.Info().Cast(x.Fn)
		return len(x.Args) > 1 || mayFail || !ok
	}
	switch x.Fn {
	case "len":
		return k == lang.KJSON
	case "round":
		return len(x.Args) > 1 || k != lang.KInt
	case "floor", "ceil":
		return k != lang.KInt
	case "sqrt", "replace", "hex", "date_trunc", "range", "point":
		return true
	}
	return false
}

// Fixed reports whether x is the same for every document that a condition is
// asked of, so that it is known before the first one is read.
func Fixed(x Expr) bool { return fixed(x, false) }

// fixed is Fixed; elem says that the element of a list around x is known.
func fixed(x Expr, elem bool) bool {
	switch x := x.(type) {
	case *Row, *Old, *Deref, *GroupKey, *AggRef, *Output:
		return false
	case *Elem:
		return elem
	case *Pluck:
		return fixed(x.X, elem) && fixed(x.Body, true)
	case *Call:
		if x.Fn == "uuid" || x.Fn == "ttl" {
			return false
		}
	}
	for _, c := range Children(x) {
		if !fixed(c, elem) {
			return false
		}
	}
	return true
}

// Constant reports whether the value of x stands in the text: it is made of literals alone.
func Constant(x Expr) bool {
	constant := true
	Walk(x, func(x Expr) bool {
		switch x.(type) {
		case *Param, *Var, *Elem:
			constant = false
		}
		return constant
	})
	return constant && Closed(x)
}

// FixedParts calls f for the largest parts of a condition that are Fixed and
// may fault. Each is computed before the first document is read, and its fault is an error.
func FixedParts(x Expr, f func(Expr)) {
	if x == nil || !MayFault(x) {
		return
	}
	if Fixed(x) {
		f(x)
		return
	}
	for _, c := range Children(x) {
		FixedParts(c, f)
	}
}

// Conditions lists the conditions by which a statement chooses rows; nil where it has none.
func Conditions(st Stmt) []Expr {
	var all []Expr
	switch st := st.(type) {
	case *Find:
		all = []Expr{st.Where, st.Having}
	case *Count:
		all = []Expr{st.Where}
	case *Exists:
		all = []Expr{st.Where}
	case *Update:
		all = []Expr{st.Target.Where}
	case *Delete:
		all = []Expr{st.Target.Where}
	}
	out := all[:0]
	for _, x := range all {
		if x != nil {
			out = append(out, x)
		}
	}
	return out
}
