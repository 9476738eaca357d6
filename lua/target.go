package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// keyed writes a loop over the documents of a key or list of keys; f writes what is done with d, key text t.
func (g *blockWriter) keyed(m *model, key ir.Expr, known, many, skip bool, outer *scope, f func(*scope)) {
	if known {
		g.docKey(m.Model, key)
	}
	k := g.local(g.expr(key, outer))
	s := &scope{g: g.writer}
	if many {
		g.p.Use("charge")
		g.w("charge(%s and %s.n or 0)", k, k)
		g.w("for i=1,%s and %s.n or 0 do\nlocal t=%s", k, k, g.idText(m.Model, ex("%s[i]", k)))
	} else {
		g.w("do\nlocal t=%s", g.idText(m.Model, k))
	}
	g.w("if t==nil then fail('null-value','','','a key may not be null') end\nlocal d=L%s(t)", m.n)
	if skip {
		g.w("if d.c then")
	} else {
		g.w("if not d.c then fail('key-not-found',%s) end\ndo", m.name("t"))
	}
	f(s)
	g.w("end\nend")
}

// target writes a loop over the documents of a statement's target: state d, key text t, document before o.
func (g *blockWriter) target(m *model, t *ir.Target, q *plan.Query, known bool, outer *scope, f func(*scope)) {
	inner := func(s *scope) {
		g.w("local o=d.c")
		s.row, s.old = tree.Name("o"), tree.Name("o")
		f(s)
	}
	switch {
	case t.Key != nil:
		g.keyed(m, t.Key, known, t.Many, t.SkipMissing, outer, inner)
	case g.spec.Step:
		g.step(m, q, inner)
	default:
		list := g.query(q, outer)
		g.w("for i=1,%s.n do\nlocal d=%s[i]\nlocal t=d.t", list, list)
		inner(&scope{g: g.writer})
		g.w("end")
	}
}
