package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
	"github.com/rql-lang/rql/planner/plan"
)

// NewFirstScan generates the flat form of a scan with one candidate, which walks one range of an index and sends documents on as they are
// stored: straight code that makes the first step only. Its arguments are the number of rows and the two ends of the range. Later steps
// are those of NewScan. It returns nil where a document has to be loaded.
//
// Reply: {0 or the cursor, values}; 0 when everything was seen.
func NewFirstScan(schema *ir.Schema, spec *plan.Read) (*Script, error) {
	c := spec.Query.Cands[0]
	sc := c.Scans[0]
	g := &scanWriter{writer: newWriter(schema, spec.Uses), spec: spec, first: true}
	g.still = true
	g.m = g.model(spec.Query.Model)
	g.key = g.m.KeyColumn()
	if g.comparesEntry(c, sc) && !g.m.comparable(sc.Index) {
		return nil, nil
	}
	for _, x := range spec.Outs {
		if !g.sent(x) {
			return nil, nil
		}
	}
	g.place(0, lang.Span{})
	lim := g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunLimit})
	a := g.slot(plan.Slot{Kind: plan.SlotRange, Scan: sc})
	b := g.slot(plan.Slot{Kind: plan.SlotRun, Name: plan.RunCount})
	g.w("local lim,a,b=tonumber(%s),%s,%s\nlocal left,nr,out,no,bytes=%d,0,{0},1,0", raw(lim), raw(a), raw(b), plan.StepRows)
	g.pages(c, 0, 0, sc, "")
	g.w("return out")
	if g.err != nil {
		return nil, g.err
	}
	p := &scriptParts{models: []*tree.Node{st("local P%s=%s", g.m.n, g.docsOf(g.m.Model))}, body: []*tree.Node{g.out.Block()}, budget: 1 << 30}
	s := g.straight(p, nil)
	if s == nil || g.loads(tree.Block(p.own()...)) {
		return nil, g.err
	}
	return g.withOuts(s)
}

// firstReply is what ends it where it goes on behind the entry m.
func (g *scanWriter) firstReply() *tree.Node { return st("out[1]='('..m\nreturn out") }
