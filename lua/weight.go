package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// weighed is the statement that counts the work of an expression, where it is large.
func (g *writer) weighed(x ir.Expr) *tree.Node {
	n := plan.ExprWork(x)
	if n <= plan.FreeWork {
		return tree.None()
	}
	g.p.Use("work")
	return ex("work(%d)", n)
}
