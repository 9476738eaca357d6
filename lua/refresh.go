package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// refreshAll writes that a read raises the ends of what it gives out, when all its rows are made: of the documents in
// the list docs, and of what is fetched with them.
func (g *blockWriter) refreshAll(of []ir.Refresh, docs string) {
	if len(of) == 0 || g.spec.NoRefresh {
		return
	}
	d := g.name("d")
	g.w("for i=1,%[1]s.n do\nlocal %[2]s=%[1]s[i]", docs, d)
	g.refreshes(of, d)
	g.w("end")
	g.cascaded(true)
}

// refreshes writes that the end of document doc is raised, and of those that are fetched with it.
func (g *blockWriter) refreshes(of []ir.Refresh, doc string) {
	if g.spec.NoRefresh {
		return
	}
	s := g.scope(doc+".c", "nil")
	for i := range of {
		r := &of[i]
		m := g.model(r.Model)
		if r.Own {
			g.w("do local d=%s", doc)
			g.raiseEnd(m)
			g.w("end")
			continue
		}
		g.w("do\nQ=true\nlocal keys=%s\nQ=false", g.chosen(func() *tree.Node { return g.expr(r.Keys, s) }))
		g.eachKey(m, "keys", r.Keys.Type())
		g.w("end")
	}
}

// eachKey writes that the ends of documents are raised whose keys are in v: one, or null, or a list.
func (g *blockWriter) eachKey(m *model, v string, t lang.Type) {
	if t.Kind == lang.KList {
		one := g.name("e")
		g.w("for i=1,%[1]s and %[1]s.n or 0 do\nlocal %[2]s=%[1]s[i]", v, one)
		g.eachKey(m, one, *t.Elem)
		g.w("end")
		return
	}
	g.w("if %s~=nil then\nlocal d=L%s(%s)", v, m.n, g.idText(m.Model, v))
	g.raiseEnd(m)
	g.w("end")
}

// raiseEnd writes that document d has at least its model's TTL to live, if it has an end.
func (g *blockWriter) raiseEnd(m *model) {
	m.lives, g.raises = true, true
	g.w("if d.c then\nlocal x,y=%s(d),TM+%s\nif x and x<y then\nd.x=y d.l=true\nlocal n=d.c\n%s\nend", m.asksEnd(g.writer, "E"), tree.Int(m.TTL), m.changeTo(false))
	g.keeping(m, tree.Name("y"))
	g.w("end")
}
