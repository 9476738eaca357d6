package lua

import (
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// find writes FIND inside a block and returns the name of the list of its rows.
func (g *blockWriter) find(st *plan.Find, outer *scope, pluck bool) string {
	if plan.Op[plan.Aggregate](st.Ops) != nil || plan.Op[plan.Distinct](st.Ops) != nil {
		return g.grouped(st, outer, pluck)
	}
	docs := ""
	if plan.Op[plan.Nearest](st.Ops) != nil {
		docs = g.nearest(st, outer)
	} else {
		docs = g.query(st.Query, outer)
	}
	out := g.name("rows")
	g.w("local %s={n=0}", out)
	top := g.top
	g.top = false
	g.w("for i=1,%s.n do\nlocal d=%s[i]", docs, docs)
	g.emit(out, st.Items, st.AllFields, pluck, g.scope("d.c", "nil"))
	g.w("end")
	g.refreshAll(st.Refreshes, docs)
	g.top = top
	return out
}

// step writes the walk of one bounded step: from where the last one stopped, so
// many entries, each matching document once. The reply's cursor says where to go on.
func (g *blockWriter) step(m *model, q *plan.Query, f func(*scope)) {
	list := g.name("f")
	defer g.hoist(q.Where, g.scope("nil", "nil"))()
	g.w("local %s={n=0}\ndo", list)
	g.stepWhere(q)
	g.stepWalk(m, q, list)
	g.w("end\nfor i=1,%s.n do\nlocal d=%s[i]\nlocal t=d.t", list, list)
	f(&scope{g: g.writer})
	g.w("end")
}

// stepWhere writes w(c), the predicate of a step.
func (g *blockWriter) stepWhere(q *plan.Query) {
	if q.Where != nil {
		g.w("local function w(c)\nreturn %s\nend", g.chosen(func() *tree.Node { return g.cond(q.Where, g.scope("c", "nil")) }))
	}
}

// stepWalk writes the walk itself, which leaves the documents that match in list.
func (g *blockWriter) stepWalk(m *model, q *plan.Query, list string) {
	sc := q.Cands[0].Scans[0]
	outer := g.scope("nil", "nil")
	g.w("Q=true")
	test := ex("d.c and not d.q")
	if q.Where != nil && !certain(q) {
		test = ex("%s and w(d.c)", test)
	}
	if sc.Path == plan.PathNames {
		g.stepNames(m, sc, list, test)
		return
	}
	r := g.ranges(sc, outer)
	from := raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunRange}))
	cur := raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunCursor}))
	left := raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunChunk}))
	id := tree.Name("m")
	if w := sc.Width(); w > 0 {
		id = ex("after(m,%d)", w)
	}
	if sc.Path == plan.PathIndex && !sc.OneEntry() { // a later step must not find the document once more
		test = ex("%s and %s", test, g.entered(sc, "d.c"))
	}
	g.p.Use("walk", "after")
	g.w(`local from,left,last=tonumber(%[1]s),tonumber(%[3]s)
for i=from,#%[4]s,2 do
local min=%[4]s[i]
if i==from and %[2]s~='' then min=%[2]s end
if walk(%[5]s,min,%[4]s[i+1],false,left<1000 and left or 1000,function(m)
left=left-1
last=m
local id=%[6]s
local t=%[12]s
local d=L%[7]s(t)
if %[8]s then d.q=true local n=%[9]s.n+1 %[9]s.n=n %[9]s[n]=d end
return left<=0 or LB>=%[10]d or WK>=%[11]d
end) then CUR={tostring(i),'('..last} break end
end
Q=false`, from, cur, left, r, g.scanKey(sc), id, m.n, test, list, plan.StepBytes, plan.RestWork/2, g.memberID(m.Model, "id"))
}

// stepNames is the walk of a step over keys that were sent with it, from where the last one stopped.
func (g *blockWriter) stepNames(m *model, sc *plan.Scan, list string, test *tree.Node) {
	g.p.Use("items")
	n := g.slot(plan.Slot{Kind: plan.SlotKeys, Scan: sc, Name: sc.KeysSlot()})
	count := g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunCount})
	from := raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunRange}))
	g.w(`local names=items(tonumber(%[1]s),tonumber(%[2]s))
for i=tonumber(%[3]s),names.n do
local t=names[i]
local d=L%[4]s(t)
if %[5]s then d.q=true local n=%[6]s.n+1 %[6]s.n=n %[6]s[n]=d end
if (LB>=%[7]d or WK>=%[8]d) and i<names.n then CUR={tostring(i+1),''} break end
end
Q=false`, raw(n), raw(count), from, m.n, test, list, plan.StepBytes, plan.RestWork/2)
}
