package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// binary writes an operation of two operands.
func (g *gen) binary(x *ir.Binary) *tree.Node {
	switch x.Op {
	case lang.OpAnd:
		return tree.Binary("and", g.truth(x.L), g.truth(x.R))
	case lang.OpOr:
		return tree.Binary("or", g.truth(x.L), g.truth(x.R))
	case lang.OpEq:
		return g.equal(x.L, x.R)
	case lang.OpLt:
		return g.compare(x.L, x.R, "lt", "<")
	case lang.OpLe:
		return g.compare(x.L, x.R, "le", "<=")
	case lang.OpGt:
		return g.compare(x.L, x.R, "gt", ">")
	case lang.OpGe:
		return g.compare(x.L, x.R, "ge", ">=")
	case lang.OpContains:
		return g.contains(x)
	case lang.OpStarts:
		return g.p.call("s_starts", g.expr(x.L), g.expr(x.R))
	case lang.OpEnds:
		return g.p.call("s_ends", g.expr(x.L), g.expr(x.R))
	case lang.OpLike, lang.OpMatches:
		return g.p.call("s_match", g.expr(x.L), g.expr(x.R))
	case lang.OpSearch:
		return g.p.call("s_search", g.expr(x.L), g.expr(x.R))
	}
	return g.arithmetic(x.Op, x.T, x.L.Type(), x.R.Type(), g.expr(x.L), g.expr(x.R))
}

// equal writes L = R: null equals null.
func (g *gen) equal(l, r ir.Expr) *tree.Node {
	if deep(l.Type()) && deep(r.Type()) {
		return g.p.call("same", g.expr(l), g.expr(r))
	}
	return tree.Binary("==", g.expr(l), g.expr(r))
}

// compare writes an order of L and R; how is the suffix of the function, op Lua's operator.
func (g *gen) compare(l, r ir.Expr, how, op string) *tree.Node {
	a, b := g.expr(l), g.expr(r)
	prefix := orderOf(l.Type())
	if prefix == "n" {
		if s, ok := g.inline(l, r, a, b, op); ok {
			return s
		}
	}
	return g.p.call(prefix+"_"+how, a, b)
}

// inline compares two numbers without a call, where null guards need no second evaluation.
func (g *gen) inline(l, r ir.Expr, a, b *tree.Node, op string) (*tree.Node, bool) {
	var guards []*tree.Node
	for _, o := range []struct {
		x    ir.Expr
		node *tree.Node
	}{{l, a}, {r, b}} {
		if !g.mayBeNil(o.x) {
			continue
		}
		if !o.node.IsSimple() {
			return nil, false
		}
		guards = append(guards, tree.Binary("~=", o.node, tree.Nil()))
	}
	return tree.Join("and", append(guards, tree.Binary(op, a, b))...), true
}

// orderOf names the family of comparisons of a type: numbers, strings by bytes, decimal texts.
func orderOf(t lang.Type) string {
	if c := codeOf(t); c != nil {
		return c.order
	}
	return "n"
}

// contains writes L CONTAINS R for a string and a map; a list's is In.
func (g *gen) contains(x *ir.Binary) *tree.Node {
	switch t := x.L.Type(); t.Kind {
	case lang.KMap:
		return g.p.call("m_has", g.expr(x.L), g.expr(x.R))
	case lang.KList:
		return g.p.call("l_has", g.expr(x.L), g.expr(x.R))
	}
	return g.p.call("s_has", g.expr(x.L), g.expr(x.R))
}

// arithmetic writes a op b; result is the type of the whole.
func (g *gen) arithmetic(op lang.Op, result, lt, rt lang.Type, a, b any) *tree.Node {
	name := operatorFunc(op, result, lt, rt)
	if name == "" {
		return g.fail("%s of %s and %s", op, lt, rt)
	}
	if name == "d_mul" && rt.Kind == lang.KDuration || name == "s_mul" && lt.Kind == lang.KInt {
		a, b = b, a
	}
	return g.p.call(name, a, b)
}

// operatorFunc names the runtime function for an operation.
func operatorFunc(op lang.Op, result, lt, rt lang.Type) string {
	if result.Kind == lang.KList {
		switch {
		case op != lang.OpAdd:
			return ""
		case rt.Kind != lang.KList || lt.Elem != nil && lt.Elem.Kind == lang.KList && rt.Same(*lt.Elem):
			return "l_push"
		}
		return "l_add"
	}
	if result.Kind == lang.KDuration && op == lang.OpMul && (lt.Kind == lang.KFloat || rt.Kind == lang.KFloat) {
		return "d_mul"
	}
	if name := kindCodes[result.Kind].ops[op]; name != "" {
		return name
	}
	if c := codeOf(result); c != nil {
		return c.ops[op]
	}
	return ""
}

// in writes X IN (…): a row of equalities, in which null may be found.
func (g *gen) in(x *ir.In) *tree.Node {
	v := g.expr(x.X)
	if x.List != nil {
		return g.p.call("l_in", v, g.expr(x.List))
	}
	if !deep(x.X.Type()) && v.IsSimple() && len(x.Items) <= 20 && !g.faults(x) {
		parts := make([]*tree.Node, len(x.Items))
		for i, it := range x.Items {
			parts[i] = tree.Binary("==", v, g.expr(it))
		}
		if len(parts) == 0 {
			return tree.Bool(false)
		}
		return tree.Join("or", parts...)
	}
	return g.p.call("l_in", v, g.items(x.Items))
}
