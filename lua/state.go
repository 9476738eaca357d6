package lua

import "github.com/rql-lang/rql/lua/tree"

// state declares what the script keeps of a model.
func (m *model) state(g *writer) []*tree.Node {
	m.defined = tree.Late()
	units := []*tree.Node{
		st("local P%[1]s,D%[1]s,T%[1]s=%[2]s,{},{}", m.n, g.docsOf(m.Model)),
		m.defined,
		m.load(g),
	}
	units = append(units, m.collections(g))
	if m.written {
		units = append(units, m.uniques(g))
		if m.unique() {
			units = append(units, m.changed())
		}
	}
	return units
}
