package ir

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Place returns the name under which the values of the field are stored.
func (f *Field) Place() string { return cmp.Or(f.At, f.Name) }

// Place returns the name of the column's hash field, or its path in a JSON document.
func (c *Column) Place() string {
	if c.Field == nil || c.Field.At == "" {
		return c.Name
	}
	return c.Field.At + c.Name[len(c.Field.Name):]
}

// Place returns the last part of the index's key.
func (ix *Index) Place() string { return cmp.Or(ix.At, ix.Name) }

// Place returns where the value at a path is stored.
func (m *Model) Place(path string) string {
	name, rest, more := strings.Cut(path, ".")
	f := m.Field(name)
	switch {
	case f == nil || f.At == "":
		return path
	case more:
		return f.At + "." + rest
	}
	return f.At
}

// Places returns the stored names of fields that differ from the field's name, by field; nil if there are none.
func (m *Model) Places() map[string]string {
	var out map[string]string
	for _, f := range m.Fields {
		if f.At == "" {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[f.Name] = f.At
	}
	return out
}

// SetPlaces sets the stored names of fields. It is called once, before the model is used.
func (m *Model) SetPlaces(places map[string]string) {
	if len(places) == 0 {
		return
	}
	for _, f := range m.Fields {
		if at := places[f.Name]; at != f.Name {
			f.At = at
		}
	}
	for _, list := range [][]*Index{m.Indexes, m.Uniques, m.Members} {
		for _, ix := range list {
			parts := make([]string, len(ix.Cols))
			for i, c := range ix.Cols {
				parts[i] = c.Place()
			}
			if at := strings.Join(parts, ","); at != ix.Name {
				ix.At = at
			}
		}
	}
}

// PlacesOf returns the stored names for the fields of now, which replaces was: a field that both have keeps its stored name, and
// a new one gets a free one.
func PlacesOf(was, now *Model) map[string]string {
	if was == nil {
		return nil
	}
	out, used := map[string]string{}, slices.Concat(was.Dropping, was.Unlinking)
	for _, f := range was.Fields {
		used = append(used, f.Place())
	}
	for _, f := range now.Fields {
		if w := was.Field(f.Name); w != nil {
			out[f.Name] = w.Place()
			continue
		}
		place := FreePlace(f.Name, used)
		out[f.Name], used = place, append(used, place)
	}
	return out
}

// FreePlace returns a stored name for a field with this name that is not in used.
func FreePlace(name string, used []string) string {
	place := name
	for n := 2; slices.Contains(used, place); n++ {
		place = fmt.Sprintf("%s~%d", name, n)
	}
	return place
}

// Lookup returns the field with that name, or with that earlier name, or nil.
func (m *Model) Lookup(name string) *Field {
	if f := m.Field(name); f != nil || m.Aliases == nil {
		return f
	}
	return m.Field(m.Aliases[name])
}

// PlaceNames returns the stored names of columns.
func PlaceNames(cols []*Column) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.Place()
	}
	return out
}

// Follow copies to a new definition what is known from the previous one: the stored names of fields, except of those in moved,
// and the earlier names of fields that it still has.
func (m *Model) Follow(was *Model, moved map[string]string) {
	if was == nil {
		return
	}
	places := PlacesOf(was, m)
	maps.Copy(places, moved)
	m.SetPlaces(places)
	m.Aliases, m.Renamed = m.Still(was.Aliases), m.Still(was.Renamed)
}

// Still returns the earlier names of fields that m has, except those that are now names of other fields.
func (m *Model) Still(names map[string]string) map[string]string {
	out := maps.Clone(names)
	maps.DeleteFunc(out, func(name, field string) bool { return m.Field(field) == nil || m.Field(name) != nil })
	return out
}

// Losing reports whether documents, or partitions, may still have what the definition no longer has.
func (m *Model) Losing() bool { return len(m.Dropping)+len(m.Unlinking)+len(m.Emptying) > 0 }
