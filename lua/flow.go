package lua

import (
	"github.com/rql-lang/rql/planner/plan"
)

// A branch or loop body stands in a function of its own from every so many
// levels of nesting and beyond so many statements: a server's Lua takes 200
// levels of syntax and 200 locals, and jumps no further than its instructions count.
const (
	levelsTogether = 6
	stmtsTogether  = 40
)

// before writes the queries in a statement's expressions, whose values have names of their own.
func (g *blockWriter) before(st plan.Stmt) {
	for _, l := range st.Before() {
		g.w("do")
		g.statement(l)
		g.w("end")
	}
}

// nested writes the statements of a branch or loop; RETURN leaves the whole block.
func (g *blockWriter) nested(body []plan.Stmt) {
	g.depth++
	for len(body) > 0 {
		part := body[:min(len(body), stmtsTogether)]
		if g.depth%levelsTogether == 0 || len(part) < len(body) {
			g.elsewhere(part)
		} else {
			g.inline(part)
		}
		body = body[len(part):]
	}
	g.depth--
}

func (g *blockWriter) inline(body []plan.Stmt) {
	for _, st := range body {
		g.w("do")
		g.place(g.stmt, st.Info().Sp)
		g.statement(st)
		g.w("end")
	}
}

// elsewhere writes statements as a function H[i] and calls it. Names of the
// block live in one table, so such a function sees all of them.
func (g *blockWriter) elsewhere(body []plan.Stmt) {
	g.apart++
	n := g.apart
	part := g.captured(func() { g.inline(body) })
	g.units = append(g.units, st("H[%d]=function() %s end", n, part))
	g.w("if H[%d]() then return true end", n)
}

// branch writes IF.
func (g *blockWriter) branch(st *plan.If, outer *scope) {
	g.place(g.stmt, st.Cond.Span())
	g.w("if %s then", g.cond(st.Cond, outer))
	g.nested(st.Then)
	if len(st.Else) > 0 {
		g.w("else")
		g.nested(st.Else)
	}
	g.w("end")
}

// loop writes FOR: the list is fixed before the first round.
func (g *blockWriter) loop(st *plan.For, outer *scope) {
	var list string
	if st.Stmt != nil {
		g.place(g.stmt, st.Stmt.Info().Sp)
		list = g.local(g.queryStmt(st.Stmt, outer))
	} else {
		g.place(g.stmt, st.X.Span())
		list = g.local(g.expr(st.X, outer))
	}
	i := g.name("i")
	g.p.Use("charge")
	g.w("for %s=1,%s and %s.n or 0 do", i, list, list)
	g.place(g.stmt, st.Sp)
	if g.profile {
		g.w("PF.f=PF.f+1")
	}
	g.w("charge(1)\n%s=%s[%s]", g.variable(st.Var), list, i)
	if st.Var.Given != nil {
		g.w("%s=%s", g.round(st.Var), i)
	}
	if n := st.Work; n > 8 {
		g.p.Use("work")
		g.w("work(%d)", n)
	}
	g.nested(st.Body)
	g.w("end")
}
