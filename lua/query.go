package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// ranges writes code that leaves the ranges of a scan (min, max, min, max, …)
// in a new local table and returns its name.
func (g *writer) ranges(sc *plan.Scan, s *scope) string {
	r := g.name("r")
	if sc.Sent {
		g.p.Use("items")
		n := g.slot(plan.Slot{Kind: plan.SlotRanges, Scan: sc})
		g.w("local %s=items(tonumber(%s),tonumber(%s))", r, raw(n), raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunCount})))
		return r
	}
	if parts := g.oneEntry(sc, s); parts != nil {
		p := g.local(joined(parts))
		g.w("local %[1]s={'['..%[2]s..'\\0','('..%[2]s..'\\1'}", r, p)
		return r
	}
	// The parts before the last component are the common beginnings of the members.
	p := g.name("p")
	g.w("local %s,%s={''},{}", p, r)
	for i := range sc.Bounds {
		c := &sc.Bounds[i]
		last := i == len(sc.Bounds)-1
		switch c.Kind {
		case plan.Eq, plan.In:
			g.extend(sc, c, p, s)
			if last {
				g.p.Use("r_all")
				g.w("r_all(%s,%s,%v)", r, p, sc.Index == nil)
			}
		case plan.Range:
			lo, hi := tree.Nil(), tree.Nil()
			conds := []*tree.Node(nil)
			if c.Lo != nil {
				v := g.local(g.expr(c.Lo, s))
				conds = append(conds, ex("%s~=nil", v))
				lo = g.bound(sc, c, v)
			}
			if c.Hi != nil {
				v := g.local(g.expr(c.Hi, s))
				conds = append(conds, ex("%s~=nil", v))
				hi = g.bound(sc, c, v)
			}
			g.p.Use("r_span")
			g.w("if %s then r_span(%s,%s,%s,%v,%s,%v,%v) end", all(conds), r, p, lo, c.LoInc, hi, c.HiInc, sc.Index == nil)
		case plan.NotNull, plan.Circle: // a circle is cut into ranges before the script is sent, or not at all
			g.p.Use("r_span")
			g.w("r_span(%s,%s,'!',false,nil,false,false)", r, p)
		case plan.Prefix:
			v := g.local(g.expr(c.X, s))
			g.p.Use("r_prefix")
			g.w("if %s~=nil then r_prefix(%s,%s,%s) end", v, r, p, g.member(c.T, v))
		}
	}
	if len(sc.Bounds) == 0 {
		g.w("%s[1]='[' %s[2]='(\\255'", r, r)
	}
	return r
}

// oneEntry are the components of the entries that a scan walks where they begin with one value for each of its bounds; else nil.
func (g *writer) oneEntry(sc *plan.Scan, s *scope) []*tree.Node {
	if sc.Index == nil || len(sc.Bounds) == 0 {
		return nil
	}
	for i := range sc.Bounds {
		if c := &sc.Bounds[i]; c.Kind != plan.Eq || c.List != nil {
			return nil
		}
	}
	parts := make([]*tree.Node, len(sc.Bounds))
	for i := range sc.Bounds {
		parts[i] = g.member(sc.Bounds[i].T, g.local(g.expr(sc.Bounds[i].X, s)))
	}
	return parts
}

// bound is a component of a range: of keys themselves as they stand in the set of ids.
func (g *writer) bound(sc *plan.Scan, c *plan.Bound, v any) *tree.Node {
	if sc.Index == nil {
		return g.idMember(sc.Model, g.idText(sc.Model, v))
	}
	return g.member(c.T, v)
}

// extend makes every beginning in p longer by the values of an equality or an IN.
func (g *writer) extend(sc *plan.Scan, c *plan.Bound, p string, s *scope) {
	one := func(v any) *tree.Node {
		if sc.Index == nil { // the key itself: raw text, no terminator
			return g.idMember(sc.Model, g.idText(sc.Model, v))
		}
		return ex("%s..'\\0'", g.member(c.T, v))
	}
	vs := g.name("v")
	g.w("local %s={n=0}", vs)
	switch {
	case c.List != nil:
		l := g.local(g.expr(c.List, s))
		g.w("for i=1,%[1]s and %[1]s.n or 0 do %[2]s.n=i %[2]s[i]=%[3]s end", l, vs, one(ex("%s[i]", l)))
	case c.Kind == plan.In:
		for _, x := range c.Items {
			g.w("%[1]s.n=%[1]s.n+1 %[1]s[%[1]s.n]=%[2]s", vs, one(g.expr(x, s)))
		}
	default:
		v := g.local(g.expr(c.X, s))
		if sc.Index == nil {
			g.w("if %s~=nil then %s.n=1 %s[1]=%s end", v, vs, vs, one(v))
		} else {
			g.w("%s.n=1 %s[1]=%s", vs, vs, one(v))
		}
	}
	g.p.Use("r_cross")
	g.w("%s=r_cross(%s,%s)", p, p, vs)
}

