package ir

import "github.com/rql-lang/rql/lang"

// Keeper is a field with CASCADE TTL: whatever gives a document another end raises the ends of the documents that it names.
type Keeper struct {
	Field  *Field
	Col    *Column // that holds the ref or the list of refs; nil for a set or a queue
	Target string  // the model of these documents
}

// Name is the path of the field in its model.
func (k *Keeper) Name() string {
	if k.Col != nil {
		return k.Col.Name
	}
	return k.Field.Name
}

// Keepers lists the fields of m with CASCADE TTL, those of embedded values too.
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

// KeptWith lists the models whose documents may get another end with one of m, in the order in which they are reached:
// m itself comes first. It is empty where m has no field with CASCADE TTL. find gives the model of a name, or nil.
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

// RefInside reports a type whose values are refs, or a list, a set or a queue of them.
func RefInside(t lang.Type) bool {
	switch t.Kind {
	case lang.KList, lang.KSet, lang.KPQueue:
		return t.Elem != nil && t.Elem.Kind == lang.KRef
	}
	return t.Kind == lang.KRef
}
