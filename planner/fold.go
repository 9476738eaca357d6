package planner

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// fold returns a predicate without the parts whose value is the same for every document, as far as the types of the parameters
// tell: a plan is made for parameters that are null, or for others. It is nil if all documents match. It serves the choice of an
// access path; the predicate itself stays whole, so that plans that differ only in which parameters are null share a script.
func fold(x ir.Expr) ir.Expr {
	if x == nil {
		return nil
	}
	x = folded(x)
	if v, known := constant(x); known && v {
		return nil
	}
	return x
}

// folded is fold with a constant for what is always true, or always false.
func folded(x ir.Expr) ir.Expr {
	switch x := x.(type) {
	case *ir.Binary:
		if x.Op == lang.OpAnd || x.Op == lang.OpOr {
			return foldedPair(x)
		}
	case *ir.Unary:
		if x.Op != lang.OpNot {
			return x
		}
		in := folded(x.X)
		if v, known := constant(in); known {
			return boolean(x, !v)
		}
		if in != x.X {
			return &ir.Unary{Base: x.Base, Op: x.Op, X: in}
		}
	case *ir.IsNull:
		if v, known := isNull(x.X); known {
			return boolean(x, v)
		}
	}
	if unequalToNull(x) {
		return boolean(x, false)
	}
	return x
}

// foldedPair is folded for AND and OR. An operand that may have a fault is kept: the fault is a warning.
func foldedPair(x *ir.Binary) ir.Expr {
	l, r := folded(x.L), folded(x.R)
	decides := x.Op == lang.OpOr // the value of one operand that decides the whole
	if v, known := constant(l); known {
		if v == decides {
			return l
		}
		return r
	}
	if v, known := constant(r); known {
		switch {
		case v != decides:
			return l
		case !ir.MayFail(l):
			return r
		}
	}
	if l == x.L && r == x.R {
		return x
	}
	return &ir.Binary{Base: x.Base, Op: x.Op, L: l, R: r}
}

// constant returns the value of a condition that is TRUE or FALSE.
func constant(x ir.Expr) (value, known bool) {
	if c, ok := x.(*ir.Const); ok && c.Ord < 0 && c.T.Kind == lang.KBool {
		value, known = c.Value.(bool)
	}
	return value, known
}

// isNull reports whether a parameter or a literal is null, if its type tells.
func isNull(x ir.Expr) (is, known bool) {
	switch x := x.(type) {
	case *ir.Const:
		return x.Value == nil, x.T.Kind != lang.KUnknown
	case *ir.Param:
		return x.Null, x.Null || x.T.Kind != lang.KUnknown && !x.T.Null
	}
	return false, false
}

// unequalToNull reports whether x is a comparison that is false because an operand is null, such as age > $min.
func unequalToNull(x ir.Expr) bool {
	b, ok := x.(*ir.Binary)
	if !ok || ir.MayFail(b) {
		return false
	}
	switch b.Op {
	case lang.OpLt, lang.OpLe, lang.OpGt, lang.OpGe, lang.OpStarts, lang.OpEnds:
	default:
		return false
	}
	for _, side := range []ir.Expr{b.L, b.R} {
		if null, known := isNull(side); null && known {
			return true
		}
	}
	return false
}
