package lua

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// A script that deletes documents to which others refer with ON DELETE knows of each model that takes part, of number <n>:
//
//	G<n>(d)  deletes document d
//	M<n>(d)  asks what must hold for document d when its refs became null
//	K<n>     the kind: see scripts/refs.lua
//	Y<n>     what is dropped: see drops.go
//
// CASCADE and SET NULL take effect at the statement that deletes. When all statements are done, RESTRICT is asked, and whether
// the documents exist that new refs name.

// deletes notes that a statement deletes documents of m, with what that may do to others, and reports whether any
// refer to them.
func (g *blockWriter) deletes(m *model) bool {
	m.deleted, g.dels = true, true
	list := ir.ReferrersIn(g.spec.Uses, m.Name)
	if m.target || len(list) == 0 {
		return m.target
	}
	m.target, m.kind = true, true
	for _, r := range list {
		if r.Index == nil {
			g.fail(errorf("no index of %s is complete", r.Name()))
			return true
		}
		from := g.model(r.Model)
		from.kind = true
		e := &edge{from: from, to: m, col: from.Column(r.Col.Name), ix: r.Index, action: r.Action}
		if of := r.Index.Of; of != nil {
			e.col = from.Field(of.Name).Items
		}
		g.edges = append(g.edges, e)
		from.typed[e.col.Slot] = true
		switch r.Action {
		case ir.OnDeleteCascade:
			g.deletes(from)
		case ir.OnDeleteSetNull:
			g.wrote = true
		}
	}
	return true
}

// kinds writes what the script knows of the models that take part in ON DELETE, when all of its statements are written.
func (g *blockWriter) kinds() []*tree.Node {
	for _, e := range g.edges {
		e.set = e.from.created || e.from.put || e.from.assigned[e.col.Slot]
	}
	nulls := map[*model][]*ir.Column{}
	for _, e := range g.edges {
		if e.action != ir.OnDeleteSetNull {
			continue
		}
		m := e.from
		nulls[m] = append(nulls[m], e.col)
		cols := []*ir.Column{e.col}
		if f := m.Revision(); f != nil {
			cols = append(cols, f.Columns[0])
		}
		for _, c := range cols {
			m.assigned[c.Slot], m.typed[c.Slot] = true, true
		}
	}
	g.findDrops()
	var units []*tree.Node
	for _, m := range g.models {
		if m.kind {
			units = append(units, g.kindOf(m, nulls[m]))
		}
	}
	for i := 0; i < len(g.edges); i += edgesTogether {
		var b tree.Writer
		for _, e := range g.edges[i:min(i+edgesTogether, len(g.edges))] {
			g.edge(&b, e)
		}
		units = append(units, b.Block())
	}
	return units
}

// edgesTogether is how many edges stand in one unit of a script.
const edgesTogether = 20

// kindOf writes G<n>, M<n> and K<n>; nulls are the columns that may become null.
func (g *blockWriter) kindOf(m *model, nulls []*ir.Column) *tree.Node {
	g.p.Use("KIND")
	var b tree.Writer
	b.W("local K%[1]s={n=%[2]s,l=L%[1]s,k=function(t) return %[3]s end,e={}}\nKIND[%[2]s]=K%[1]s", m.n, tree.Str(m.n), m.name("t"))
	if m.deleted && len(m.Members) > 0 {
		var sizes []*tree.Node
		for _, ix := range m.Members {
			sizes = append(sizes, g.p.call("c_size", m.collection(ix.Of), "t"))
		}
		b.W("K%s.q=function(t) return %s end", m.n, tree.Join("+", sizes...))
	}
	if m.drops != nil {
		b.Add(m.dropTable(g.writer))
	}
	if m.deleted {
		b.Add(g.captured(func() {
			g.w("local function G%s(d)\nlocal t=d.t", m.n)
			if m == g.watched {
				g.p.Use("GONE")
				g.w("if GONE.f then GONE.f(d) end")
			}
			g.w("%s", m.changeTo(true))
			g.clear(m)
			if m.target {
				g.w("%s", g.p.call("vanish", tree.Name("d"), tree.Name("K"+m.n)))
			}
			g.w("end\nK%[1]s.d=G%[1]s", m.n)
		}))
	}
	if len(nulls) > 0 {
		b.Add(g.captured(func() { g.nulled(m, nulls) }))
	}
	return b.Block()
}

// nulled writes M<n>: REVISION is raised once in a statement, and CHECK and the like are asked when all refs are null.
func (g *blockWriter) nulled(m *model, nulls []*ir.Column) {
	set := map[int]bool{}
	for _, c := range nulls {
		set[c.Slot] = true
	}
	g.w("local function M%s(d)\nlocal o,t=d.c,d.t", m.n)
	if f := m.Revision(); f != nil {
		set[f.Columns[0].Slot] = true
		g.w("local n=%s", m.copyOf())
		g.raise(f, "o")
		g.w("%s", m.changeTo(false))
	} else {
		g.w("local n=o")
	}
	m.validate(g.writer, g.scope("n", "o"), set)
	g.w("end\nK%[1]s.v=M%[1]s", m.n)
}

