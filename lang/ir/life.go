package ir

import "slices"

// ShadowOf lists the columns whose values tell which index entries a document
// has: those of all indexes but the key, each once.
func ShadowOf(m *Model) []*Column {
	var out []*Column
	for _, list := range [][]*Index{m.Indexes, m.Uniques} {
		for _, ix := range list {
			for _, c := range ix.Cols {
				if c != m.KeyColumn() && !slices.Contains(out, c) {
					out = append(out, c)
				}
			}
		}
	}
	return out
}

// SetShadow says which columns the shadow of a document keeps, by their places and in their order.
func (m *Model) SetShadow(places []string) {
	m.Kept, m.Shadow = places, make([]*Column, len(places))
	for i, place := range places {
		if j := slices.IndexFunc(m.Columns, func(c *Column) bool { return c.Place() == place }); j >= 0 {
			m.Shadow[i] = m.Columns[j]
		}
	}
}

// Refresh is documents that a read gives out and whose ends it raises: their model has REFRESH ON READ.
type Refresh struct {
	Model *Model
	// Keys, over the row, is the key of a document or null, or a list of these.
	Keys Expr
	Own  bool // it is the document of the row itself
}
