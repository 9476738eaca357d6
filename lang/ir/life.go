package ir

import "slices"

// ShadowOf returns the columns that determine the index entries of a document: those of all indexes except the key, without
// duplicates.
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

// SetShadow sets the columns of the shadow of a document, by their stored names, in order.
func (m *Model) SetShadow(places []string) {
	m.Kept, m.Shadow = places, make([]*Column, len(places))
	for i, place := range places {
		if j := slices.IndexFunc(m.Columns, func(c *Column) bool { return c.Place() == place }); j >= 0 {
			m.Shadow[i] = m.Columns[j]
		}
	}
}

// Refresh describes documents whose expiration a read extends, because their model has REFRESH ON READ.
type Refresh struct {
	Model *Model
	// Keys, evaluated on the row, is the key of a document, null, or a list of these.
	Keys Expr
	Own  bool // it is the document of the row itself
	Far  bool // see Deref
}
