package lua

import (
	"strconv"

	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// allRanges reads the ranges, key lists and unique values of every scan.
func (g *scanWriter) allRanges() [][]string {
	outer := g.scope("nil", "nil")
	rs := make([][]string, len(g.spec.Query.Cands))
	for i, c := range g.spec.Query.Cands {
		rs[i] = make([]string, len(c.Scans))
		for j, sc := range c.Scans {
			switch sc.Path {
			case plan.PathKeys, plan.PathNames:
				r := g.name("r")
				g.p.Use("items")
				n := g.slot(plan.Slot{Kind: plan.SlotKeys, X: sc.Keys, Scan: sc, Name: sc.KeysSlot()})
				g.w("local %s=items(tonumber(%s),tonumber(%s))", r, raw(n), raw(g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunCount})))
				rs[i][j] = r
			case plan.PathUnique:
				rs[i][j] = g.uniqueKeys(sc, outer)
			default:
				rs[i][j] = g.ranges(sc, outer)
			}
		}
	}
	return rs
}

// uniqueKeys looks a unique value up and leaves the key it names, if any, in a list.
func (g *scanWriter) uniqueKeys(sc *plan.Scan, outer *scope) string {
	r, vals, conds := g.name("r"), []*tree.Node{}, []*tree.Node{}
	g.w("local %s={n=0}", r)
	for i := range sc.Bounds {
		v := g.local(g.expr(sc.Bounds[i].X, outer))
		conds = append(conds, ex("%s~=nil", v))
		vals = append(vals, g.member(sc.Bounds[i].T, v))
	}
	h, key := g.name("h"), g.scanKey(sc)
	g.w("if %s then\nlocal %s=pcl('HGET',%s,%s)\nif type(%s)=='table' then fail(nil,%s,nil,%s) end\nif %s then %s.n=1 %s[1]=%s %s end\nend",
		all(conds), h, key, joined(vals), h, key, h, h, r, r, h, g.counted("PF.e=PF.e+1"))
	return r
}

// chooseBest takes the cheapest candidate: by the exact number of entries, and
// a walk in the order that is asked for by how many it is expected to examine.
func (g *scanWriter) chooseBest(rs [][]string) {
	cands := g.spec.Query.Cands
	if len(cands) == 1 {
		g.w("choice=1")
		return
	}
	g.w("if not choice then\nlocal best=1/0")
	counts := make([]string, len(cands))
	for i := range cands {
		counts[i] = "c" + strconv.Itoa(i+1)
	}
	g.w("local %s", namesOf(counts))
	for i, c := range cands {
		g.w("do")
		n := g.cardinality(c, rs[i])
		g.w("%s=%s", counts[i], n)
		g.w("end")
		if !c.Walked() || c.Ordered && c.Exact {
			// An exact walk in order examines just the rows that are wanted.
			cost := tree.Name(counts[i])
			if c.Ordered {
				cost = ex("(top>0 and top<%s and top or %s)", counts[i], counts[i])
			}
			g.w("if %s<best then best,choice=%s,%d end", cost, cost, i+1)
		}
	}
	for i, c := range cands {
		if c.Ordered && !c.Exact {
			g.w("if top>0 and (best==1/0 or top*%s<best*best) then choice=%d end", counts[i], i+1)
		}
	}
	runs := cands[0].Runs > 0
	if runs {
		g.chooseRuns(cands[0], rs[0][0])
	}
	g.choice(g.spec.Query, namesOf(counts), ex("i==(choice or 1)"))
	g.w("choice=choice or 1")
	if runs { // a cursor is a place in its index
		g.w("if choice>1 then js,ai,cur=1,0,'' end")
	}
	g.w("end")
}

// chooseRuns takes the first candidate, which is in runs, if it reads fewer entries than the best of the others: to the end of the run
// in which the last of the wanted rows is expected.
func (g *scanWriter) chooseRuns(c *plan.Candidate, r string) {
	sc := c.Scans[0]
	g.p.Use("reach")
	if c.Weak {
		if c.Exact {
			g.w("if c1<=best then choice=1 end")
		} else {
			g.w("if top>0 and best==1/0 then choice=1 end")
		}
		return
	}
	reach := ex("reach(%s,%s,%d,%v,at)", g.scanKey(sc), tree.Name(r), c.Lead+c.Runs, c.Rev)
	if c.Exact {
		g.w("local n,at=c1,top\nif at>0 and at<n and at<best then n=%s end\nif n<=best then choice=1 end", reach)
		return
	}
	g.w("if top>0 and best==1/0 then choice=1\nelseif top>0 and best>0 then\nlocal at=math.ceil(top*c1/best)\nif at<c1 and at<best and %s<best then choice=1 end\nend", reach)
}
