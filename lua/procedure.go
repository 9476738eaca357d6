package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// invoke writes CALL inside a block: the body in a function of its own. to is
// what its RETURN sets, or nil; listed: to the list of what it gives.
func (g *blockWriter) invoke(c *plan.Call, outer *scope, to *tree.Node, listed bool) {
	g.bind(c, outer)
	switch {
	case listed:
		g.w("%s={n=0}", to)
	case to != nil:
		g.w("%s=nil", to)
	}
	was, top := g.call, g.top
	at := c.Sp
	if was != nil {
		at = was.at
	}
	g.call, g.top = &calling{proc: c.Proc, at: at, inline: true, to: to, listed: listed}, false
	g.apart++
	n := g.apart
	body := g.captured(func() { g.nested(c.Body) })
	g.units = append(g.units, st("H[%d]=function() %s end", n, body))
	g.call, g.top = was, top
	g.w("H[%d]()", n)
}

// bind writes the parameters that are bound where the call stands.
func (g *blockWriter) bind(st *plan.Call, outer *scope) {
	for _, l := range st.Binds {
		v := g.variable(l.Var)
		g.w("%s=%s", v, g.expr(l.X, outer))
		if l.Required != "" {
			g.w("if %s==nil then fail('null-value','','',%s) end", v, tree.Str(RequiredText(l.Required)))
		}
	}
}

// RequiredText words the null of a parameter that may not be null.
func RequiredText(name string) string { return "the parameter " + name + " may not be null" }

// give writes RETURN of a procedure that is part of a block: it ends the body only.
func (g *blockWriter) give(st *plan.Return, outer *scope) {
	g.w("do Q=true")
	value := func(x ir.Expr) *tree.Node { return g.chosen(func() *tree.Node { return g.expr(x, outer) }) }
	if st.Scalar {
		g.w("local r=%s", value(st.Items[0].X))
	} else {
		g.w("local r={}")
		for _, it := range st.Items {
			g.w("r[%s]=%s", tree.Str(it.Name), value(it.X))
		}
	}
	g.w("Q=false")
	switch {
	case g.call.listed:
		g.w("%s={n=1,r}", g.call.to)
	case g.call.to != nil:
		g.w("%s=r", g.call.to)
	}
	g.w("return true end")
}