// cardinality writes code that counts a candidate into a new local.
func (g *writer) cardinality(c *plan.Candidate, rs []string) string {
	n := g.name("n")
	g.w("local %s=0", n)
	for i, sc := range c.Scans {
		switch {
		case sc.Lookup():
			g.w("%s=%s+1", n, n)
		default:
			g.p.Use("card")
			g.w("for i=1,#%[1]s,2 do %[2]s=%[2]s+card(%[3]s,%[1]s[i],%[1]s[i+1]) end", rs[i], n, g.scanKey(sc))
		}
	}
	return n
}

// scanKey is the key a scan walks.
func (g *writer) scanKey(sc *plan.Scan) *tree.Node {
	switch sc.Path {
	case plan.PathUnique:
		return g.key(plan.KeyUnique, sc.Model, sc.Index)
	case plan.PathIndex:
		return g.key(plan.KeyIndex, sc.Model, sc.Index)
	}
	return g.key(plan.KeyIDs, sc.Model, nil)
}

// query writes code that leaves the documents (their states, n of them) that
// match a query in a new local table and returns its name. The block's own
// changes are seen: changed documents are skipped while an index is walked and
// asked by the predicate alone.
func (g *writer) query(q *plan.Query, outer *scope) string {
	m := g.model(q.Model)
	out := g.name("f")
	g.w("local %s={n=0}\ndo", out)
	defer g.hoist(q.Where, outer)()
	g.w("Q=true")
	ran := g.ran(q, out)
	if !g.linking {
		g.w("QN=QN+1")
	}
	s := g.scope("c", "nil")
	pred := ""
	if q.Where != nil {
		pred = g.name("w")
		g.w("local function %s(c)\n%s\nreturn %s\nend", pred, g.weighed(q.Where), g.chosen(func() *tree.Node { return g.cond(q.Where, s) }))
	}
	lim := ""
	if q.Limit != nil {
		g.w("Q=false")
		lim = g.local(g.limit(q.Limit, outer))
		if q.Skip != nil {
			g.w("%s=%s+%s", lim, lim, g.limit(q.Skip, outer))
		}
		g.w("Q=true")
	}
	ordered := len(q.Cands) == 1 && q.Cands[0].Ordered
	walkLim := ""
	if lim != "" && (len(q.Order) == 0 || ordered) {
		walkLim = lim
	}
	take := g.name("t")
	test, mark := ex("d.c and not d.m and d.q~=QN"), st("d.q=QN")
	if g.linking { // QN and q are those of the query around it
		seen := g.name("q")
		g.w("local %s={}", seen)
		test, mark = ex("d.c and not d.m and not %s[d]", seen), st("%s[d]=true", seen)
	}
	entry := ordered && q.Cands[0].Scans[0].Path == plan.PathIndex
	if pred != "" && !certain(q) && !(entry && q.Cands[0].Exact) { // one that has the entry still has its values
		test = ex("%s and %s(d.c)", test, pred)
	}
	if entry {
		test = ex("%s and %s", test, g.entered(q.Cands[0].Scans[0], "d.c"))
	}
	g.w("local function %s(t,m,id)\nlocal d=L%s(t)\nif %s then\n%s\nlocal n=%s.n+1\n%s.n=n\n%s[n]=d", take, m.n, test, mark, out, out, out)
	if walkLim != "" {
		g.w("return n>=%s", walkLim)
	}
	g.w("end\nend")
	if walkLim != "" {
		g.w("if %s>0 then", walkLim)
	}
	g.walkBest(q, take, walkLim, outer)
	if walkLim != "" {
		g.w("end")
	}
	if !g.still { // what the block itself changed
		cond := ex("d.c")
		if pred != "" {
			cond = ex("%s and %s(d.c)", cond, pred)
		}
		if g.profile {
			g.w("PF.r=PF.r+#T%s", m.n)
		}
		g.w("local clean=%s.n\nif #T%s>0 then\ncharge(#T%s)\nfor i=1,#T%s do local d=T%s[i] if %s then local n=%s.n+1 %s.n=n %s[n]=d end end\nend",
			out, m.n, m.n, m.n, m.n, cond, out, out, out)
		g.p.Use("charge")
	}
	if len(q.Order) > 0 && !(ordered && g.still) {
		if ordered {
			g.w("if %s.n>clean then", out)
		}
		g.sort(q.Model, q.Order, q.Items, out)
		if ordered {
			g.w("end")
		}
	}
	g.w("Q=false")
	if lim != "" {
		g.p.Use("cut")
		skip := tree.Int(0)
		if q.Skip != nil {
			skip = g.limit(q.Skip, outer)
		}
		g.w("cut(%s,%s,%s)", out, skip, lim)
	} else if q.Skip != nil {
		g.p.Use("cut")
		g.w("cut(%s,%s,nil)", out, g.limit(q.Skip, outer))
	}
	g.w("%s", ran)
	g.w("end")
	return out
}

