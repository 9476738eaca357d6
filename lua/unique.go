package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// uniqueField is the field of the unique hash for document row, or nil where a value is null.
func (m *model) uniqueField(g *writer, ix *ir.Index, row any) *tree.Node {
	conds := make([]*tree.Node, len(ix.Cols))
	for i, c := range ix.Cols {
		conds[i] = tree.Binary("~=", cell(row, c), tree.Nil())
	}
	return ex("%s and %s or nil", all(conds), m.entry(g, ix, row))
}

// uniques writes U<n>_<i>(row): the value that a document has of a UNIQUE. For ON CONFLICT it also writes H<n>_<i>(v): which
// document has a value now, the block's changes seen, and another one if two have it, which is no error before the block ends.
func (m *model) uniques(g *writer) *tree.Node {
	var b tree.Writer
	for i, ix := range m.Uniques {
		if !m.touches(ix) {
			continue
		}
		key := g.key(plan.KeyUnique, m.Model, ix)
		g.p.Use("fail")
		b.W("local function U%s_%d(r)\nreturn %s\nend\n", m.n, i, m.uniqueField(g, ix, "r"))
		if !m.conflicts {
			continue
		}
		b.W(`local X%[1]s_%[2]d={}
local function H%[1]s_%[2]d(v)
local d,l=nil,X%[1]s_%[2]d[v]
for i=1,l and #l or 0 do
local x=l[i]
if x~=d and x.c and U%[1]s_%[2]d(x.c)==v then
if d then return d,x end
d=x
end
end
local h=pcl('HGET',%[3]s,v)
if type(h)=='table' then fail(nil,%[3]s,nil,h) end
if not h then return d end
local x=L%[1]s(h)
if x.m or not x.c or U%[1]s_%[2]d(x.c)~=v then return d end
if d then return d,x end
return x
end
`, m.n, i, key)
	}
	return b.Block()
}

// check writes the test that runs when the body is done: no unique value has two holders. One that is
// gone, or has another value by now, holds nothing. For the values of a UNIQUE GLOBAL there must be claims.
func (m *model) check(g *writer) *tree.Node {
	var b, claims tree.Writer
	for i, ix := range m.Uniques {
		if !m.created && !m.put && !m.touches(ix) {
			continue
		}
		g.p.Use("fail", "short")
		if ix.Global {
			claims.W(`do
local seen={}
for i=1,#T%[1]s do
local d=T%[1]s[i]
local v=d.c and U%[1]s_%[2]d(d.c)
if v then
S=d.s
if seen[v] then fail('unique',%[3]s,%[4]s,%[5]s) end
seen[v]=d.t
short(v,%[3]s,%[4]s)
if not d.o or d.dead or U%[1]s_%[2]d(d.o)~=v then %[6]s end
end
end
end
`, m.n, i, m.name("d.t"), tree.Str(ix.Label()), m.name(ex("seen[v]")), m.claim(g, i, "d.t", "v"))
			continue
		}
		key := g.key(plan.KeyUnique, m.Model, ix)
		b.W(`do
local seen={}
for i=1,#T%[1]s do
local d=T%[1]s[i]
local v=d.c and U%[1]s_%[2]d(d.c)
if v then
S=d.s
if seen[v] then fail('unique',%[5]s,%[4]s,%[6]s) end
seen[v]=d.t
short(v,%[5]s,%[4]s)
if not d.o or d.dead or U%[1]s_%[2]d(d.o)~=v then
local h=pcl('HGET',%[3]s,v)
if type(h)=='table' then fail(nil,%[3]s,nil,h) end
if h and h~=d.t then
local x=L%[1]s(h)
if not x.m and x.c and U%[1]s_%[2]d(x.c)==v then fail('unique',%[5]s,%[4]s,%[7]s) end
end
end
end
end
end
`, m.n, i, key, tree.Str(ix.Label()), m.name("d.t"), m.name(ex("seen[v]")), m.name("h"))
	}
	if c := claims.Block(); !c.Empty() {
		b.W("do\nlocal ask,had={},%s\n%s\n%s\nend", g.p.call("claimed", g.claims()), c, g.p.call("asks", tree.Name("ask")))
	}
	return b.Block()
}
