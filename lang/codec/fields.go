package codec

import (
	"reflect"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Field is a struct field and its name in RQL.
type Field struct {
	Name      string
	Tagged    bool  // Name is from a tag
	Index     []int // for reflect.Value.FieldByIndex
	OmitEmpty bool
	OmitZero  bool
}

// Is reports whether the field is that of a column: a name from a tag must be equal; other names match regardless of case and
// underscores.
func (f *Field) Is(column string) bool {
	return f.Name == column || !f.Tagged && Fold(f.Name) == Fold(column)
}

// Fold returns a name in lower case, without underscores.
func Fold(name string) string { return strings.ReplaceAll(strings.ToLower(name), "_", "") }

// FieldsOf finds a field for each name: at[i] is the index of the field for names[i], preferably one with exactly that name, or
// -1. unused is the index of the first field without a name in names, or -1.
func FieldsOf(names []string, fields []Field) (at []int, unused int) {
	at, used := make([]int, len(names)), make([]bool, len(fields))
	for i, name := range names {
		at[i] = -1
		for j := range fields {
			if fields[j].Name == name || at[i] < 0 && fields[j].Is(name) {
				at[i] = j
			}
		}
		if at[i] >= 0 {
			used[at[i]] = true
		}
	}
	return at, slices.Index(used, false)
}

// Fields lists the fields of a struct type that have a name in RQL: see FromGo for the tags. Of two fields for the same column,
// the less deeply embedded one is used; at equal depth they are an error, and so is a tag rql of a field that is not exported.
func Fields(t reflect.Type) ([]Field, error) {
	var out, twice []Field // twice: at a depth at which their column has a field already
	for _, sf := range reflect.VisibleFields(t) {
		if name := sf.Tag.Get("rql"); !sf.IsExported() && !sf.Anonymous && name != "" && name != "-" {
			return nil, errorf(lang.CodeBadParam, "the field %s of the Go %s has a tag, but is not exported", sf.Name, t)
		}
		f, ok := fieldOf(t, sf)
		if !ok {
			continue
		}
		at := slices.IndexFunc(out, func(g Field) bool { return g.Is(f.Name) || f.Is(g.Name) })
		switch {
		case at < 0:
			out = append(out, f)
		case len(f.Index) < len(out[at].Index):
			out[at] = f
		case len(f.Index) == len(out[at].Index):
			twice = append(twice, out[at], f)
		}
	}
	for i := 0; i < len(twice); i += 2 {
		for _, f := range out {
			if a, b := twice[i], twice[i+1]; slices.Equal(f.Index, a.Index) {
				return nil, errorf(lang.CodeBadParam, "the fields %s and %s of the Go %s are the same column", t.FieldByIndex(a.Index).Name, t.FieldByIndex(b.Index).Name, t)
			}
		}
	}
	return out, nil
}

func fieldOf(t reflect.Type, sf reflect.StructField) (Field, bool) {
	name, opts, tagged := tag(sf)
	if name == "-" && opts == "" || flattened(sf, name) || !sf.IsExported() {
		return Field{}, false
	}
	// A field inside an embedded struct that is itself named, omitted or not
	// flattened is not promoted.
	for n := 1; n < len(sf.Index); n++ {
		outer := t.FieldByIndex(sf.Index[:n])
		if name, _, _ := tag(outer); !flattened(outer, name) {
			return Field{}, false
		}
	}
	if !tagged {
		name = sf.Name
	}
	return Field{
		Name: name, Tagged: tagged, Index: sf.Index,
		OmitEmpty: hasOption(opts, "omitempty"), OmitZero: hasOption(opts, "omitzero"),
	}, true
}

// flattened reports an embedded struct whose fields are promoted.
func flattened(sf reflect.StructField, name string) bool {
	if !sf.Anonymous || name != "" {
		return false
	}
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && t != goTime
}

// tag reads the tag rql, else json; ok if it gives a name.
func tag(sf reflect.StructField) (name, opts string, ok bool) {
	text, ok := sf.Tag.Lookup("rql")
	if !ok {
		text, ok = sf.Tag.Lookup("json")
	}
	name, opts, _ = strings.Cut(text, ",")
	return name, opts, ok && name != ""
}

func hasOption(opts, want string) bool {
	return slices.Contains(strings.Split(opts, ","), want)
}
