package ir

import "github.com/rql-lang/rql/lang"

// Keeper is a field with CASCADE TTL: when the expiration of a document changes, that of the documents to which the field refers
// is extended to it.
type Keeper struct {
	Field  *Field
	Col    *Column // the ref or list of refs; nil for a set or a queue
	Target string  // the model that it refers to
}

// Name returns the path of the field in its model.
func (k *Keeper) Name() string {
	if k.Col != nil {
		return k.Col.Name
	}
	return k.Field.Name
}

// Keepers returns the fields of m with CASCADE TTL, including those of embedded values.
func (m *Model) Keepers() []Keeper {
	var out []Keeper
	for _, c := range m.Columns {
		if c.Leaf != nil && c.Leaf.CascadeTTL && !c.Presence {
			out = append(out, Keeper{Field: c.Leaf, Col: c, Target: c.Target()})
		}
	}
	for _, f := range m.Fields {
		if f.Collection() && f.CascadeTTL {
			out = append(out, Keeper{Field: f, Target: f.Type.Elem.Model})
		}
	}
	return out
}

// KeptWith returns the models whose documents' expiration may change with that of a document of m, in the order in which they are
// reached, m itself first. It is empty if m has no field with CASCADE TTL. find returns the model with a name, or nil.
func (m *Model) KeptWith(find func(name string) *Model) []*Model {
	if len(m.Keepers()) == 0 {
		return nil
	}
	out, seen := []*Model{m}, map[string]bool{m.Name: true}
	for i := 0; i < len(out); i++ {
		for _, k := range out[i].Keepers() {
			if t := find(k.Target); t != nil && !seen[k.Target] {
				seen[k.Target] = true
				out = append(out, t)
			}
		}
	}
	return out
}

// RefInside reports whether the type is a ref, or a list, set or queue of refs.
func RefInside(t lang.Type) bool {
	switch t.Kind {
	case lang.KList, lang.KSet, lang.KPQueue:
		return t.Elem != nil && t.Elem.Kind == lang.KRef
	}
	return t.Kind == lang.KRef
}
