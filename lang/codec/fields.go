package codec

import (
	"reflect"
	"slices"
	"strings"
)

// Field is a struct field as RQL names it.
type Field struct {
	Name      string
	Index     []int // for reflect.Value.FieldByIndex
	OmitEmpty bool
	OmitZero  bool
}

// Fields lists the fields of a struct type that stand for names of RQL: see
// FromGo for the tags. Of two fields of one name the less deeply embedded
// counts; at equal depth neither does.
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
	// A field inside an embedded struct that is itself named, left out or not
	// flattened does not come through.
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

// flattened reports an embedded struct whose fields count as its holder's own.
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
