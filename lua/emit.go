package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// emit appends one row to a list: the document, an object of the items, or flat values for the reply.
func (g *blockWriter) emit(out string, items []ir.Item, whole, pluck bool, s *scope) {
	switch {
	case pluck:
		g.w("Q=true local v=%s Q=false", g.chosen(func() *tree.Node { return g.expr(items[0].X, s) }))
		g.w("%s.n=%s.n+1 %s[%s.n]=v", out, out, out, out)
	case g.top && out == "rows" && g.flat != nil:
		g.flatRow(items, s)
	case g.top && out == "rows":
		g.w("Q=true local n0=#rows")
		for i, it := range items {
			g.w("rows[n0+%d]=%s", i+1, g.returned(it.X, s))
		}
		g.w("Q=false")
	case whole:
		g.w("%s.n=%s.n+1 %s[%s.n]=%s", out, out, out, out, s.row)
	default:
		parts := make([]*tree.Node, len(items))
		for i, it := range items {
			parts[i] = member(it.Name, g.chosen(func() *tree.Node { return g.expr(it.X, s) }))
		}
		g.w("Q=true local v=%s Q=false", objectOf(parts))
		g.w("%s.n=%s.n+1 %s[%s.n]=v", out, out, out, out)
	}
}

// take binds a list of rows, or its first row where the name stands for one.
func (g *blockWriter) take(v *tree.Node, list string, t lang.Type) {
	if t.Kind == lang.KList {
		g.w("%s=%s", v, list)
	} else {
		g.w("%s=%s[1]", v, list)
	}
}

// returned is what the reply holds for the value of x; of a document that is all of its fields.
func (g *writer) returned(x ir.Expr, s *scope) *tree.Node {
	g.complete(x.Type())
	return Reply(x.Type(), g.chosen(func() *tree.Node { return g.expr(x, s) }), g.p)
}

// row appends a returned row, if rows are returned.
func (g *blockWriter) row(out string, items []ir.Item, whole, pluck bool, s *scope) {
	if out != "" {
		g.emit(out, items, whole, pluck, s)
	}
}
