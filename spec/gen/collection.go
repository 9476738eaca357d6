package gen

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// colls are the collections that a model may have: cs, a set, and cq, a queue.
// What pop takes out of a set is left open, so it is only popped to be cleared.
type colls struct{ set, queue lang.Kind }

func (g *gen) colls() *colls {
	kind := func() lang.Kind {
		return pick(g, lang.KInt, lang.KString, lang.KFloat, lang.KBool, lang.KDateTime, lang.KDuration, lang.KBytes, lang.KEnum)
	}
	return &colls{kind(), kind()}
}

func (c *colls) text() string {
	return fmt.Sprintf("  cs set<%s>\n  cq pqueue<%s>\n", kindWord(c.set), kindWord(c.queue))
}

// priority is a small number, often the same, sometimes an int.
func (g *gen) priority() string { return g.value(pick[any](g, 0.0, 1.0, int64(1), -2.5, 1e300)) }

// collDoc gives the first members of the collections of a document.
func (g *gen) collDoc(c *colls) []string {
	var out []string
	if g.chance(2) {
		out = append(out, "cs: "+g.list(c.set))
	}
	if g.chance(3) {
		out = append(out, fmt.Sprintf("cq: [{ value: %s, priority: %s }, { priority: %s, value: %s }]",
			g.value(g.of(c.queue)), g.priority(), g.priority(), g.value(g.of(c.queue))))
	}
	return out
}

// collSets writes SET items on the collections of m, each behind a comma.
func (g *gen) collSets(m *model) string {
	if m.coll == nil || g.chance(3) {
		return ""
	}
	s := func() string { return g.value(g.of(m.coll.set)) }
	q := func() string { return g.value(g.of(m.coll.queue)) }
	var out strings.Builder
	for range 1 + g.n(4) {
		out.WriteString(", ")
		switch g.n(14) {
		case 0, 1:
			out.WriteString("cs.add(" + s() + ", " + s() + ")")
		case 2:
			out.WriteString("cs.add(" + g.list(m.coll.set) + ")")
		case 3:
			out.WriteString("cs.remove(" + s() + ", " + g.list(m.coll.set) + ")")
		case 4:
			out.WriteString("cs = " + g.list(m.coll.set))
		case 5:
			out.WriteString(pick(g, "cs.clear()", "cs.pop(), cs.clear()", "cq.clear()"))
		case 6, 7, 8:
			out.WriteString("cq.push(" + q() + ", " + g.priority() + ")")
		case 9:
			out.WriteString("cq.remove(" + q() + ")")
		case 10:
			out.WriteString("cq.pop()")
		case 12:
			out.WriteString("cs." + pick(g, "union", "intersect", "difference") + "(" + g.list(m.coll.set) + ")")
		case 13:
			out.WriteString("cs = " + pick(g, "union", "intersect", "difference") + "(" + pick(g, "cs, ", g.list(m.coll.set)+", ") + g.list(m.coll.set) + ")")
		case 11:
			out.WriteString("cq.pop(" + g.value(int64(g.n(4))) + ")")
		}
	}
	return out.String()
}

// collCond is a condition on a collection of m.
func (g *gen) collCond(m *model) string {
	s, q := g.value(g.of(m.coll.set)), g.value(g.of(m.coll.queue))
	return pick(g, "(cs CONTAINS "+s+")", "("+s+" IN cs)", "(cq CONTAINS "+q+")", "(len(cs) > len(cq))", "(len(cq) = "+g.value(int64(g.n(3)))+")",
		"(peek(cq) = "+q+")", "(cs = "+g.list(m.coll.set)+")",
		"(len("+pick(g, "union", "intersect", "difference")+"(cs, "+g.list(m.coll.set)+")) > "+g.value(int64(g.n(3)))+")")
}

// collItems are returned columns about the collections of m, each behind a comma.
func (g *gen) collItems(m *model) string {
	if m.coll == nil {
		return ""
	}
	return pick(g, "", ", cs, cq", ", len(cs) AS cn, peek(cq) AS cp", ", union(cs, "+g.list(m.coll.set)+") AS cu, difference("+g.list(m.coll.set)+", cs) AS cd", ", cs CONTAINS "+g.value(g.of(m.coll.set))+" AS ch, len(cq) AS cn")
}
