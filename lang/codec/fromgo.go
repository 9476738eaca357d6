package codec

import (
	"encoding"
	"math"
	"reflect"
	"time"

	"github.com/rql-lang/rql/lang"
)

// maxGoDepth bounds the nesting of a Go value; a cyclic pointer ends there.
const maxGoDepth = 100

// FromGo converts a Go value, a caller's parameter, to type t; lang.TypeUnknown
// accepts it as it is. Supported are bool, the integer and float kinds, string,
// []byte, time.Time and time.Duration (both rounded down to milliseconds),
// slices, maps with string keys, structs, pointers to these,
// encoding.TextMarshaler (as its text), and the values of RQL.
//
// A struct is an object of its exported fields, named by the tag rql:"name",
// else json:"name", else the field's own name; "-" omits a field, omitempty and
// omitzero have the meaning of encoding/json; embedded structs are flattened as
// in Go. A nil pointer is null. A nil slice or map is null if t allows it, else
// empty; for an unknown type it is a nil []any or map[string]any, which Convert
// treats the same way. Errors have the codes of Convert, and bad-param for what
// is not a value at all.
func FromGo(v any, t lang.Type) (any, error) {
	val, err := natural(v)
	if err != nil {
		return nil, err
	}
	return Convert(val, TypeOfValue(val), t)
}

// natural converts a Go value without a target type.
func natural(v any) (any, error) {
	switch x := v.(type) {
	case nil, bool, int64, lang.Bytes:
		return v, nil
	case int:
		return int64(x), nil
	case string:
		return v, checkUTF8(x)
	case float64:
		f, err := Finite(x)
		if err != nil {
			return nil, err
		}
		return f, nil
	case lang.Whole:
		return v, CheckWhole(x.Number(), x.Kind())
	case lang.Geo, lang.Vector:
		return v, nil
	case []byte:
		if x == nil {
			return []any(nil), nil
		}
		return lang.Bytes(x), nil
	case time.Time:
		return fromTime(x)
	case time.Duration:
		return lang.Duration(floorDiv(int64(x), int64(time.Millisecond))), nil
	}
	return (&goReader{}).fromReflect(reflect.ValueOf(v), 0)
}

// goReader converts one Go value; the fields of a struct type are determined
// once.
type goReader struct{ fields map[reflect.Type][]Field }

func fromTime(t time.Time) (any, error) {
	d := lang.DateTime(t.UnixMilli())
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return nil, CheckWhole(lang.MaxDateTime+1, lang.KDateTime)
	}
	return d, nil
}

func (g *goReader) fromReflect(v reflect.Value, depth int) (any, error) {
	if depth > maxGoDepth {
		return nil, errorf(lang.CodeBadParam, "a Go value is nested too deep")
	}
	if v.CanInterface() {
		if handled, val, err := fromKnown(v); handled {
			return val, err
		}
	}
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return nil, nil
		}
		return g.fromReflect(v.Elem(), depth)
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return g.fromReflect(v.Elem(), depth+1)
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if u := v.Uint(); u <= math.MaxInt64 {
			return int64(u), nil
		}
		return nil, errorf(lang.CodeOverflow, "%d is beyond 64 bits with a sign", v.Uint())
	case reflect.Float32, reflect.Float64:
		return natural(v.Float())
	case reflect.String:
		return natural(v.String())
	case reflect.Slice, reflect.Array:
		return g.fromList(v, depth)
	case reflect.Map:
		return g.fromMap(v, depth)
	case reflect.Struct:
		return g.fromStruct(v, depth)
	}
	return nil, errorf(lang.CodeBadParam, "a Go %s is no value", v.Type())
}

// fromKnown handles the types that are more specific than their kind.
func fromKnown(v reflect.Value) (handled bool, val any, err error) {
	switch x := v.Interface().(type) {
	case time.Time, time.Duration, lang.Bytes, lang.Whole, lang.Geo, lang.Vector:
		val, err = natural(x)
		return true, val, err
	case encoding.TextMarshaler:
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return true, nil, nil
		}
		text, err := x.MarshalText()
		if err != nil {
			return true, nil, errorf(lang.CodeBadParam, "a Go %s has no text: %v", v.Type(), err)
		}
		return true, string(text), checkUTF8(string(text))
	}
	return false, nil, nil
}

func (g *goReader) fromList(v reflect.Value, depth int) (any, error) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return []any(nil), nil
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(b), v)
		return lang.Bytes(b), nil
	}
	out := make([]any, v.Len())
	for i := range out {
		var err error
		if out[i], err = g.fromReflect(v.Index(i), depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (g *goReader) fromMap(v reflect.Value, depth int) (any, error) {
	if v.Type().Key().Kind() != reflect.String {
		return nil, errorf(lang.CodeBadParam, "the keys of a Go %s are not strings", v.Type())
	}
	if v.IsNil() {
		return map[string]any(nil), nil
	}
	out := make(map[string]any, v.Len())
	for it := v.MapRange(); it.Next(); {
		name := it.Key().String()
		if err := checkUTF8(name); err != nil {
			return nil, err
		}
		var err error
		if out[name], err = g.fromReflect(it.Value(), depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (g *goReader) fromStruct(v reflect.Value, depth int) (any, error) {
	fields, ok := g.fields[v.Type()]
	if !ok {
		if g.fields == nil {
			g.fields = make(map[reflect.Type][]Field)
		}
		fields = Fields(v.Type())
		g.fields[v.Type()] = fields
	}
	out := make(map[string]any, len(fields))
	for _, f := range fields {
		fv, err := v.FieldByIndexErr(f.Index)
		if err != nil { // behind a nil embedded pointer: absent
			continue
		}
		if f.OmitEmpty && isEmpty(fv) || f.OmitZero && fv.IsZero() {
			continue
		}
		if out[f.Name], err = g.fromReflect(fv, depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// isEmpty implements omitempty of encoding/json.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Array, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