// keyValue is the typed key of the key text t.
func keyValue(t lang.Type, text string) *tree.Node {
	if t.Scalar().Kind == lang.KInt {
		return ex("tonumber(%s)", text)
	}
	return tree.Name(text)
}

// edge writes the table of an edge into the list of its target.
func (g *blockWriter) edge(b *tree.Writer, e *edge) {
	g.p.Use("referrers")
	t := e.col.RefKey()
	list, coll := e.col.Type.Kind == lang.KList, e.col.Coll != nil
	refers := ex("%s==%s", cell("c", e.col), keyValue(t, "x"))
	switch {
	case coll:
		refers = g.p.call("c_has", e.from.collection(e.ix.Of), g.idText(e.from.Model, "c.id"), keyValue(t, "x"))
	case list:
		refers = g.p.call("holds", cell("c", e.col), keyValue(t, "x"))
	}
	b.W("do local e={a=%s,r=K%s,p=%s,w=%d,f=%s}", tree.Str(map[string]string{ir.OnDeleteRestrict: "R", ir.OnDeleteCascade: "C", ir.OnDeleteSetNull: "N"}[e.action]),
		e.from.n, g.key(plan.KeyIndex, e.from.Model, e.ix), len(e.ix.Cols), tree.Str(e.from.Name+"."+e.col.Name))
	b.W("e.m=function(t) return %s end", g.member(t, keyValue(t, "t")))
	if e.from.Key.Type.Kind != lang.KString {
		b.W("e.i=function(s) return %s end", g.memberID(e.from.Model, "s"))
	}
	b.W("e.h=function(c,x) return %s end", refers)
	switch {
	case coll:
		b.W("e.y=%s\ne.s=function(t) return %s end", e.from.collection(e.ix.Of), Encode(t, keyValue(t, "t"), g.p))
	case e.set:
		b.W("e.c=T%s", e.from.n)
	}
	if e.from.drops == e {
		b.Add(g.drop(e))
	}
	if e.action == ir.OnDeleteSetNull {
		var clear *tree.Node
		switch {
		case coll:
			clear = g.p.call("c_remove", e.from.collection(e.ix.Of), "d.t", keyValue(t, "t"))
		case list:
			clear = st("%s=%s", cell("n", e.col), g.p.call("without", cell("o", e.col), keyValue(t, "t")))
		default:
			clear = st("%s=nil", cell("n", e.col))
		}
		b.W("e.z=function(d,t)\nlocal o=d.c\nlocal n=%s\n%s\n%s\n%s\nend", e.from.copyOf(), clear, e.from.changeTo(false),
			g.p.call("cleared", tree.Name("d"), tree.Name("K"+e.from.n)))
	}
	b.W("local l=K%s.e l[#l+1]=e end", e.to.n)
}

// checkRefs writes what is asked of refs when all statements are done.
func (g *blockWriter) checkRefs() []*tree.Node {
	var out []*tree.Node
	if slices.ContainsFunc(g.edges, func(e *edge) bool { return e.action == ir.OnDeleteRestrict }) {
		out = append(out, tree.Block(g.p.call("restricted")))
	}
	if g.restores {
		return out
	}
	for _, m := range g.models {
		for _, c := range m.Guarded() {
			if b := g.named(m, c); b != nil {
				out = append(out, b)
			}
		}
	}
	return out
}

// targets notes the models of the documents that statements may make others refer to.
func (g *blockWriter) targets() {
	if g.restores {
		return
	}
	for _, m := range slices.Clone(g.models) {
		for _, c := range m.Guarded() {
			if m.created || m.put || m.assigned[c.Slot] {
				m.typed[c.Slot] = true
				g.byName(c.Target())
			}
		}
	}
}

// named writes the test that what column c of changed documents names exists: where it is another
// document than before, or one that the block deleted. All of them are read before it fails, since a server that wants
// every key declared is asked for those that are missing together.
func (g *blockWriter) named(m *model, c *ir.Column) *tree.Node {
	t := g.byName(c.Target())
	if !m.created && !m.put && !m.assigned[c.Slot] {
		return nil
	}
	gone := tree.None()
	if t.target {
		gone = st("local x=D%[1]s[t] if x and x.m and x.o and not x.c then %[2]s end", t.n, dangles())
	}
	if c.Coll != nil {
		return g.namedMembers(m, c, t, gone)
	}
	one := st("local t=%s\nif old then %s elseif not L%s(t).c then %s end", g.idText(t.Model, "v"), gone, t.n, dangles())
	fails := g.dangling(m, c, t)
	was := st("if d.dead then o=nil end")
	if c.Type.Kind != lang.KList {
		return st("do\nlocal bd,bt\nfor i=1,#T%s do\nlocal d=T%s[i]\nlocal o,v=d.o,d.c and %s\n%s\nif v~=nil then local old=o and %s==v\n%s end\nend\n%s\nend", m.n, m.n, cell("d.c", c), was, cell("o", c), one, fails)
	}
	g.p.Use("work")
	return st(`do
local bd,bt
for i=1,#T%[1]s do
local d=T%[1]s[i]
local o,l=d.o,d.c and %[2]s
%[3]s
if l then
local had={}
if o and %[4]s then for j=1,%[4]s.n do had[%[4]s[j]]=true end end
if l.n>16 then work(l.n*4) end
for j=1,l.n do local v=l[j] local old=had[v]
%[5]s end
end
end
%[6]s
end`, m.n, cell("d.c", c), was, cell("o", c), one, fails)
}

