package codec

import (
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/rql-lang/rql/lang"
)

// maxGoDepth limits the nesting of a Go value, and so ends the traversal of a cyclic one.
const maxGoDepth = 100

// FromGo converts a Go value, such as a parameter, to type t; lang.TypeUnknown accepts any type. Supported are bool, the integer
// and float kinds, string, []byte, time.Time and time.Duration (both rounded down to milliseconds), types derived from these,
// slices, arrays, maps whose keys have a text form, structs, pointers to these, the values of RQL, and, in this order,
// driver.Valuer, json.Marshaler and json.Number (the value that the JSON text represents) and encoding.TextMarshaler.
//
// A struct is an object of its exported fields, named by the tag rql:"name", else json:"name", else by the field's own name,
// which as a member of a document is matched regardless of case and underscores. "-" omits a field; omitempty and omitzero have
// the meaning of encoding/json; embedded structs are flattened as in Go. A nil pointer is null. A nil slice or map is null if t
// allows it, else empty; for an unknown type it is a nil []any or map[string]any, which Convert treats the same way. Errors have
// the codes of Convert, or bad-param for a value of an unsupported type.
func FromGo(v any, t lang.Type) (any, error) {
	val, err := natural(v)
	if err != nil {
		return nil, err
	}
	return Convert(val, TypeOfValue(val), t)
}

// natural converts a Go value without a target type.
func natural(v any) (any, error) { return (&goReader{}).from(v, 0) }

// from is natural for a value within another one. What most documents are made of takes no reflection.
func (g *goReader) from(v any, depth int) (any, error) {
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
	case lang.Integer:
		return v, CheckInteger(x.Number(), x.Kind())
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
	case []any:
		return g.fromAnys(x, depth)
	case map[string]any:
		return g.fromObject(x, depth)
	}
	return g.fromReflect(reflect.ValueOf(v), depth)
}

