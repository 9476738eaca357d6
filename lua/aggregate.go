package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// grouped writes a FIND whose rows are not documents: groups, or rows each of
// which comes once. It returns the name of the list of its rows. Order and limits
// work on these rows, so everything that matches is read.
func (g *blockWriter) grouped(st *plan.Find, outer *scope, pluck bool) string {
	out := g.name("rows")
	g.w("local %s={n=0}\ndo", out)
	docs := g.query(st.Query, outer)
	g.w("local es,seen={n=0},{}")
	if agg := plan.Op[plan.Aggregate](st.Ops); agg != nil {
		g.groups(st, agg, docs, outer)
	} else {
		g.w("for i=1,%s.n do\nlocal c=%s[i].c\nQ=true", docs, docs)
		g.entry(st, g.scope("c", "nil"))
		g.w("Q=false\nend")
	}
	g.rank(st)
	g.cut(st.Ops, "es", outer)
	row := ex("o[1]")
	if !pluck {
		parts := make([]*tree.Node, len(st.Items))
		for i, it := range st.Items {
			parts[i] = member(it.Name, ex("o[%d]", i+1))
		}
		row = objectOf(parts)
	}
	g.w("for i=1,es.n do local o=es[i].o %s[i]=%s end\n%s.n=es.n\nend", out, row, out)
	return out
}

// groups writes the groups of the documents, in order of their first, and a row of each that HAVING lets through.
func (g *blockWriter) groups(st *plan.Find, agg *plan.Aggregate, docs string, outer *scope) {
	if len(agg.Group) == 0 {
		g.w("local gs={n=1,%s}", docs)
	} else {
		g.p.Use("ident")
		g.w("local gs,by={n=0},{}\nfor i=1,%s.n do\nlocal d=%s[i]\nlocal c=d.c\nQ=true\nlocal k,h={},{}", docs, docs)
		s := g.scope("c", "nil")
		for i, it := range agg.Group {
			g.w("k[%d]=%s", i+1, g.chosen(func() *tree.Node { return g.expr(it.X, s) }))
			g.w("h[%d]=%s", i+1, g.identity(it.X.Type(), ex("k[%d]", i+1)))
		}
		g.w("Q=false\nlocal t=ident(h,%d)\nlocal g=by[t]\nif not g then\ng={k=k,n=0}\nby[t]=g\ngs.n=gs.n+1\ngs[gs.n]=g\nend\ng.n=g.n+1\ng[g.n]=d\nend", len(agg.Group))
	}
	s := g.scope("nil", "nil")
	for i := range agg.Group {
		s.keys = append(s.keys, ex("g.k[%d]", i+1))
	}
	defer g.hoist(agg.Having, outer)()
	g.w("for i=1,gs.n do\nlocal g,a=gs[i],{}")
	for i := range agg.Aggs {
		s.aggs = append(s.aggs, ex("a[%d]", i+1))
		g.agg(&agg.Aggs[i], s.aggs[i])
	}
	g.w("Q=true")
	if agg.Having != nil {
		g.w("if %s then", g.chosen(func() *tree.Node { return g.cond(agg.Having, s) }))
	}
	g.entry(st, s)
	if agg.Having != nil {
		g.w("end")
	}
	g.w("Q=false\nend")
}

// entry writes the making of one row: its values o, and in w what it is ordered by.
func (g *blockWriter) entry(st *plan.Find, s *scope) {
	g.w("local o,w={},{}")
	outs := make([]*tree.Node, len(st.Items))
	for i, it := range st.Items {
		outs[i] = ex("o[%d]", i+1)
		g.w("%s=%s", outs[i], g.chosen(func() *tree.Node { return g.expr(it.X, s) }))
	}
	distinct := plan.Op[plan.Distinct](st.Ops) != nil
	if distinct {
		g.p.Use("ident")
		g.w("local h={}")
		for i, it := range st.Items {
			g.w("h[%d]=%s", i+1, g.identity(it.X.Type(), outs[i]))
		}
		g.w("local t=ident(h,%d)\nif not seen[t] then\nseen[t]=true", len(outs))
	}
	shown := g.scope("nil", "nil")
	shown.outs = outs
	for i, o := range terms(st) {
		g.w("w[%d]=%s", i+1, g.ranked(o.X.Type(), g.chosen(func() *tree.Node { return g.expr(o.X, shown) })))
	}
	g.w("es.n=es.n+1\nes[es.n]={o=o,w=w,i=es.n}")
	if distinct {
		g.w("end")
	}
}

// terms are the terms by which the rows are ordered.
func terms(st *plan.Find) []ir.Order {
	if sort := plan.Op[plan.Sort](st.Ops); sort != nil {
		return sort.Terms
	}
	return nil
}

// identity is the text that equal values of a type share.
func (g *blockWriter) identity(t lang.Type, text any) *tree.Node {
	g.complete(t)
	return Reply(t, text, g.p)
}

// rank writes the ordering of the rows; equal ones stay as they came.
func (g *blockWriter) rank(st *plan.Find) {
	order := terms(st)
	if len(order) == 0 {
		return
	}
	g.p.Use("rank")
	g.p.Use("sorting")
	g.w("sorting(es.n)\ntable.sort(es,function(a,b)\nlocal x,y,r=a.w,b.w\n%s\nend)", byTerms(order, ex("a.i<b.i")))
}

// agg writes one aggregate over the documents of the group g.
func (g *blockWriter) agg(a *ir.Agg, to *tree.Node) {
	if a.X == nil {
		g.w("%s=g.n", to)
		return
	}
	// The values become a list, and the aggregate of a list does the rest.
	g.serial++
	t := lang.ListOf(a.X.Type())
	v := &ir.Var{Base: ir.Base{T: t, Sp: a.Sp}, V: &ir.Variable{ID: 1<<20 + g.serial, Type: t}}
	list := g.variable(v.V)
	x := g.chosen(func() *tree.Node { return g.expr(a.X, g.scope("c", "nil")) })
	g.w("do\n%s={n=0}\nlocal l,seen=%s,{}\nQ=true\nfor i=1,g.n do\nlocal c=g[i].c\nlocal v=%s\nif v~=nil then", list, list, x)
	if a.Distinct {
		g.w("local h=%s\nif not seen[h] then\nseen[h]=true", g.identity(a.X.Type(), "v"))
	}
	g.w("l.n=l.n+1\nl[l.n]=v")
	if a.Distinct {
		g.w("end")
	}
	call := &ir.Call{Base: ir.Base{T: a.T, Sp: a.Sp}, Fn: a.Fn, Args: []ir.Expr{v}}
	if a.P != nil {
		call.Args = append(call.Args, a.P)
	}
	g.w("end\nend\n%s=%s\nQ=false\nend", to, g.expr(call, g.scope("nil", "nil")))
}

// cut writes the Limit among row operators, if there is one, on a list.
func (g *blockWriter) cut(ops []plan.RowOp, list string, outer *scope) {
	l := plan.Op[plan.Limit](ops)
	if l == nil {
		return
	}
	g.p.Use("cut")
	skip, last := tree.Int(0), tree.Nil()
	if l.Offset != nil {
		skip = tree.Name(g.local(g.limit(l.Offset, outer)))
	}
	if l.Limit != nil {
		last = tree.Name(g.local(ex("%s+%s", g.limit(l.Limit, outer), skip)))
	}
	g.w("cut(%s,%s,%s)", list, skip, last)
}
