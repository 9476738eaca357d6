package gen

import (
	"fmt"

	"github.com/rql-lang/rql/lang"
)

// extra adds fields with special predicates: a place, a text, a vector.
func (m *model) extra(g *gen) {
	for _, kind := range []lang.Kind{lang.KGeo, lang.KText, lang.KVector} {
		if !g.chance(5) {
			continue
		}
		f := field{name: fmt.Sprintf("f%d", len(m.fields)), t: typ{kind: kind, null: g.chance(2)}}
		if kind == lang.KGeo && g.chance(2) {
			f.attr = "INDEX"
		}
		m.fields = append(m.fields, f)
	}
}

// has returns a field of a kind, if the model has one.
func (m *model) has(kind lang.Kind) string {
	if m != nil {
		for _, f := range m.fields {
			if f.t.kind == kind {
				return f.name
			}
		}
	}
	return ""
}

// There are few places, some of them close to each other, to the 180th meridian
// or to a pole.
func (g *gen) place() lang.Geo {
	return pick[lang.Geo](g, "0,0", "0.001,0.001", "13.4,52.5", "13.41,52.5", "179.99,10", "-179.99,10", "20,85", "-160,85", "-70.5,-33.25")
}

// vector returns a vector of two numbers.
func (g *gen) vector() []any {
	return []any{float64(g.n(9)-4) / 2, pick(g, 0.0, 0.5, 1.0, -3.0, 0.1, 1e6)}
}

// prose returns words separated by punctuation.
func (g *gen) prose() string {
	s := ""
	for range g.n(6) {
		s += pick(g, "red", "Fox", "foxes", "a_b", "é", "x", "-", ", ", "\n", `\`, "rad", g.strings()) + pick(g, " ", " ", " ", "-", "")
	}
	return s
}

// query returns a query for SEARCH.
func (g *gen) query() string {
	return pick(g, "red", "fox", `"red fox"`, "fo*", "%fx%", "%read%", "", "-", "red* fox", "é*", `a_b "x é"`, `\-`, g.strings())
}

// found is a condition with SEARCH or a distance; "" if the model has no field
// for one.
func (g *gen) found(m *model) string {
	switch g.n(3) {
	case 0:
		if f := m.has(lang.KGeo); f != "" {
			r := g.value(pick(g, 0.0, 200.0, 5_000.0, 1e6, 3e7))
			if g.chance(2) {
				return fmt.Sprintf("(distance(%s, %s) %s %s)", f, g.value(g.place()), pick(g, "<", "<=", ">"), r)
			}
			return fmt.Sprintf("(%s >= distance(%s, %s))", r, g.value(g.place()), f)
		}
	case 1:
		if f := m.has(lang.KText); f != "" {
			return fmt.Sprintf("(%s %sSEARCH %s)", f, pick(g, "", "", "NOT "), g.value(g.query()))
		}
	default:
		if f := m.has(lang.KVector); f != "" {
			return fmt.Sprintf("(distance(%s, %s) < %s)", f, g.list2(g.vector()), g.value(pick(g, 0.25, 1.3, 7.0)))
		}
	}
	return ""
}

// list2 is a vector as a parameter or a literal.
func (g *gen) list2(v []any) string {
	if g.chance(2) {
		return g.value(v)
	}
	a, _ := literal(v[0])
	b, _ := literal(v[1])
	return "[" + a + ", " + b + "]"
}

// near is NEAREST, or "".
func (g *gen) near(m *model) string {
	if f := m.has(lang.KVector); f != "" && g.chance(2) {
		return fmt.Sprintf(" NEAREST %s %s TO %s", g.value(int64(g.n(4))), f, g.list2(g.vector()))
	}
	return ""
}
