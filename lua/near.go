package lua

import (
	"github.com/rql-lang/rql/planner/plan"
)

// nearest writes the documents of a FIND with NEAREST in its order and within its limits.
func (g *blockWriter) nearest(st *plan.Find, outer *scope) string {
	docs := g.query(st.Query, outer)
	if sort := plan.Op[plan.Sort](st.Ops); sort != nil {
		// A list of its own: some servers sort what was cut off too.
		rows := g.name("near")
		g.w("local %[1]s={n=%[2]s.n}\nfor i=1,%[2]s.n do %[1]s[i]=%[2]s[i] end\nQ=true", rows, docs)
		docs = rows
		g.sort(st.Model, sort.Terms, sort.Items, docs)
		g.w("Q=false")
	}
	g.cut(st.Ops, docs, outer)
	return docs
}
