package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// link writes a function in front of the statement at work, which gives what a backlink asks of the documents that refer to the one
// with the key x, and returns the call of it. It runs in the midst of another query: what that counts and marks stays as it is.
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
	g.w("local function %s(x)\nif x==nil then return nil end\nlocal was=Q\n%s=x", f, g.variable(x.Col.Coll.Of))
	in := &blockWriter{writer: g, spec: &plan.Block{}}
	v := g.local(in.queryValue(st, g.scope("nil", "nil")))
	g.w("Q=was\nreturn %s\nend", v)
	g.linking, g.choosing = was, choosing
	return ex("%s(key_of(%s))", f, key)
}
