package lua

import (
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// nearest writes the documents of a FIND with NEAREST in its order and within its limits.
func (g *blockWriter) nearest(st *plan.Find, outer *scope) string {
	docs := g.query(st.Query, outer)
	if len(st.Order) > 0 {
		// A list of its own: some servers sort what was cut off too.
		rows := g.name("near")
		g.w("local %[1]s={n=%[2]s.n}\nfor i=1,%[2]s.n do %[1]s[i]=%[2]s[i] end\nQ=true", rows, docs)
		docs = rows
		g.sort(&plan.Query{Model: st.Model, Order: OrderOf(st.Find), Items: st.Items}, docs)
		g.w("Q=false")
	}
	if st.Limit == nil && st.Offset == nil {
		return docs
	}
	g.p.Use("cut")
	skip, last := tree.Int(0), tree.Nil()
	if st.Offset != nil {
		skip = tree.Name(g.local(g.limit(st.Offset, outer)))
	}
	if st.Limit != nil {
		last = tree.Name(g.local(ex("%s+%s", g.limit(st.Limit, outer), skip)))
	}
	g.w("cut(%s,%s,%s)", docs, skip, last)
	return docs
}
