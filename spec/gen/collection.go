package gen

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// colls are the collections that a model may have: cs, a set, and cq, a queue.
// Which member pop takes from a set is unspecified, so a set is popped only to
// empty it.
type colls struct{ set, queue lang.Kind }

func (g *gen) colls() *colls {
	return &colls{pick(g, scalars()...), pick(g, scalars()...)}
}

func (c *colls) text() string {
	return fmt.Sprintf("  cs set<%s>\n  cq pqueue<%s>\n", kindWord(c.set), kindWord(c.queue))
}

// operation is a call of any operation of the language's table for fields of a
// kind with such elements. What pop removes from a set is left open.
func (g *gen) operation(on, elem lang.Kind) string {
	var fits []lang.FieldOp
	for _, o := range lang.FieldOps() {
		if o.On == on && (on != lang.KSet || o.Name != "pop") {
			fits = append(fits, o)
		}
	}
	o := pick(g, fits...)
	most := o.Max
	if most < 0 {
		most = 2
	}
	args := make([]string, o.Min+g.n(most-o.Min+1))
	for i := range args {
		args[i] = g.operand(&o, i, elem)
	}
	return o.Name + "(" + strings.Join(args, ", ") + ")"
}

// operand is argument i of an operation.
func (g *gen) operand(o *lang.FieldOp, i int, elem lang.Kind) string {
	x := func() string { return g.value(g.of(elem)) }
	switch o.Args[min(i, len(o.Args)-1)] {
	case lang.ArgInt:
		if o.On == lang.KPQueue {
			return g.value(int64(g.n(4)))
		}
		return g.value(int64(g.n(6) - 2))
	case lang.ArgFloat:
		return g.priority()
	case lang.ArgString:
		return g.value(g.name())
	case lang.ArgList:
		return g.list(elem)
	case lang.ArgElems:
		return pick(g, x(), g.list(elem))
	case lang.ArgSame:
		if o.On == lang.KMap {
			return "{ a: " + x() + " }"
		}
		return g.list(elem)
	}
	return x()
}

// name is a key of a map.
func (g *gen) name() string { return pick(g, "a", "b", "", "\x00") }

// priority is a small number, often the same, sometimes an int.
func (g *gen) priority() string { return g.value(pick[any](g, 0.0, 1.0, int64(1), -2.5, 1e300)) }

// collDoc generates the first members of the collections of a document.
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

// collSets generates SET items for the collections of m, each after a comma.
func (g *gen) collSets(m *model) string {
	if m.coll == nil || g.chance(3) {
		return ""
	}
	var out strings.Builder
	for range 1 + g.n(4) {
		out.WriteString(", ")
		switch g.n(4) {
		case 0:
			out.WriteString(pick(g, "cs = "+g.list(m.coll.set), "cs.pop(), cs.clear()",
				"cs = "+pick(g, "union", "intersect", "difference")+"("+pick(g, "cs", g.list(m.coll.set))+", "+g.list(m.coll.set)+")"))
		case 1:
			out.WriteString("cq." + g.operation(lang.KPQueue, m.coll.queue))
		default:
			out.WriteString("cs." + g.operation(lang.KSet, m.coll.set))
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

// collItems generates RETURN items for the collections of m, each after a
// comma.
func (g *gen) collItems(m *model) string {
	if m.coll == nil {
		return ""
	}
	return pick(g, "", ", cs, cq", ", len(cs) AS cn, peek(cq) AS cp", ", union(cs, "+g.list(m.coll.set)+") AS cu, difference("+g.list(m.coll.set)+", cs) AS cd", ", cs CONTAINS "+g.value(g.of(m.coll.set))+" AS ch, len(cq) AS cn")
}
