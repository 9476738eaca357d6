package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// freeWork is the work of an expression that is not worth counting.
const freeWork = 12

// exprWork is the work of computing an expression once over small values: what
// grows with the values is counted where it is done.
func exprWork(x ir.Expr) int {
	n := 0
	ir.Walk(x, func(ir.Expr) bool { n++; return true })
	return n
}

// weighed is the text that counts the work of an expression, where it is large.
func (g *writer) weighed(x ir.Expr) *tree.Node {
	n := exprWork(x)
	if n <= freeWork {
		return tree.None()
	}
	g.p.Use("work")
	return ex("work(%d)", n)
}

// stmtsWork is the work of carrying out statements once, without that of what they read and write.
func stmtsWork(body []ir.Stmt) int {
	n := 0
	for _, st := range body {
		n += 2
		ir.Exprs(st, func(x ir.Expr) { n += exprWork(x) })
	}
	return n
}
