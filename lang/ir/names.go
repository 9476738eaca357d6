package ir

import (
	"cmp"
	"maps"
	"slices"

	"github.com/rql-lang/rql/lang"
)

// Names are the names of a model other than its present one.
type Names struct {
	// At is the model's part of the names of keys: of RQL's own and, unless KEYS says otherwise, of its documents. "" means its
	// present name.
	At string `json:"stored,omitempty"`
	// Formerly are earlier names that programs may still use; Gone are those that they may no longer use.
	Formerly []string `json:"formerly,omitempty"`
	Gone     []string `json:"gone,omitempty"`
}

// Moved is what ALTER MODEL … RENAME TO changes: names in definitions. All is empty but Schema where the model is called that
// already.
type Moved struct {
	From       string // the name until now
	Model      *Model // under its new name
	Others     []*Model
	Procedures []*Procedure
	Schema     *Schema // with all of it
}

// StoredName returns the model's part of the names of keys.
func (m *Model) StoredName() string { return cmp.Or(m.At, m.Name) }

// Reserved returns the names, other than its present one, that no other model may have: those that programs may still use, and
// that of its keys.
func (n Names) Reserved() []string {
	out := slices.Clone(n.Formerly)
	if n.At != "" && !slices.Contains(out, n.At) {
		out = append(out, n.At)
	}
	return out
}

// NoLonger returns the names that n reserves and now does not.
func (n Names) NoLonger(now Names) []string {
	kept := now.Reserved()
	return slices.DeleteFunc(n.Reserved(), func(x string) bool { return slices.Contains(kept, x) })
}

// After returns the names of a model that is called to from now on.
func (m *Model) After(to string) Names {
	n := Names{At: m.StoredName(), Formerly: append(without(m.Formerly, to), m.Name), Gone: without(m.Gone, to)}
	if n.At == to {
		n.At = ""
	}
	return n
}

// WithoutName returns the names of a model that programs may no longer call name; false if they could not.
func (n Names) WithoutName(name string) (Names, bool) {
	if !slices.Contains(n.Formerly, name) {
		return n, false
	}
	n.Formerly, n.Gone = without(n.Formerly, name), append(without(n.Gone, name), name)
	return n, true
}

func without(names []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(x string) bool { return x == name })
}

// renamed returns the earlier names of models after was, if it is not nil, is replaced by now, if that is not nil.
func renamed(all map[string]string, was, now *Model) map[string]string {
	before, after := was.formerly(), now.formerly()
	if slices.Equal(before, after) {
		return all
	}
	all = maps.Clone(all)
	if all == nil {
		all = map[string]string{}
	}
	for _, name := range before {
		delete(all, name)
	}
	for _, name := range after {
		all[name] = now.Name
	}
	return all
}

func (m *Model) formerly() []string {
	if m == nil {
		return nil
	}
	return m.Formerly
}

// Lookup returns the model with that name, or with that earlier name, or nil.
func (s *Schema) Lookup(name string) *Model {
	if m := s.Model(name); m != nil || s == nil || len(s.formerly) == 0 {
		return m
	}
	return s.Model(s.formerly[name])
}

// NameNow returns the present name of a model; name itself if no model was called that.
func (s *Schema) NameNow(name string) string {
	if s == nil || len(s.formerly) == 0 || s.Model(name) != nil {
		return name
	}
	return cmp.Or(s.formerly[name], name)
}

// Renames reports whether a model has an earlier name that programs may still use.
func (s *Schema) Renames() bool { return s != nil && len(s.formerly) > 0 }

// Holder returns the model that reserves a name (see [Names.Reserved]), or nil.
func (s *Schema) Holder(name string) *Model {
	for m := range s.Models() {
		if slices.Contains(m.Reserved(), name) {
			return m
		}
	}
	return nil
}

// Others returns the other models that the fields of m name.
func (m *Model) Others() []string {
	var out []string
	add := func(name string) {
		if name != "" && name != m.Name && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, f := range m.Fields {
		for t := &f.Type; t != nil; t = t.Elem {
			add(t.Model)
		}
	}
	for _, l := range m.Links {
		add(l.Model)
	}
	return out
}

// Naming adds to a set of names of models those of the models whose declarations name one of the set, transitively.
func (s *Schema) Naming(set map[string]bool) {
	for before := -1; before != len(set); {
		before = len(set)
		for m := range s.Models() {
			if !set[m.Name] && namesOne(m.Decl, set) {
				set[m.Name] = true
			}
		}
	}
}

// namesOne reports whether the types of a declaration name one of the models.
func namesOne(decl *lang.ModelStmt, models map[string]bool) bool {
	for _, f := range decl.Fields {
		for t := f.Type; t != nil; t = t.Of {
			if models[t.Name] {
				return true
			}
		}
	}
	return false
}
