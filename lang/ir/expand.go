package ir

import "github.com/rql-lang/rql/lang"

// Expand returns t with Cols filled in for every embedded model and row in it,
// so that its values can be written as JSON and read back without the schema. A
// model that is not in the schema is left without Cols.
func (s *Schema) Expand(t lang.Type) lang.Type {
	switch t.Kind {
	case lang.KList, lang.KMap:
		if t.Elem != nil {
			e := s.Expand(*t.Elem)
			t.Elem = &e
		}
	case lang.KEmbedded, lang.KRow:
		if m := s.Model(t.Model); m != nil && len(t.Cols) == 0 {
			fields := m.Stored()
			t.Cols = make([]lang.Col, len(fields))
			for i, f := range fields {
				t.Cols[i] = lang.Col{Name: f.Name, Type: s.Expand(f.Type)}
			}
		}
	case lang.KRecord:
		cols := make([]lang.Col, len(t.Cols))
		for i, c := range t.Cols {
			cols[i] = lang.Col{Name: c.Name, Type: s.Expand(c.Type)}
		}
		t.Cols = cols
	}
	return t
}
