package schema

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Placed adds to a declared model what is known from the stored one that it replaces: see [ir.Model.Follow].
func Placed(m, was *ir.Model, known *ir.Schema) (*ir.Model, *lang.Diag, error) {
	if was == nil || m.StoredName() == was.StoredName() && was.Places() == nil && was.Aliases == nil && was.Renamed == nil && !was.Losing() {
		return m, nil, nil
	}
	out, err := loadModel(m.Decl, m.Def, known, "", nil, nil)
	if err != nil {
		return nil, nil, err
	}
	return out, follow(out, was), nil
}

// follow copies to a new definition what is known from the previous one. In a model whose documents other programs define, a new
// field is rejected if another field is stored under its name.
func follow(m, was *ir.Model, list ...*conversion) *lang.Diag {
	moved := map[string]string{}
	for _, c := range list {
		moved[c.name] = c.hidden
	}
	m.Follow(was, moved)
	for _, f := range m.Fields {
		if m.Adopted && f.At != "" && was.Field(f.Name) == nil {
			return lang.Errorf(lang.CodeNotAllowed, lang.Span{}, "another field of %s is stored under the name %s, so a new one would be stored as %s, which no other program knows", m.Name, f.Name, f.At)
		}
	}
	return nil
}
