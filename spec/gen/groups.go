package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// distinct generates what is asked of the values of one or two fields: the number of documents of each, or the values. With luck, an
// index answers it alone.
func (g *gen) distinct(m *model) string {
	of := m.ordered()
	if len(of) == 0 {
		return g.group(m)
	}
	first := pick(g, of...)
	by := []field{first}
	if second := pick(g, of...); second.name != first.name && g.chance(2) {
		by = append(by, second)
	}
	where := ""
	switch of := pick(g, by...); g.n(5) {
	case 0, 1:
	case 2:
		where = " WHERE " + g.cond(m, 1)
	case 3:
		where = fmt.Sprintf(" WHERE %s IN (%s, %s)", of.name, g.value(g.any(of.t)), g.value(g.any(of.t)))
	default:
		where = fmt.Sprintf(" WHERE %s %s %s", of.name, pick(g, "=", ">", "<=", "!="), g.value(g.any(of.t)))
	}
	names, keys := make([]string, len(by)), make([]string, len(by))
	for i, f := range by {
		names[i], keys[i] = fmt.Sprintf("%s AS k%d", f.name, i), fmt.Sprintf("k%d", i)
	}
	from, cols, order := "FIND "+m.name+where, strings.Join(names, ", "), strings.Join(keys, pick(g, ", ", " DESC, "))
	switch g.n(6) {
	case 0, 1:
		return fmt.Sprintf("%s GROUP BY %s%s RETURN count() AS n, %s ORDER BY %s%s", from, cols, pick(g, "", " HAVING count() > 1"), strings.Join(keys, ", "), order,
			pick(g, "", " LIMIT "+g.value(int64(1+g.n(4))), " LIMIT 2 OFFSET 1"))
	case 2:
		return fmt.Sprintf("%s GROUP BY %s RETURN %s", from, cols, strings.Join(keys, ", "))
	case 3:
		return fmt.Sprintf("%s RETURN DISTINCT %s ORDER BY %s%s", from, cols, order, pick(g, "", " LIMIT "+g.value(int64(1+g.n(4))), " LIMIT 2 OFFSET 1"))
	case 4:
		return from + " RETURN count() AS n"
	}
	last := by[len(by)-1]
	s := from + " RETURN count(DISTINCT " + last.name + ") AS n"
	if last.t.kind == lang.KInt || last.t.kind == lang.KString {
		s += fmt.Sprintf(", min(%[1]s) AS lo, max(%[1]s) AS hi", last.name)
	}
	return s
}

// ordered returns the fields whose values have an order.
func (m *model) ordered() (out []field) {
	for _, f := range m.fields {
		if slices.Contains(ordered(), f.t.kind) {
			out = append(out, f)
		}
	}
	return out
}

// runs generates a FIND in the order of a field, or of an expression in it, and of another term.
func (g *gen) runs(m *model) string {
	of := m.ordered()
	if len(of) == 0 {
		return ""
	}
	by := pick(g, of...)
	if g.chance(3) && len(of) > 1 { // as in composite, but for the last
		by = of[1]
	}
	first := by.name
	switch {
	case by.t.kind == lang.KInt && g.chance(2):
		first = "-" + first
	case by.t.kind == lang.KDateTime && g.chance(2):
		first = pick(g, "year("+first+")", "date_trunc('day', "+first+")")
	}
	where := ""
	switch g.n(3) {
	case 0:
		where = fmt.Sprintf(" WHERE %s %s %s", by.name, pick(g, "=", ">", "<=", "!="), g.value(g.any(by.t)))
	case 1:
		where = " WHERE " + g.cond(m, 1)
	}
	return fmt.Sprintf("FIND %s%s RETURN id ORDER BY %s%s, %s%s%s", m.name, where, first, pick(g, "", " DESC"), g.leaf(typ{kind: g.comparable()}, m), pick(g, "", " DESC"),
		pick(g, "", " LIMIT "+g.value(int64(1+g.n(4))), " LIMIT 2 OFFSET 1"))
}

// merged generates a FIND of some values of one field in the order of another, as an index of both has them; "" if there are no two.
func (g *gen) merged(m *model) string {
	of := m.ordered()
	if len(of) < 2 {
		return ""
	}
	by, term := of[1], of[0] // as in composite
	if g.chance(3) {
		by, term = pick(g, of...), pick(g, of...)
	}
	where := fmt.Sprintf(" WHERE %s IN (%s, %s, %s)", by.name, g.value(g.any(by.t)), g.value(g.any(by.t)), g.value(g.any(by.t)))
	if g.chance(2) {
		where += " AND " + g.cond(m, 1)
	}
	return fmt.Sprintf("FIND %s%s RETURN id, %s AS x ORDER BY %s%s LIMIT %s%s", m.name, where, term.name, term.name, pick(g, "", " DESC"), g.value(int64(1+g.n(4))), pick(g, "", " OFFSET 1"))
}
