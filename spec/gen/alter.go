package gen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// alter generates a change of a model: most often one that succeeds, whatever the documents are. Later statements
// are generated for the model as it is then.
func (g *gen) alter(m *model) string {
	action := g.action(m)
	if g.chance(5) && !strings.HasPrefix(action, "RENAME") {
		action += ", " + g.rule(m)
	}
	if strings.HasPrefix(action, "RENAME TO") {
		defer func() { m.name = strings.TrimPrefix(action, "RENAME TO ") }()
	}
	return "ALTER MODEL " + m.name + " " + action
}

func (g *gen) action(m *model) string {
	switch g.n(9) {
	case 0, 1:
		return g.addField(m)
	case 2:
		return g.dropField(m)
	case 3:
		return g.renameField(m)
	case 4, 5:
		return g.changeField(m)
	case 6:
		g.fresh++
		to := fmt.Sprintf("R%d", g.fresh)
		if m.first != "" && g.chance(2) {
			to = m.first
		}
		m.first = cmp.Or(m.first, m.name)
		return "RENAME TO " + to
	}
	return g.rule(m)
}

// addField adds a field that documents have, or are given; rarely one that only a model without documents can get.
func (g *gen) addField(m *model) string {
	g.fresh++
	f := g.field(fmt.Sprintf("n%d", g.fresh), typ{kind: pick(g, append(scalars(), lang.KList)...), elem: pick(g, lang.KInt, lang.KString), null: g.chance(2)})
	f.attr = strings.TrimSuffix(f.attr, "UNIQUE")
	switch {
	case g.chance(3):
		f.t, f.form, f.def = typ{kind: lang.KInt, null: f.t.null}, "", "coalesce(f0, 0) "+pick(g, "% 7", "// 3", "+ 1")
	case f.def == "" && !g.chance(6):
		f.t.null = true
	}
	if f.def != "" || f.t.null { // otherwise it most often fails
		m.fields = append(m.fields, f)
	}
	return "ADD FIELD " + f.text()
}

// dropField drops a field that nothing else in the model names, with what is left to later statements.
func (g *gen) dropField(m *model) string {
	i := g.n(len(m.fields))
	f := m.fields[i]
	if i > 0 && !m.names(f.name) {
		m.fields = slices.Delete(m.fields, i, i+1)
	}
	return "DROP FIELD " + f.name
}

// names reports whether a rule of the model, or the DEFAULT of a field, names a field.
func (m *model) names(name string) bool {
	return slices.ContainsFunc(m.rules, func(r string) bool { return strings.Contains(r, name) }) ||
		slices.ContainsFunc(m.fields, func(f field) bool { return strings.Contains(f.def, name) })
}

// renameField renames a field; the earlier name remains usable.
func (g *gen) renameField(m *model) string {
	g.fresh++
	i, to := g.n(len(m.fields)), fmt.Sprintf("r%d", g.fresh)
	from := m.fields[i].name
	if m.fields[i].name = to; g.chance(4) {
		m.fields[i].name = from
	}
	return "RENAME FIELD " + from + " TO " + to
}

// changeField changes the type of a field: to one that holds all of its values, or its nullability, or by an expression.
func (g *gen) changeField(m *model) string {
	i := g.n(len(m.fields))
	f, using := m.fields[i], ""
	switch k := f.t.kind; {
	case k == lang.KInt && g.chance(2):
		f.t.kind, f.def, f.form = pick(g, lang.KString, lang.KFloat, lang.KInt64), "", ""
	case k == lang.KInt && g.chance(2):
		using = fmt.Sprintf(" USING %s %s 2", f.name, pick(g, "//", "*"))
	case k == lang.KEnum && g.chance(2), k == lang.KBool && g.chance(2):
		f.t.kind, f.def, f.form = lang.KString, "", ""
	case k == lang.KString && g.chance(2):
		using = fmt.Sprintf(" USING %s", pick(g, "upper("+f.name+")", f.name+" + '!'", "coalesce("+f.name+", 'none')", "'c'"))
	default:
		f.t.null = !f.t.null && k != lang.KJSON || k == lang.KJSON
	}
	if i > 0 && !m.names(f.name) {
		m.fields[i] = f
	}
	f.attr = strings.TrimPrefix(strings.TrimPrefix(f.attr, "INDEX"), "UNIQUE")
	return "CHANGE FIELD " + f.text() + using
}

// rule adds or drops an INDEX, a UNIQUE or a CHECK.
func (g *gen) rule(m *model) string {
	i := g.n(len(m.fields))
	f := m.fields[i]
	check := fmt.Sprintf("CHECK (%s)", pick(g, "coalesce(f0, 0) > -1000000", "coalesce(f0, 0) < "+pick(g, "1000", "5"), f.name+" IS NOT NULL OR f0 IS NOT NULL"))
	two := fmt.Sprintf("(%s, f0)", f.name)
	switch g.n(8) {
	case 0:
		return pick(g, "ADD ", "DROP ") + check
	case 1:
		return pick(g, "ADD ", "DROP ") + pick(g, "UNIQUE ", "INDEX ") + two
	case 2:
		return "ADD UNIQUE " + f.name
	case 3:
		return "DROP UNIQUE " + f.name
	}
	if strings.HasPrefix(f.attr, "INDEX") != g.chance(5) {
		m.fields[i].attr = strings.TrimPrefix(f.attr, "INDEX")
		return "DROP INDEX " + f.name
	}
	m.fields[i].attr = "INDEX" + strings.TrimPrefix(f.attr, "INDEX")
	return "ADD INDEX " + f.name
}
