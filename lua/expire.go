package lua

import (
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// lives writes that document d, which has just come into being as n, has an end. One whose end
// lies behind us has none until its row is made: see over.
func (g *blockWriter) lives(m *model, l *lifeOf, i any) {
	end := l.of(g.writer, i)
	if end == nil {
		return
	}
	g.w("d.x=%s", end)
	if l.at {
		g.w("local over=d.x and d.x<=TM\nif over then d.x=false end")
	}
	if (l.given != nil || m.TTL > 0) && !g.restores {
		g.keeping(m, nil)
	}
}

// over writes that document d is gone at once if its end lies behind us: when the row that shows it is made.
func (g *blockWriter) over(m *model, l *lifeOf) {
	if l.at {
		g.w("if over then %s", m.changeTo(true))
		g.clear(m)
		g.w("end")
	}
}

// expire writes EXPIRE and PERSIST.
func (g *blockWriter) expire(st *plan.Expire, outer *scope) {
	m := g.model(st.Model)
	m.lives, g.wrote = true, true
	end, past := tree.Bool(false), false
	if st.End != nil {
		v := g.local(g.expr(st.End.X, outer))
		g.p.Use("fail")
		g.w("if %s==nil then fail('null-value','','','the end of a document may not be null') end", v)
		end, past = tree.Name(g.local(g.ending(v, st.End.At))), st.End.At
	}
	ends := m.asksEnd(g.writer, "E")
	g.target(m, &st.Target, st.Query, st.Known, outer, func(*scope) {
		g.w("%s(d)\nlocal n=o\nd.x=%s d.l=true\n%s\nAF=AF+1", ends, end, m.changeTo(false))
		if past {
			g.w("if d.x<=TM then %s", m.changeTo(true))
			g.clear(m)
			g.w("end")
		}
		if st.End != nil {
			g.keeping(m, nil)
		}
	})
	g.cascaded(false)
}

// refreshed writes that a change of document d gives it its model's TTL again.
func (g *blockWriter) refreshed(m *model) {
	if m.Refresh == "" {
		return
	}
	g.w("do local x,y=%s(d),TM+%s if x and x<y then d.x=y d.l=true end", m.asksEnd(g.writer, "E"), tree.Int(m.TTL))
	g.keeping(m, tree.Name("y"))
	g.w("end")
}
