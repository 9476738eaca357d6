package lua

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// The documents of a model are dropped where a script does nothing with them but delete those that refer to a deleted document by
// ON DELETE CASCADE, and nothing but this field is needed of them: no other index, no UNIQUE, no ref to them. They
// are no part of the overlay, whose tables would cost more than the commands: of each the ref is read, and one ZREMRANGEBYLEX takes
// all their entries out of the index. Y<n> has what is dropped of model <n>: d, the names of the documents; a, the command that
// takes them out of the set of keys; z, those for the index.

// findDrops finds the models of which documents are dropped, when all statements are written.
func (g *blockWriter) findDrops() {
	if g.spec.Step {
		return
	}
	for _, e := range g.edges {
		if g.dropped(e) {
			e.from.drops = e
			g.unprobed = true // the deletion of the documents is the first command instead
		}
	}
}

// dropped reports whether the documents that refer by an edge are dropped.
func (g *blockWriter) dropped(e *edge) bool {
	m, t := e.from, e.col.RefKey()
	if e.action != ir.OnDeleteCascade || m.target || !m.onlyGone() || m.JSON || m.Adopted || len(m.Uniques) > 0 || len(m.Indexes) != 1 || m.Indexes[0] != e.ix {
		return false
	}
	if e.col.Type.Kind == lang.KList || !e.col.Own() || e.col.Lenient() || e.col.EmptyNull() || e.col.Fill != nil {
		return false
	}
	if k := e.to.Key.Type.Kind; k != lang.KString && k != lang.KInt || t.Variant != "" {
		return false
	}
	if slices.ContainsFunc(g.edges, func(x *edge) bool { return x != e && x.from == m }) {
		return false
	}
	return !g.touched(m)
}

// touched reports whether statements load documents of a model, or count them.
func (g *blockWriter) touched(m *model) (uses bool) {
	see := func(n *tree.Node) {
		uses = uses || n.Op == tree.OpName && modelName(n.Text) && n.Text[0] != 'P' && n.Text[1:] == m.n
	}
	for _, u := range g.units {
		tree.Scan(u, see)
	}
	for _, t := range g.p.tables {
		tree.Scan(t, see)
	}
	return uses
}

// drop writes x of an edge.
func (g *blockWriter) drop(e *edge) *tree.Node {
	m := e.from
	g.p.Use("fail", "charge", "sub")
	id := ex("sub(r[i],at)")
	if w := len(e.ix.Cols); w > 1 {
		id = g.p.call("after", ex("r[i]"), tree.Int(w))
	}
	work := plan.LoadWork + plan.ColumnWork*2 + m.writeWork()
	return st(`e.x=function(t)
local v=e.m(t)
local d,a,from,to,at=Y%[1]s.d,Y%[1]s.a,'['..v..'\0','('..v..'\1',#v+2
Y%[1]s.z[#Y%[1]s.z+1]={'ZREMRANGEBYLEX',e.p,from,to}
repeat
local r=pcl('ZRANGEBYLEX',e.p,from,to,'LIMIT',0,1000)
if r.err then fail(nil,e.p,nil,r) end
charge(#r+1)
%[2]s
N=N+#r
WK=WK+#r*%[3]d
if N>BUD then fail('budget') end
if WK>WL then fail('budget',%[4]s,'','work') end
local n=#d
for i=1,#r do
local id=%[5]s
local k=%[6]s
local h=pcl('HGET',k,%[7]s)
if h==t then
n=n+1
d[n]=k
a[n+2]=id
elseif type(h)=='table' then
fail(nil,k,nil,h)
end
end
%[8]s
from='('..(r[#r] or '')
until #r<1000
end`, m.n, g.counted("PF.e=PF.e+#r"), work, e.to.name("t"), id, m.name(g.memberID(m.Model, "id")), tree.Str(e.col.Place()), g.counted("PF.n=PF.n+#r"))
}

// dropTable declares Y<n>.
func (m *model) dropTable(g *writer) *tree.Node {
	return st("local Y%s={d={},a={'ZREM',%s},z={}}", m.n, g.key(plan.KeyIDs, m.Model, nil))
}

// flushDrops writes the commands for what is dropped. The first command of the script is the deletion of the documents:
// whether all of their keys may be deleted need not be asked then.
func (m *model) flushDrops(g *writer) *tree.Node {
	g.p.Use("queue", "remove")
	return st(`if Y%[1]s.d[1] then
%[2]s
%[3]s
queue(Y%[1]s.a)
for i=1,#Y%[1]s.z do O[#O+1]=Y%[1]s.z[i] end
O.f=#O+1
remove(Y%[1]s.d)
end`, m.n, g.probe("ZCARD", g.key(plan.KeyIDs, m.Model, nil)), g.counted("PF.d=PF.d+#Y"+m.n+".d"))
}
