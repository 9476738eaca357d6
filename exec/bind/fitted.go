package bind

import "github.com/rql-lang/rql/lang/ir"

// Fitted is a document whose values are converted to the types of its fields one by one. A list of them stands for a parameter
// that is a list of objects.
type Fitted struct {
	model  *ir.Model
	fields []any // by Field.Pos
	given  []bool
}

// NewFitted returns a document without values.
func NewFitted(m *ir.Model) *Fitted {
	return &Fitted{model: m, fields: make([]any, len(m.Fields)), given: make([]bool, len(m.Fields))}
}

// Set converts a value to the type of a field. A field that has one already, or counts the revisions, is an error.
func (d *Fitted) Set(f *ir.Field, v any) error {
	switch {
	case d.given[f.Pos]:
		return givenTwice(f)
	case f.Revision:
		return revisionSet(d.model, f)
	}
	return d.Restore(f, v)
}

// Restore is Set for any field, and replaces the value that it has.
func (d *Fitted) Restore(f *ir.Field, v any) (err error) {
	d.given[f.Pos] = true
	d.fields[f.Pos], err = fit(v, f)
	return err
}

// Has reports whether a field has a value.
func (d *Fitted) Has(f *ir.Field) bool { return d.given[f.Pos] }

// Value returns the value of a field; nil if it has none.
func (d *Fitted) Value(f *ir.Field) any { return d.fields[f.Pos] }

// Complete reports an error if a required field has no value.
func (d *Fitted) Complete() error { return complete(d.model, d.given) }

// object returns the document as an object.
func (d *Fitted) object() map[string]any {
	out := make(map[string]any, len(d.fields))
	for _, f := range d.model.Fields {
		if d.given[f.Pos] {
			out[f.Name] = d.fields[f.Pos]
		}
	}
	return out
}