// certain reports that what is found needs no predicate: a document that is there by its key matches. One that
// is found by an index may have another value than its entry says.
func certain(q *plan.Query) bool {
	return len(q.Cands) == 1 && q.Cands[0].Exact && q.Cands[0].Scans[0].Path != plan.PathIndex && len(q.Cands[0].Scans) == 1
}

// walkBest walks the cheapest candidate, for up to lim documents; "" stands for all.
func (g *writer) walkBest(q *plan.Query, take, lim string, outer *scope) {
	g.choosing = true
	defer func() { g.choosing = false }()
	rs := make([][]string, len(q.Cands))
	for i, c := range q.Cands {
		rs[i] = make([]string, len(c.Scans))
		for j, sc := range c.Scans {
			if sc.Walks() {
				rs[i][j] = g.ranges(sc, outer)
			}
		}
	}
	if len(q.Cands) == 1 {
		g.walkCandidate(q.Cands[0], rs[0], take, lim, outer)
		return
	}
	counts := make([]string, len(q.Cands))
	for i, c := range q.Cands {
		counts[i] = g.cardinality(c, rs[i])
	}
	each := namesOf(counts)
	best := g.local(ex("math.min(%s)", each))
	if g.profile {
		taken := g.local(tree.Nil())
		g.w("for i,n in ipairs({%s}) do if not %[2]s and n==%[3]s then %[2]s=i end end", each, taken, best)
		g.choice(q, each, ex("i==%s", taken))
	}
	for i, c := range q.Cands {
		if i == 0 {
			g.w("if %s==%s then", counts[i], best)
		} else {
			g.w("elseif %s==%s then", counts[i], best)
		}
		g.walkCandidate(c, rs[i], take, lim, outer)
	}
	g.w("end")
}

