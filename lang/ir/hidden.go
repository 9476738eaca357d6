package ir

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Label returns the name of the column in messages. For a column that holds the values of a field in another form, it is the name
// of that field.
func (c *Column) Label() string {
	name, _, _ := strings.Cut(c.Name, "~")
	return name
}

// Label returns the name of the index in messages: the labels of its columns.
func (ix *Index) Label() string {
	labels := make([]string, len(ix.Cols))
	for i, c := range ix.Cols {
		labels[i] = c.Label()
	}
	return strings.Join(labels, ",")
}

// Paths returns the columns of the index as a statement names them.
func (ix *Index) Paths() []lang.Path {
	out := make([]lang.Path, len(ix.Cols))
	for i, c := range ix.Cols {
		for name := range strings.SplitSeq(c.Label(), ".") {
			out[i] = append(out[i], lang.Ident{Name: name})
		}
	}
	return out
}

// Label returns the text of the CHECK with the labels of its columns.
func (c *Check) Label() string {
	text := c.Text
	for _, col := range c.Cols {
		text = strings.ReplaceAll(text, col.Name, col.Label())
	}
	return text
}

// Hide hides the last n fields of a new model. Their defaults compute them.
func (m *Model) Hide(n int) {
	at := len(m.Fields) - n
	m.Hidden = slices.Clone(m.Fields[at:])
	m.Fields = slices.Clip(m.Fields[:at])
	for _, f := range m.Hidden {
		delete(m.fields, f.Name)
		f.Columns[0].Gen, f.Default = f.Default, nil
	}
}

// AllStored returns the fields that are stored in the document itself, hidden ones last.
func (m *Model) AllStored() []*Field {
	if len(m.Hidden) == 0 {
		return m.Stored()
	}
	return append(slices.Clip(m.Stored()), m.Hidden...)
}

// Computed returns the hidden fields that are new, and not others in another form.
func (m *Model) Computed() []*Field {
	at := slices.IndexFunc(m.Hidden, func(f *Field) bool { return f.Columns[0].Once })
	if at < 0 {
		return nil
	}
	return m.Hidden[at:]
}

// Sources returns the columns from which a computed column is computed.
func (c *Column) Sources() []*Column {
	var out []*Column
	Walk(c.Gen, func(x Expr) bool {
		if col, is := x.(*Col); is && !slices.Contains(out, col.Col) {
			out = append(out, col.Col)
		}
		return true
	})
	return out
}

// Form identifies the definition: Def, and the statement that is converting values.
func (m *Model) Form() string {
	if m.Change == nil {
		return m.Def
	}
	return m.Def + "\n" + lang.Print(m.Change)
}
