package lua

import (
	"slices"

	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// link writes a function in front of the statement at work, which gives what a backlink asks of the documents that refer to the one
// with the key x, and returns the call of it. It runs in the midst of another query: what that counts and marks stays as it is.
// A scan, which changes nothing, keeps what its predicate asked and its rows show.
func (s *scope) link(x *ir.Col) *tree.Node {
	g := s.g
	st := g.links[x.Col]
	if st == nil {
		g.fail(errorf("the backlink %s has no plan", x.Col.Name))
		return tree.Nil()
	}
	g.complete(x.T)
	f, key := g.name("l"), g.expr(x.X, s)
	was, choosing := g.linking, g.choosing
	g.linking, g.choosing = true, false
	g.w("local function %s(x)\nif x==nil then return nil end", f)
	memo := g.memos[x.Col]
	if memo != "" {
		g.w("if %[1]s[x]~=nil then return %[1]s[x] end", memo)
	}
	g.w("local was=Q\n%s=x", g.variable(x.Col.Coll.Of))
	in := &blockWriter{writer: g, spec: &plan.Block{}}
	v := g.local(in.queryValue(st, g.scope("nil", "nil")))
	if memo != "" {
		g.w("%s[x]=%s", memo, v)
	}
	g.w("Q=was\nreturn %s\nend", v)
	g.linking, g.choosing = was, choosing
	return ex("%s(key_of(%s))", f, key)
}

// memoLinks declares where a scan keeps what backlinks gave that both its predicate and its rows ask.
func (g *scanWriter) memoLinks() {
	ir.Linked(g.spec.Query.Where, func(c *ir.Column) {
		if g.memos[c] != "" || !slices.ContainsFunc(g.spec.Outs, func(out *ir.Col) bool { return out.Col == c }) {
			return
		}
		if g.memos == nil {
			g.memos = map[*ir.Column]string{}
		}
		g.memos[c] = g.p.fresh("M")
		g.p.define(g.memos[c], tree.Table())
	})
}
