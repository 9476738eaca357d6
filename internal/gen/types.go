package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// member is a field of a Go struct.
type member struct {
	name, goType string
	column       string // in the tag
	options      string // after it
}

// goType returns the Go type for values of an RQL type. inside names the struct type of an object that has no name of its own.
func (w *writer) goType(t lang.Type, inside string) (string, error) {
	out, nilable, err := w.plainType(t, inside)
	if err == nil && t.Null && !nilable {
		out = "*" + out
	}
	return out, err
}

// plainType is goType without null. nilable says that nil can represent null.
func (w *writer) plainType(t lang.Type, inside string) (out string, nilable bool, err error) {
	switch t.Kind {
	case lang.KBool:
		return "bool", false, nil
	case lang.KInt, lang.KInt64:
		return "int64", false, nil
	case lang.KFloat:
		return "float64", false, nil
	case lang.KString, lang.KText:
		return "string", false, nil
	case lang.KEnum:
		if name := w.enums[strings.Join(t.Values, "\x00")]; name != "" {
			return name, false, nil
		}
		return "string", false, nil
	case lang.KBytes:
		return "[]byte", true, nil
	case lang.KDateTime:
		w.use("time")
		return "time.Time", false, nil
	case lang.KDuration:
		w.use("time")
		return "time.Duration", false, nil
	case lang.KRef:
		key := t.Scalar()
		key.Null = false
		return w.plainType(key, inside)
	case lang.KGeo:
		return "[2]float64", false, nil
	case lang.KVector:
		return "[]float32", true, nil
	case lang.KJSON:
		w.use("encoding/json")
		return "json.RawMessage", true, nil
	case lang.KList, lang.KSet, lang.KPQueue, lang.KMap:
		elem := lang.TypeUnknown
		if t.Elem != nil {
			elem = *t.Elem
		}
		of, err := w.goType(elem, inside)
		if t.Kind == lang.KMap {
			return "map[string]" + of, true, err
		}
		return "[]" + of, true, err
	case lang.KEmbedded, lang.KRow:
		if w.embedded[t.Model] == (t.Kind == lang.KEmbedded) && w.schema.Model(t.Model) != nil && exported(t.Model) != "" {
			return exported(t.Model), false, nil
		}
	case lang.KRecord:
		if len(t.Cols) > 0 {
			return inside, false, w.object(inside, t.Cols)
		}
	}
	return "any", true, nil
}

// object declares the struct of an object with named members.
func (w *writer) object(name string, cols []lang.Col) error {
	if slices.ContainsFunc(w.types, func(d typeDecl) bool { return d.name == name }) {
		return nil
	}
	if err := w.take(name); err != nil {
		return err
	}
	members, err := w.members(name, cols)
	if err != nil {
		return err
	}
	w.types = append(w.types, typeDecl{name: name, doc: name + " is an object within a row.", members: members})
	return nil
}

// members returns the Go fields for columns.
func (w *writer) members(of string, cols []lang.Col) ([]member, error) {
	out := make([]member, 0, len(cols))
	for _, c := range cols {
		m := member{name: exported(c.Name), column: c.Name}
		if m.name == "" || strings.ContainsAny(c.Name, ",\"`\\\n") {
			return nil, fmt.Errorf("the column %s has no Go name; name it: AS total", c.Name)
		}
		if i := slices.IndexFunc(out, func(o member) bool { return o.name == m.name }); i >= 0 {
			return nil, fmt.Errorf("%s and %s have the same Go name %s", out[i].column, c.Name, m.name)
		}
		var err error
		if m.goType, err = w.goType(c.Type, of+m.name); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// model declares the struct of a model.
func (w *writer) model(m *ir.Model) error {
	doc := exported(m.Name) + " is a document of the model " + m.Name + "."
	fields := m.Fields
	if w.embedded[m.Name] { // its values have no key
		doc = exported(m.Name) + " is a value of the model " + m.Name + " within a document."
		fields = slices.DeleteFunc(slices.Clone(fields), func(f *ir.Field) bool { return f == m.Key })
	}
	members, err := w.members(exported(m.Name), stored(fields))
	if err != nil {
		return err
	}
	w.types = append(w.types, typeDecl{name: exported(m.Name), doc: doc, members: members})
	return nil
}

// stored returns the fields that a document has without FETCH.
func stored(fields []*ir.Field) []lang.Col {
	var out []lang.Col
	for _, f := range fields {
		if !f.Collection() {
			out = append(out, lang.Col{Name: f.Name, Type: f.Type})
		}
	}
	return out
}

// document returns the struct type of a document given to CREATE or PUT: an optional value is a pointer, which is omitted if it
// is nil.
func (w *writer) document(m *ir.Model) (string, error) {
	name := "New" + exported(m.Name)
	if slices.ContainsFunc(w.types, func(d typeDecl) bool { return d.name == name }) {
		return name, nil
	}
	if err := w.take(name); err != nil {
		return "", err
	}
	given := slices.DeleteFunc(slices.Clone(m.Fields), func(f *ir.Field) bool { return f.Revision })
	cols := stored(given)
	for i, c := range cols {
		if f := m.Field(c.Name); f.Default != nil || f.Type.Null {
			cols[i].Type.Null = true
		}
	}
	members, err := w.members(name, cols)
	if err != nil {
		return "", err
	}
	for i, c := range cols {
		if c.Type.Null {
			members[i].options = ",omitempty"
		}
	}
	w.types = append(w.types, typeDecl{name: name, members: members,
		doc: fmt.Sprintf("%s is a document of the model %s that does not exist yet. A field that is nil has its DEFAULT, else null.", name, m.Name)})
	return name, nil
}
