package codec

import (
	"reflect"
	"slices"
	"strings"
)

// Field is a struct field under its name in RQL.
type Field struct {
	Name      string
	Index     []int // for reflect.Value.FieldByIndex
	OmitEmpty bool
	OmitZero  bool
}

// Fields lists the fields of a struct type that have a name in RQL: see FromGo
// for the tags. Of two fields with the same name the less deeply embedded one
// is used; at equal depth, neither.
func Fields(t reflect.Type) []Field {
	var out []Field
	for _, sf := range reflect.VisibleFields(t) {
		f, ok := fieldOf(t, sf)
		if !ok {
			continue
		}
		at := slices.IndexFunc(out, func(g Field) bool { return g.Name == f.Name })
		switch {
		case at < 0:
			out = append(out, f)
		case len(f.Index) < len(out[at].Index):
			out[at] = f
		case len(f.Index) == len(out[at].Index):
			out = slices.Delete(out, at, at+1)
		}
	}
	return out
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
	if name == "" || !tagged {
		name = sf.Name
	}
	return Field{
		Name: name, Index: sf.Index,
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