func (g *goReader) fromAnys(list []any, depth int) (any, error) {
	if list == nil {
		return list, nil
	}
	if depth > maxGoDepth {
		return nil, errTooDeep()
	}
	out := make([]any, len(list))
	for i, e := range list {
		var err error
		if out[i], err = g.from(e, depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (g *goReader) fromObject(m map[string]any, depth int) (any, error) {
	if m == nil {
		return m, nil
	}
	if depth > maxGoDepth {
		return nil, errTooDeep()
	}
	out := make(map[string]any, len(m))
	for name, e := range m {
		err := checkUTF8(name)
		if err == nil {
			out[name], err = g.from(e, depth+1)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func errTooDeep() error { return errorf(lang.CodeBadParam, "a Go value is nested too deep") }

// goReader converts Go values. It determines the fields of each struct type once.
type goReader struct{ fields map[reflect.Type][]Field }

func fromTime(t time.Time) (any, error) {
	d := lang.DateTime(t.UnixMilli())
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return nil, CheckInteger(lang.MaxDateTime+1, lang.KDateTime)
	}
	return d, nil
}

func (g *goReader) fromReflect(v reflect.Value, depth int) (any, error) {
	if depth > maxGoDepth {
		return nil, errTooDeep()
	}
	if v.CanInterface() {
		if handled, val, err := g.fromKnown(v, depth); handled {
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
		if v.Type().ConvertibleTo(goTime) {
			return fromTime(v.Convert(goTime).Interface().(time.Time))
		}
		return g.fromStruct(v, depth)
	}
	return nil, errorf(lang.CodeBadParam, "a Go %s is not a supported value", v.Type())
}

// fromKnown handles the types that are more specific than their kind.
func (g *goReader) fromKnown(v reflect.Value, depth int) (handled bool, val any, err error) {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return true, nil, nil
	}
	x := v.Interface()
	switch x := x.(type) {
	case time.Time, time.Duration, lang.Bytes, lang.Integer, lang.Geo, lang.Vector:
		val, err = natural(x)
		return true, val, err
	case json.Number:
		val, err = fromJSON([]byte(x))
		return true, val, err
	}
	if !marshals(x) {
		if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface || v.Type().PkgPath() == "" || !marshals(reflect.New(v.Type()).Interface()) {
			return false, nil, nil
		}
		p := reflect.New(v.Type()) // for methods with a pointer receiver
		p.Elem().Set(v)
		x = p.Interface()
	}
	if val, err = g.marshal(x, depth); err != nil {
		var c *Error
		if !errors.As(err, &c) {
			err = errorf(lang.CodeBadParam, "a Go %s has no value: %v", v.Type(), err)
		}
	}
	return true, val, err
}

// marshals reports whether a value has its own method for conversion.
func marshals(x any) bool {
	switch x.(type) {
	case driver.Valuer, json.Marshaler, encoding.TextMarshaler:
		return true
	}
	return false
}

// marshal calls the value's own method. A panic in it becomes an error.
func (g *goReader) marshal(x any, depth int) (val any, err error) {
	defer func() {
		if p := recover(); p != nil {
			val, err = nil, errorf(lang.CodeBadParam, "a Go %T panicked: %v", x, p)
		}
	}()
	switch x := x.(type) {
	case driver.Valuer:
		v, err := x.Value()
		if err != nil || v == nil {
			return nil, err
		}
		return g.fromReflect(reflect.ValueOf(v), depth+1)
	case json.Marshaler:
		text, err := x.MarshalJSON()
		if err != nil {
			return nil, err
		}
		return fromJSON(text)
	}
	text, err := x.(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return nil, err
	}
	return string(text), checkUTF8(string(text))
}

// fromJSON returns the value of a JSON text. An empty text is null.
func fromJSON(text []byte) (any, error) {
	if len(text) == 0 {
		return nil, nil
	}
	v, err := ReadJSON(string(text), lang.TypeUnknown)
	var c *Error
	if errors.As(err, &c) && c.Code == lang.CodeBadValue {
		err = errorf(lang.CodeBadParam, "%s", c.Message)
	}
	return v, err
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
	if v.IsNil() {
		return map[string]any(nil), nil
	}
	out := make(map[string]any, v.Len())
	for it := v.MapRange(); it.Next(); {
		name, err := keyText(it.Key())
		if err != nil {
			return nil, err
		}
		if _, twice := out[name]; twice {
			return nil, errorf(lang.CodeBadParam, "two keys of a Go %s have the text %s", v.Type(), lang.Quote(name))
		}
		if out[name], err = g.fromReflect(it.Value(), depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// keyText returns the text of a map key: of a string or an integer, or as its own method gives it.
func keyText(k reflect.Value) (string, error) {
	for k.Kind() == reflect.Interface && !k.IsNil() {
		k = k.Elem()
	}
	if k.Kind() == reflect.String {
		return k.String(), checkUTF8(k.String())
	}
	if t, ok := k.Interface().(encoding.TextMarshaler); ok && (k.Kind() != reflect.Pointer || !k.IsNil()) {
		val, err := (&goReader{}).marshal(textOnly{t}, 0)
		if err != nil {
			return "", err
		}
		return val.(string), nil
	}
	switch {
	case k.CanInt():
		return strconv.FormatInt(k.Int(), 10), nil
	case k.CanUint():
		return strconv.FormatUint(k.Uint(), 10), nil
	}
	return "", errorf(lang.CodeBadParam, "a Go %s has no text form that could be the key of a map", k.Type())
}

// textOnly hides the other methods of a type.
type textOnly struct{ encoding.TextMarshaler }

func (g *goReader) fromStruct(v reflect.Value, depth int) (any, error) {
	fields, ok := g.fields[v.Type()]
	if !ok {
		if g.fields == nil {
			g.fields = make(map[reflect.Type][]Field)
		}
		var err error
		if fields, err = Fields(v.Type()); err != nil {
			return nil, err
		}
		g.fields[v.Type()] = fields
	}
	out := make(map[string]any, len(fields))
	for _, f := range fields {
		fv, err := v.FieldByIndexErr(f.Index)
		if err != nil { // behind a nil embedded pointer: absent
			continue
		}
		if f.OmitEmpty && isEmpty(fv) {
			continue
		}
		if f.OmitZero {
			if zero, err := isZero(fv); zero || err != nil {
				if err != nil {
					return nil, err
				}
				continue
			}
		}
		if out[f.Name], err = g.fromReflect(fv, depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// isZero implements omitzero of encoding/json: what the value's own IsZero says, if it has one. A panic in it becomes an error.
func isZero(v reflect.Value) (zero bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errorf(lang.CodeBadParam, "a Go %s panicked: %v", v.Type(), p)
		}
	}()
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return true, nil
		}
	}
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok {
		return z.IsZero(), nil
	}
	p := reflect.New(v.Type())
	if z, ok := p.Interface().(interface{ IsZero() bool }); ok {
		p.Elem().Set(v)
		return z.IsZero(), nil
	}
	return v.IsZero(), nil
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
