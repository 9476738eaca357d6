package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// Chooses implements ChoosingScope.
func (s *scope) Chooses() bool { return s.g.choosing }

// Hoisted implements ChoosingScope.
func (s *scope) Hoisted(x ir.Expr) bool {
	_, ok := s.g.hoisted[x]
	return ok
}

// hoist prepares what of a condition is the same for every document. Of a
// statement that stands alone it was computed before the script is sent; in a
// block it is now, and a fault of it ends the block. The function that is given back ends it.
func (g *writer) hoist(cond ir.Expr, outer *scope) func() {
	if cond == nil {
		return func() {}
	}
	var parts []ir.Expr
	note := func(x ir.Expr, text *tree.Node) {
		if g.hoisted == nil {
			g.hoisted = hoistedParts{}
		}
		g.hoisted[x] = text
		parts = append(parts, x)
	}
	table := ""
	ir.FixedParts(cond, func(x ir.Expr) {
		if !g.lazy {
			surely(x, func(x ir.Expr) { note(x, nil) })
			return
		}
		if table == "" {
			table = g.name("k")
			g.w("local %s={}", table)
		}
		text := ex("%s[%d]", table, len(parts)+1)
		g.w("%s=%s", text, g.expr(x, outer))
		note(x, text)
	})
	return func() {
		for _, x := range parts {
			delete(g.hoisted, x)
		}
	}
}

// surely calls f for x and those of its operands that are computed whenever x is.
func surely(x ir.Expr, f func(ir.Expr)) {
	f(x)
	switch y := x.(type) {
	case *ir.Binary:
		if isLogic(y.Op) {
			return
		}
	case *ir.Pluck:
		surely(y.X, f)
		return
	case *ir.Call:
		if y.Fn == "when" || y.Fn == "coalesce" {
			return
		}
	}
	for _, k := range ir.Children(x) {
		surely(k, f)
	}
}
