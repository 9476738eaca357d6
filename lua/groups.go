package lua

import (
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// countGroups writes a step that counts groups from where the last one stopped. The values of its reply are, for each group, its
// values as the entries have them, each but the last with its NUL, and the number of its entries.
func (g *scanWriter) countGroups(of *plan.Groups, run func(string) *tree.Node) {
	g.counts = true
	r := g.ranges(of.Scan, g.scope("nil", "nil"))
	g.p.Use("groups")
	g.w("local at,min,lim,out=tonumber(%s),%s,tonumber(%s)*2,{}", run(plan.RunRange), run(plan.RunCursor), run(plan.RunLimit))
	g.w("for i=at,#%[1]s,2 do\nif min=='' then min=%[1]s[i] end", r)
	g.w("min=groups(%s,min,%s[i+1],%d,%v,lim,out)", g.scanKey(of.Scan), r, of.Width, len(of.Scan.Bounds) > of.Width)
	reply := func(scan, rangeAt, cursor *tree.Node) *tree.Node {
		return ex("{'+',#out/2,out,%s,1,0,%s,%s,%s,%s}", g.said, scan, rangeAt, cursor, g.countReply())
	}
	g.w("if min then return %s end\nmin=''\nend", reply(tree.Int(1), tree.Name("i"), tree.Name("min")))
	g.w("return %s", reply(tree.Int(0), tree.Int(0), tree.Str("")))
}
