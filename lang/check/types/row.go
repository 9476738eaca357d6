package types

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// ColNames returns the names of columns.
func ColNames(cols []lang.Col) []string {
	out := make([]string, len(cols))
	for i, col := range cols {
		out[i] = col.Name
	}
	return out
}

// OneColumn reports whether the type is a list of rows with one column, and returns that column's type.
func OneColumn(t lang.Type) (lang.Type, bool) {
	if t.Kind == lang.KList && t.Elem != nil && t.Elem.Kind == lang.KRecord && len(t.Elem.Cols) == 1 {
		return t.Elem.Cols[0].Type, true
	}
	return t, false
}

// Record returns the type of a row with these columns.
func Record(items []ir.Item) lang.Type {
	t := lang.Type{Kind: lang.KRecord, Cols: make([]lang.Col, len(items))}
	for i, it := range items {
		t.Cols[i] = lang.Col{Name: it.Name, Type: it.X.Type()}
	}
	return t
}

// RowType returns the type of a document of m.
func RowType(m *ir.Model) lang.Type { return lang.Type{Kind: lang.KRow, Model: m.Name} }

// FieldNames returns the names of the fields of m.
func FieldNames(m *ir.Model) []string {
	out := make([]string, len(m.Fields))
	for i, f := range m.Fields {
		out[i] = f.Name
	}
	return out
}

// EmbeddedOf returns the type of a value of an embedded model.
func EmbeddedOf(m *ir.Model) lang.Type {
	t := lang.Type{Kind: lang.KEmbedded, Model: m.Name, Cols: make([]lang.Col, len(m.Fields))}
	for i, f := range m.Fields {
		t.Cols[i] = lang.Col{Name: f.Name, Type: ValueType(f.Type)}
	}
	return t
}
