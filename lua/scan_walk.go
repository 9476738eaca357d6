package lua

import (
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// eachRange writes the head of the loop over ranges, from where the last step stopped: n is how many entries to ask for first, a and b
// are the ends of what is left of the range. off, which keeps where ids begin, stands before a may be moved.
func (g *scanWriter) eachRange(c *plan.Candidate, r string, off *tree.Node) {
	first, last, step := tree.Int(1), ex("#%s", r), 2
	if c.Rev {
		first, last, step = ex("#%s-1", r), tree.Int(1), -2
	}
	chunk := ex("lim>100 and lim or 100")
	switch {
	case g.inRuns(c):
		chunk = ex("top>0 and top+8 or 1000")
	case c.Exact:
		chunk = tree.Name("lim")
	}
	bound := "a"
	if c.Rev {
		bound = "b"
	}
	g.w("local n=%s\nif n>1000 then n=1000 end\nif n>left then n=left end", chunk)
	g.w("if from==0 then from=%s end\nfor i=from,%s,%s do", first, last, step)
	g.w("local a,b=%[1]s[i],%[1]s[i+1]\n%[3]s\nif i==from and start~='' then %[2]s=start end\nlocal most=n", r, bound, off)
}

// pages writes the walk of the ranges of a scan, one after the other: a loop over the entries of a page in one over pages. A function
// for each entry would cost the server a sixth of a short FIND.
func (g *scanWriter) pages(c *plan.Candidate, ci, j int, sc *plan.Scan, r string) {
	cmd, from, to, next := "ZRANGEBYLEX", "a", "b", "a"
	if c.Rev {
		cmd, from, to, next = "ZREVRANGEBYLEX", "b", "a", "b"
	}
	id, off := tree.Name("m"), tree.None()
	switch w := sc.Width(); {
	case sc.Prefixed(): // the id begins where the range does
		id, off = g.p.call("sub", "m", "off"), st("local off=#a")
	case w > 0:
		id = g.behind(w)
	}
	g.p.Use("fail")
	key := g.scanKey(sc)
	charge, seen := tree.None(), st("seen=seen+1")
	stop := func() *tree.Node { return st("return %s", g.reply(tree.Int(j+1), tree.Name("i"), ex("'('..m"))) }
	if g.first { // it examines too few entries to be charged for
		seen, stop = tree.None(), g.firstReply
	} else {
		charge = g.p.call("charge", ex("#es+1"))
	}
	var full *tree.Node
	x := g.examined(c, sc)
	body := g.captured(func() { full = g.examine(x, c, ci, j, sc, r) })
	before, behind, more := tree.None(), tree.None(), st("most=1000")
	if g.inRuns(c) { // it ends with the first row of the next run, so that the reader knows that this one is complete
		g.p.Use("foremost", "sub")
		g.w("local edge")
		before = st("local was=nr")
		behind = st("if top>0 and nr>=top then\nif not edge then edge=foremost(m,%d)\nelseif nr>was and sub(m,1,#edge)~=edge then %s end\nend", c.Lead+c.Runs, stop())
		more = st("most=most<250 and most*4 or 1000")
	}
	ask, hit := tree.None(), body
	if len(c.Also) > 0 {
		g.w("local also")
		ask = g.beside(c, key, r)
		hit = st("if not also or also(id) then\nif also then left=left-%d end\n%s\nend", plan.AlsoEntries-1, body)
	}
	if g.first {
		g.w("local most=lim")
		g.out.Add(off)
	} else {
		g.eachRange(c, r, off)
	}
	g.w("while true do\nlocal es=pcl(%s,%s,%s,%s,'LIMIT',0,most)\nif es.err then fail(nil,%[2]s,nil,es) end\n%[5]s\n%[6]s",
		tree.Str(cmd), key, tree.Name(from), tree.Name(to), charge, tree.Block(g.counted("PF.e=PF.e+#es"), ask))
	g.w("for at=1,#es do\nlocal m=es[at]\nleft=left-1\n%s\nlocal id=%s\nlocal t=%s\n%s\n%s\nif %s then %s end\n%s\nend", seen, id, g.memberID(g.m.Model, "id"), before, hit, full, stop(), behind)
	g.w("if #es<most then break end\n%s='('..es[most]\n%s\nend", tree.Name(next), more)
	if !g.first {
		g.w("end")
	}
}

// beside writes the choice of another index whose entries are asked for before documents are read, when a page of entries shows that there
// may be many. An entry costs a part of what a document does, so a step has more of them.
func (g *scanWriter) beside(c *plan.Candidate, key *tree.Node, r string) *tree.Node {
	g.p.Use("beside")
	want := ex("lim")
	if g.inRuns(c) {
		want = ex("top>0 and top or lim")
	}
	return st("if also==nil and #es>=100 then\n%s\nend", g.captured(func() {
		list := make([]*tree.Node, len(c.Also))
		for i, sc := range c.Also {
			rs := g.ranges(sc, g.scope("nil", "nil"))
			list[i] = ex("{k=%s,r=%s,w=%d,one=%v}", g.scanKey(sc), tree.Name(rs), sc.Width(), sc.Prefixed())
		}
		g.w("also=beside(%s,%s,%s,%s,%s) or false\nif also then left=left*%d end", key, tree.Name(r), g.writer.key(plan.KeyIDs, g.m.Model, nil), want, tree.Table(list...), plan.AlsoEntries)
	}))
}

// inRuns reports whether a scan may end when the wanted rows, and those with the same values of the first terms of the order, are found.
func (g *scanWriter) inRuns(c *plan.Candidate) bool {
	return c.Runs > 0 && g.spec.Query.Limit != nil
}

// behind is what stands behind the first w NULs of the entry m: see after in code.lua, which calls of its own would cost more.
func (g *writer) behind(w int) *tree.Node {
	g.p.Use("find", "sub")
	at := tree.Int(1)
	for range w {
		at = ex("(find(m,'\\0',%s,true) or #m)+1", at)
	}
	return ex("sub(m,%s)", at)
}

// skimScan writes the walk of a loose scan.
func (g *scanWriter) skimScan(c *plan.Candidate, j int, sc *plan.Scan, r string) {
	g.p.Use("skim", "after")
	g.w("if from==0 then from=1 end\nfor i=from,#%[1]s,2 do\nlocal a=%[1]s[i]\nif i==from and start~='' then a=start end", r)
	g.w("local at=skim(%s,a,%s[i+1],%d,function(m)\nleft=left-1\nseen=seen+1\nlocal was,id=nr,after(m,%d)\nlocal full=take(%s,m,id)\nreturn nr>was,full\nend)",
		g.scanKey(sc), r, c.Loose, sc.Width(), g.memberID(g.m.Model, "id"))
	// Skipped entries are examined too: how many tells how many documents values have.
	g.w("if at then\nseen=M\nreturn %s\nend\nend", g.reply(tree.Int(j+1), tree.Name("i"), tree.Name("at")))
}

// mergeScan writes the walk of a scan whose ranges are merged. Where it goes on, the range is that of the last entry.
func (g *scanWriter) mergeScan(c *plan.Candidate, j int, sc *plan.Scan, r string) {
	g.p.Use("merge", "after")
	most := ex("lim>100 and lim or 100")
	if c.Exact {
		most = tree.Name("lim")
	}
	g.w("local n=(%s)*4/#%s\nif n>1000 then n=1000 end\nif n<8 then n=8 end", most, r)
	g.w("local at,i=merge(%s,%s,%d,%v,math.floor(n),start,from,function(m)\nleft=left-1\nseen=seen+1\nlocal id=after(m,%d)\nreturn take(%s,m,id)\nend)",
		g.scanKey(sc), r, c.Lead, c.Rev, sc.Width(), g.memberID(g.m.Model, "id"))
	g.w("if at then return %s end", g.reply(tree.Int(j+1), tree.Name("i"), ex("'('..at")))
}
