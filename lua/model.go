package lua

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// name is the name of the document with the key text t.
func (m *model) name(t any) *tree.Node {
	if m.named && t == "t" {
		return tree.Name("k")
	}
	if m.Suffix == "" {
		return ex("P%s..%s", m.n, t)
	}
	return ex("P%s..%s..%s", m.n, t, tree.Str(m.Suffix))
}

// read are the columns of a document that are read, the key first.
func (m *model) read() []*ir.Column {
	key := m.KeyColumn()
	cols := []*ir.Column{key}
	for _, c := range m.Columns {
		if c != key && m.typed[c.Slot] {
			cols = append(cols, c)
		}
	}
	return cols
}

// rowTogether is up to how many columns a document is an array, nulls included.
const rowTogether = 16

// row is a new table that holds a document: its id, by slot the
// columns that are known, and further members.
func (m *model) row(id *tree.Node, values []*tree.Node, more ...*tree.Node) *tree.Node {
	last := len(values)
	for last > 0 && values[last-1] == nil {
		last--
	}
	items := append([]*tree.Node{member("id", id)}, more...)
	for i, v := range values[:last] {
		switch {
		case last > rowTogether && v == nil:
		case last > rowTogether:
			items = append(items, tree.Item(tree.Int(i+1), v))
		case v == nil:
			items = append(items, tree.Item(nil, tree.Nil()))
		case i == last-1 && v.Filled().Op == tree.OpCall:
			items = append(items, tree.Item(nil, tree.Paren(v))) // one value, whatever a call gives
		default:
			items = append(items, tree.Item(nil, v))
		}
	}
	return objectOf(items)
}

// copyRow is a new table with the same columns as src: those that
// are loaded, and of a document that the script itself made, all.
func (m *model) copyRow(src string) *tree.Node {
	values := make([]*tree.Node, len(m.Columns))
	for _, c := range m.Columns {
		if m.typed[c.Slot] || m.created || m.put || c == m.KeyColumn() {
			values[c.Slot] = cell(src, c)
		}
	}
	return m.row(tree.Field(tree.Name(src), "id"), values)
}

// touches reports whether what the script does to the model can change what the index says.
func (m *model) touches(ix *ir.Index) bool {
	if m.created || m.deleted || m.put || m.sweeps() {
		return true
	}
	for _, c := range ix.Cols {
		if m.assigned[c.Slot] {
			return true
		}
	}
	return false
}

// plan settles, before the body is final, which columns the write phase must know.
func (m *model) plan() {
	all := m.created || m.deleted || m.put || m.sweeps()
	for _, list := range [][]*ir.Index{m.Indexes, m.Uniques} {
		for _, ix := range list {
			if all || m.touches(ix) {
				for _, c := range ix.Cols {
					m.typed[c.Slot] = true
				}
			}
		}
	}
	for s := range m.assigned {
		m.typed[s] = true
	}
	if m.sweeps() {
		for _, ix := range m.Members {
			m.collection(ix.Of) // the entries of its members go with what has expired
		}
	}
	if m.mortal() && (all || m.shadowTouched()) {
		for _, c := range m.shadowed() {
			if c != nil {
				m.typed[c.Slot] = true
			}
		}
	}
	m.typeParents()
}

// typeParents has the optional values read around what is set in a document
// stored as JSON: where one is missing, it is written whole.
func (m *model) typeParents() {
	if !m.JSON {
		return
	}
	for _, c := range m.Columns {
		for p := c.Parent; p != nil && m.assigned[c.Slot]; p = p.Parent {
			m.typed[p.Slot] = true
		}
	}
}

// member is the index entry of document row (known to be there) without the id.
func (m *model) member(g *writer, ix *ir.Index, row any) *tree.Node {
	return ex("%s..'\\0'", m.entry(g, ix, row))
}

// entry is member without the NUL at its end.
func (m *model) entry(g *writer, ix *ir.Index, row any) *tree.Node {
	parts := make([]*tree.Node, len(ix.Cols))
	for i, c := range ix.Cols {
		parts[i] = g.member(c.Type, cell(row, c))
	}
	return joined(parts)
}

// copyOf is a copy of document o, whose columns are known when all statements are written.
func (m *model) copyOf() *tree.Node {
	if m.copied == nil {
		m.copied = tree.Late()
	}
	return m.copied
}

// changeTo makes n, or with gone nothing, the new state of document d.
func (m *model) changeTo(gone bool) *tree.Node {
	i := 0
	if gone {
		i = 1
	}
	if m.changes[i] == nil {
		m.changes[i] = tree.Late()
	}
	return m.changes[i]
}

// fillChanges says what copies and changes of documents are: a change stands
// where it is made, or where it is long it is a call of W<n>.
func (m *model) fillChanges(flat bool) {
	if m.copied != nil {
		m.copied.Fill(m.copyRow("o"))
	}
	for i, to := range []string{"n", "nil"} {
		switch late := m.changes[i]; {
		case late == nil:
		case flat: // the names say it
			late.Fill(tree.None())
		case m.unique():
			late.Fill(ex("W%s(d,%s)", m.n, to))
		default:
			late.Fill(st("d.c=%[2]s d.s=S if not d.m then d.m=true T%[1]s[#T%[1]s+1]=d end", m.n, to))
		}
	}
}

// unique reports whether the script can change a unique value.
func (m *model) unique() bool {
	for _, ix := range m.Uniques {
		if m.touches(ix) {
			return true
		}
	}
	return false
}

// mortal reports that documents of the model may have ends, as far as the script is concerned.
func (m *model) mortal() bool { return m.Expires || m.lives }

// sweeps reports a script that clears away documents that are gone: what it does may need all of their entries.
func (m *model) sweeps() bool {
	if !m.mortal() || !m.written {
		return false
	}
	return m.lives || m.created || m.deleted || m.put || m.setsUnique()
}

// setsUnique reports that a statement sets a column of a unique value.
func (m *model) setsUnique() bool {
	for _, ix := range m.Uniques {
		for _, c := range ix.Cols {
			if m.assigned[c.Slot] {
				return true
			}
		}
	}
	return false
}

// shadowed are the columns that a shadow keeps; nil in the place of one that the model has no more.
func (m *model) shadowed() []*ir.Column {
	if m.Expires {
		return m.Shadow
	}
	return ir.ShadowOf(m.Model)
}

// shadowTouched reports that the script can change what a shadow keeps.
func (m *model) shadowTouched() bool {
	for _, c := range m.shadowed() {
		if c != nil && m.assigned[c.Slot] {
			return true
		}
	}
	return false
}