// walkCandidate walks every scan of a candidate. It asks for a hundred entries first, or where each is a document that is wanted for no more than those.
func (g *writer) walkCandidate(c *plan.Candidate, rs []string, take, lim string, outer *scope) {
	most := tree.Int(100)
	if lim != "" && c.Exact {
		most = ex("%[1]s<100 and %[1]s or 100", lim)
	}
	for j, sc := range c.Scans {
		m := sc.Model
		switch {
		case sc.Path == plan.PathSearch:
			g.p.Use("items", "bysearch", "charge")
			n := g.slot(plan.Slot{Kind: plan.SlotSearch, Scan: sc})
			l := g.local(ex("bysearch(items(tonumber(%s),tonumber(%s)),NS..%s,%s)", raw(n), raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunCount})), tree.Str(m.Prefix), tree.Str(m.Suffix)))
			g.w("charge(#%[1]s)\nfor i=1,#%[1]s do if %[2]s(%[1]s[i]) then break end end", l, take)
		case sc.Path == plan.PathKeys && sc.Keys.Type().Kind == lang.KList:
			l := g.local(g.expr(sc.Keys, outer))
			g.p.Use("charge")
			g.w("charge(%[1]s and %[1]s.n or 0)\nfor i=1,%[1]s and %[1]s.n or 0 do if %[1]s[i]~=nil and %[2]s(%[3]s) then break end end", l, take, g.idText(m, ex("%s[i]", l)))
		case sc.Path == plan.PathKeys:
			v := g.local(g.expr(sc.Keys, outer))
			g.w("if %s~=nil then %s(%s) end", v, take, g.idText(m, v))
		case sc.Path == plan.PathUnique:
			vals := make([]*tree.Node, len(sc.Bounds))
			conds := make([]*tree.Node, len(sc.Bounds))
			for i := range sc.Bounds {
				v := g.local(g.expr(sc.Bounds[i].X, outer))
				conds[i] = ex("%s~=nil", v)
				vals[i] = g.member(sc.Bounds[i].T, v)
			}
			h := g.name("h")
			g.p.Use("fail")
			g.w("if %s then\nlocal %s=pcl('HGET',%s,%s)\nif type(%s)=='table' then fail(nil,%s,nil,%s) end\nif %s then\n%s\n%s(%s) end\nend",
				all(conds), h, g.scanKey(sc), joined(vals), h, g.scanKey(sc), h, h, g.counted("PF.e=PF.e+1"), take, h)
		default:
			g.p.Use("walk", "after")
			id := tree.Name("m")
			if w := sc.Width(); w > 0 {
				id = ex("after(m,%d)", w)
			}
			found := st("return %s(%s)", take, g.memberID(m, id))
			if c.Ordered && sc.Path == plan.PathIndex {
				found = st("local id=%s\nreturn %s(%s,m,id)", id, take, g.memberID(m, "id"))
			}
			first, last, step := tree.Int(1), ex("#%s", rs[j]), 2
			if c.Rev {
				first, last, step = ex("#%s-1", rs[j]), tree.Int(1), -2
			}
			g.w("for i=%s,%s,%s do if walk(%s,%s[i],%s[i+1],%v,%s,function(m) %s end) then break end end",
				first, last, step, g.scanKey(sc), rs[j], rs[j], c.Rev, most, found)
			if sc.Index != nil && sc.Index.Of != nil && !g.still { // members that the block has added are not entered yet
				y := g.model(m).collection(sc.Index.Of)
				g.p.Use("charge")
				g.w("local n=#%[1]s.l\ncharge(n)\nfor i=1,n do local s=%[1]s.l[i] if next(s.put) and %[2]s(s.t) then break end end", y, take)
			}
		}
	}
}

// byTerms compares the ranks x and y of two rows, each a list of those of the terms of ORDER BY, and where all are alike
// gives tie.
func byTerms(order []ir.Order, tie *tree.Node) *tree.Node {
	var by tree.Writer
	for i, o := range order {
		less := ex("r<0")
		if o.Desc {
			less = ex("r>0")
		}
		by.W("r=rank(x[%d],y[%d]) if r~=0 then return %s end", i+1, i+1, less)
	}
	by.W("return %s", tie)
	return by.Block()
}

// sort orders documents by terms, ties by key in the direction of the last; items are what the names of RETURN in them stand for.
func (g *writer) sort(m *ir.Model, order []ir.Order, items []ir.Item, out string) {
	g.p.Use("rank")
	s := g.scope("c", "nil")
	s.items = items
	terms := make([]*tree.Node, len(order))
	for i, o := range order {
		terms[i] = g.ranked(o.X.Type(), g.chosen(func() *tree.Node { return g.expr(o.X, s) }))
	}
	g.w("for i=1,%s.n do local d=%s[i] local c=d.c local w={} d.w=w", out, out)
	for i, t := range terms {
		g.w("w[%d]=%s", i+1, t)
	}
	g.p.Use("sorting")
	g.w("end")
	last := "<"
	if order[len(order)-1].Desc {
		last = ">"
	}
	key := m.Key.Type
	tie := tree.Binary(last, ex("rank(%s,%s)", g.ranked(key, "a.c.id"), g.ranked(key, "b.c.id")), tree.Int(0))
	g.w("sorting(%[1]s.n)\ntable.sort(%[1]s,function(a,b)\nlocal x,y,r=a.w,b.w\n%[2]s\nend)", out, byTerms(order, tie))
}

// count writes code for COUNT and returns the number.
func (g *writer) count(st *plan.Count, s *scope) *tree.Node {
	n := g.name("n")
	if st.Covered == nil {
		return tree.Field(tree.Name(g.query(st.Query, s)), "n")
	}
	return g.coveredCount(st.Query, st.Covered, n, s)
}