// namedMembers is named for the members of a collection: those that were added, and those that were taken out and added again.
func (g *blockWriter) namedMembers(m *model, c *ir.Column, t *model, gone *tree.Node) *tree.Node {
	y := m.collection(c.Coll.Field)
	g.p.Use("c_kept")
	return st(`do
local bd,bt
for i=1,#%[1]s.l do
local s=%[1]s.l[i]
local d=D%[2]s[s.t]
if d and d.c then
for t in pairs(s.put) do
if c_kept(s,t) then %[3]s elseif not L%[4]s(t).c then %[5]s end
end
for t in pairs(s.back or {}) do
if not s.out[t] then %[3]s end
end
end
end
%[6]s
end`, y, m.n, gone, t.n, dangles(), g.dangling(m, c, t))
}

// dangles notes the first document d that names a document t that is not there.
func dangles() *tree.Node { return st("if not bd then bd,bt=d,t end") }

// dangling is the failure of the document that was noted, by its column c.
func (g *blockWriter) dangling(m *model, c *ir.Column, t *model) *tree.Node {
	g.p.Use("fail")
	return st("if bd then\nS=bd.s\nfail('dangling-ref',bd.k,%s,%s)\nend", tree.Str(m.Name+"."+c.Name), t.name("bt"))
}

// deleteSteps writes a step of a DELETE of documents to which others refer with ON DELETE. The slot RunDeep says how:
// "" deletes the documents of the step with all consequences; where even those of one document exceed a step, "1" goes from the
// document at the cursor to those that refer to it, and "<n>:<key>" from a document of model <n>: see explore.
func (g *blockWriter) deleteSteps(m *model, st *plan.Delete, out string, pluck bool) {
	g.watched = m
	g.p.Use("GONE", "KIND", "cascade", "explore", "find", "sub")
	g.most = tree.Late()
	list := g.name("f")
	defer g.hoist(st.Query.Where, g.scope("nil", "nil"))()
	g.w("local deep=%s\nlocal %s={n=0}", raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunDeep})), list)
	g.stepWhere(st.Query)
	g.w("do")
	g.seen(st, out, pluck)
	g.w("end\nif deep=='' or deep=='1' then")
	g.stepWalk(m, st.Query, list)
	g.w(`end
if deep=='' then
for i=1,%[1]s.n do %[1]s[i].listed=true end
for i=1,%[1]s.n do G%[2]s(%[1]s[i]) end
cascade()
else
local d,kind=%[1]s[1],K%[2]s
if deep~='1' then
local c=find(deep,':',1,true)
kind=KIND[sub(deep,1,c-1)]
d=kind.l(sub(deep,c+1))
elseif d then
d.listed=true
end
local what,n,t,some,met
if d and d.c then
d.kind=kind
what,n,t,some,met=explore(d,%[3]s)
end
if what=='more' then CUR={'more'}
elseif what then CUR={'in',n,t,some,met}
elseif deep~='1' then CUR={'out'}
end
end`, list, m.n, g.most)
}

// seen writes GONE.f, which counts and shows each document of the statement's model that goes, by itself or by a cascade:
// if the statement names it.
func (g *blockWriter) seen(st *plan.Delete, out string, pluck bool) {
	named := tree.Bool(true)
	if st.Query.Where != nil {
		named = ex("d.listed or w(o)")
	}
	g.w("GONE.f=function(d)\nlocal o,t=d.c,d.t\nQ=true\nlocal named=%s\nQ=false\nif named then", named)
	s := &scope{g: g.writer, row: tree.Name("o"), old: tree.Name("o")}
	g.asBegun = true
	g.row(out, st.Items, st.AllFields, pluck, s)
	g.asBegun = false
	g.w("AF=AF+1\nend\nend")
}

// perStep is how many documents explore meets at most in one step, so that all of them can be deleted in it.
func (g *blockWriter) perStep() int {
	work := 1
	for _, m := range g.models {
		if m.kind {
			work = max(work, plan.LoadWork+plan.ColumnWork*len(m.read())+m.writeWork()+entryWork*(1+len(g.edges)))
		}
	}
	return max(2, min(plan.StepRows, plan.RestWork/work))
}

// entryWork is the work of one look at an index.
const entryWork = 16
