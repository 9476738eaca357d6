package lua

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// Conditions of three values. Where rows are chosen or shown a predicate with a
// fault is unknown, which is nil: FN counts the faults that were met and are
// not yet part of an unknown predicate. Whether a condition holds, or its
// negation does, is written with Lua's own `and` and `or`, in which nil is as
// good as false: NOT is carried inwards to the predicates. Only a condition
// whose value is needed takes functions. What cannot fault is written as if
// there were two values.

// asks reports that operand i of x is one of a predicate: of x, or as a condition that is no operator.
func asks(x ir.Expr, i int) bool {
	switch y := x.(type) {
	case *ir.Unary:
		return y.Op == lang.OpNot && !isCondition(y.X)
	case *ir.Binary:
		return isPredicate(y.Op) || isLogic(y.Op) && !isCondition(ir.Children(y)[i])
	case *ir.Call:
		return y.Fn == "when" && i%2 == 0 && i+1 < len(y.Args) && !isCondition(y.Args[i])
	}
	return predicate(x)
}

// value writes a condition whose value is needed: unknown is null, or in an
// operand of a predicate a fault of that.
func (g *gen) value(x ir.Expr) *tree.Node {
	if g.asked {
		return g.p.call("k_up", g.three(x))
	}
	return g.three(x)
}

// three writes a condition that may be unknown as true, false or nil.
func (g *gen) three(x ir.Expr) *tree.Node {
	if s, ok := g.cuts[x]; ok && isCondition(x) {
		return s
	}
	switch y := x.(type) {
	case *ir.Unary:
		if y.Op == lang.OpNot {
			return g.p.call("k_not", g.three(y.X))
		}
	case *ir.Binary:
		if isLogic(y.Op) {
			name := map[lang.Op]string{lang.OpAnd: "k_and", lang.OpOr: "k_or"}[y.Op]
			return g.p.call(name, g.three(y.L), ex("function() return %s end", g.three(y.R)))
		}
	}
	if !g.faults(x) {
		return g.truth(x)
	}
	return g.p.call("k_pred", "FN", g.operands(x))
}

// operands writes a predicate without asking for faults.
func (g *gen) operands(x ir.Expr) *tree.Node {
	was := g.asked
	g.asked = true
	defer func() { g.asked = was }()
	if predicate(x) {
		return g.plain(x)
	}
	return g.expr(x)
}

// holds writes whether a condition that may be unknown is true.
func (g *gen) holds(x ir.Expr) *tree.Node { return g.is(x, true) }

// is writes whether a condition is true, or is false; anything but true or false counts as neither.
func (g *gen) is(x ir.Expr, want bool) *tree.Node {
	if !g.faults(x) {
		if want {
			return g.cond(x)
		}
		return tree.Not(g.cond(x))
	}
	if _, cut := g.cuts[x]; !cut {
		switch x := x.(type) {
		case *ir.Unary:
			if x.Op == lang.OpNot {
				return g.is(x.X, !want)
			}
		case *ir.Binary:
			if isLogic(x.Op) {
				word := "or"
				if (x.Op == lang.OpAnd) == want {
					word = "and"
				}
				return tree.Binary(word, g.is(x.L, want), g.is(x.R, want))
			}
		}
		if want && g.sinks(x) {
			return g.operands(x)
		}
	}
	if want {
		return g.three(x)
	}
	return tree.Binary("==", g.three(x), tree.Bool(false))
}

// sinks reports a comparison that is not true after a fault in any case,
// because the null that a fault leaves reaches it.
func (g *gen) sinks(x ir.Expr) bool {
	b, ok := x.(*ir.Binary)
	if !ok || !g.strict(b.L) || !g.strict(b.R) {
		return false
	}
	if b.Op != lang.OpEq {
		return true
	}
	return !deep(b.L.Type()) && (!g.mayBeNil(b.L) || !g.mayBeNil(b.R))
}

// strict reports an expression that is null where a fault is met in it.
func (g *gen) strict(x ir.Expr) bool {
	if !g.faults(x) {
		return true
	}
	return ir.Faulty(x) && !slices.ContainsFunc(ir.Children(x), func(k ir.Expr) bool { return !g.strict(k) })
}

// cut writes what becomes a function of its own; asked says that it is, or is in, an operand of a predicate.
func (g *gen) cut(x ir.Expr, asked bool) *tree.Node {
	was := g.asked
	g.asked = asked
	defer func() { g.asked = was }()
	if isCondition(x) && g.faults(x) {
		return g.three(x)
	}
	return g.expr(x)
}