// coveredCount counts by ZLEXCOUNT when one exact scan of a plain index says it
// all, corrected by what the block changed.
func (g *writer) coveredCount(q *plan.Query, sc *plan.Scan, n string, s *scope) *tree.Node {
	m := g.model(q.Model)
	g.w("local %s=0\ndo", n)
	defer g.hoist(q.Where, s)()
	g.w("Q=true")
	whole := sc.Index == nil && q.Where == nil
	if whole {
		g.p.Use("fail")
		g.w("%[1]s=pcl('ZCARD',%[2]s)\nif type(%[1]s)=='table' then fail(nil,%[2]s,nil,%[1]s) end", n, g.scanKey(sc))
	} else {
		r := g.ranges(sc, s)
		g.p.Use("card")
		g.w("for i=1,#%s,2 do %s=%s+card(%s,%s[i],%s[i+1]) end", r, n, n, g.scanKey(sc), r, r)
	}
	cond := func(x string) *tree.Node {
		if q.Where == nil {
			return tree.Arg(x)
		}
		return ex("%[1]s and w(%[1]s)", x)
	}
	if q.Where != nil {
		g.w("local function w(c)\nreturn %s\nend", g.chosen(func() *tree.Node { return g.cond(q.Where, g.scope("c", "nil")) }))
	}
	g.lessGone(m, sc, whole, n, cond)
	if g.still {
		g.w("Q=false\nend")
		return tree.Name(n)
	}
	if g.profile {
		g.w("PF.r=PF.r+#T%s", m.n)
	}
	g.p.Use("charge")
	g.w("charge(#T%[1]s)\nfor i=1,#T%[1]s do local d=T%[1]s[i]\nif %[2]s then %[4]s=%[4]s-1 end\nif %[3]s then %[4]s=%[4]s+1 end\nend\nQ=false\nend",
		m.n, m.entered(sc, "d.o", cond("d.o")), cond("d.c"), n)
	return tree.Name(n)
}

// lessGone takes documents from the number n that an index still has entries
// of: those whose time has come, that are gone, and that the block has not changed.
func (g *writer) lessGone(m *model, sc *plan.Scan, whole bool, n string, cond func(string) *tree.Node) {
	if !m.mortal() {
		return
	}
	g.time()
	g.p.Use("due", "fail")
	most := raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunDue}))
	g.w("do\nlocal l=due(%[1]s,%[2]s)\nif #l>=tonumber(%[2]s) then fail('budget',%[3]s,%[4]s) end", g.key(plan.KeyEnds, m.Model, nil), most, tree.Str(m.Name), tree.Str(Due))
	if !g.counts { // a count alone has no other work
		g.w("%s", g.p.call("charge", ex("#l")))
	}
	if whole { // each of them is listed
		g.absent(m, n)
	} else {
		m.remembers = true
		state, row, gone := ex("D%s[t]", m.n), ex("d and d.o or Z%s(t)", m.n), ex("not (d and d.m) and call('EXISTS',%s)==0", m.name("t"))
		if g.counts {
			state, row, gone = tree.Nil(), ex("Z%s(t)", m.n), ex("call('EXISTS',%s)==0", m.name("t"))
		}
		g.w("for i=1,#l do\nlocal t=l[i]\nlocal d=%s\nif %s then local o=%s if %s then %s=%s-1 end end\nend", state, gone, row, m.entered(sc, "o", cond("o")), n, n)
	}
	g.w("end")
}

// absent takes from the number n how many documents of the keys in l are not there, and unchanged. A thousand are asked for at a time.
func (g *writer) absent(m *model, n string) {
	g.w("for i=1,#l,1000 do\nlocal x={'EXISTS'}\nfor j=i,i+999<#l and i+999 or #l do")
	name := st("x[#x+1]=%s", m.name(ex("l[j]")))
	if !g.counts {
		name = st("local d=D%s[l[j]]\nif not (d and d.m) then %s end", m.n, name)
	}
	g.w("%[1]s\nend\nif #x>1 then %[2]s=%[2]s+1-#x+call(unpack(x)) end\nend", name, n)
}

// entered is the condition that an index has the entry of a row o for which cond
// holds: it has none of a document that was gone before the index was made.
func (m *model) entered(sc *plan.Scan, o string, cond *tree.Node) *tree.Node {
	if !m.mortal() || sc.Index == nil {
		return cond
	}
	return ex("%[1]s and (%[2]s==nil or %[2]s>=%[3]d) and %[4]s", o, o+".sn", m.shadowNeeds(sc.Index), cond)
}
