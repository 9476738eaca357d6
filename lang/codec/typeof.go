package codec

import (
	"reflect"
	"slices"
	"time"

	"github.com/rql-lang/rql/lang"
)

// TypeOf returns the type that the checker gives to a parameter with this Go
// value: null for nil and nil pointers, int64 for an integer beyond the range
// of int, object for maps and structs, and a list's element type from its
// elements, or from the Go type if there are none.
func TypeOf(v any) lang.Type {
	if objects(v) {
		return lang.ListOf(lang.Type{Kind: lang.KObject})
	}
	val, err := natural(v)
	if err != nil {
		return lang.TypeUnknown
	}
	t := TypeOfValue(val)
	if list, ok := val.([]any); ok && len(list) == 0 {
		rt := reflect.TypeOf(v)
		for rt != nil && rt.Kind() == reflect.Pointer {
			rt = rt.Elem()
		}
		if rt.Kind() == reflect.Slice || rt.Kind() == reflect.Array {
			if rt.Elem().Kind() == reflect.Uint8 {
				return lang.TypeBytes
			}
			return lang.ListOf(staticType(rt.Elem()))
		}
	}
	return t
}

// objects reports whether a value is a list of objects, which need not be read to know its type.
func objects(v any) bool {
	switch list := v.(type) {
	case []map[string]any:
		return len(list) > 0
	case []any:
		for _, e := range list {
			if _, is := e.(map[string]any); !is {
				return false
			}
		}
		return len(list) > 0
	}
	return false
}

// TypeFor returns the type that TypeOf gives for most values of a Go type, as far as it can be known; for a pointer type, that of
// its element.
func TypeFor(rt reflect.Type) lang.Type {
	for rt.Kind() == reflect.Pointer {
		rt = rt.Elem()
	}
	return staticType(rt)
}

// TypeOfValue returns the type of a value of RQL as far as it can be inferred.
func TypeOfValue(v any) lang.Type {
	switch x := v.(type) {
	case nil:
		return lang.TypeNull
	case bool:
		return lang.TypeBool
	case int64:
		if inRange(x) {
			return lang.TypeInt
		}
		return lang.TypeInt64
	case float64:
		return lang.TypeFloat
	case string:
		return lang.TypeString
	case lang.Bytes:
		return lang.TypeBytes
	case lang.Integer:
		return lang.Type{Kind: x.Kind()}
	case lang.Geo:
		return lang.TypeGeo
	case lang.Vector:
		return lang.VectorOf(len(x) / 4)
	case []any:
		return lang.ListOf(commonType(x))
	case map[string]any:
		return lang.Type{Kind: lang.KObject}
	}
	return lang.TypeUnknown
}

// commonType returns the type that every element has, or to which it can be converted implicitly.
func commonType(list []any) lang.Type {
	if len(list) == 0 {
		return lang.TypeUnknown
	}
	var t lang.Type
	null, known := false, false
	for _, e := range list {
		u := TypeOfValue(e)
		switch {
		case u.Kind == lang.KNull:
			null = true
		case !known:
			t, known = u, true
		case t.Same(u):
		case t.IsNumber() && u.IsNumber():
			t = lang.TypeFloat
		case (t.Kind == lang.KInt || t.Kind == lang.KInt64) && (u.Kind == lang.KInt || u.Kind == lang.KInt64):
			t = lang.TypeInt64
		default:
			return lang.TypeUnknown
		}
	}
	if !known {
		return lang.TypeNull
	}
	if null {
		t = t.OrNull()
	}
	return t
}

var (
	goTime     = reflect.TypeFor[time.Time]()
	goDuration = reflect.TypeFor[time.Duration]()
)

// staticType returns the type of the values of a Go type.
func staticType(rt reflect.Type) lang.Type {
	switch rt {
	case goTime:
		return lang.TypeDateTime
	case goDuration:
		return lang.TypeDuration
	}
	if rt.PkgPath() != "" && (marshals(reflect.Zero(rt).Interface()) || marshals(reflect.New(rt).Interface())) {
		return lang.TypeUnknown
	}
	switch rt.Kind() {
	case reflect.Bool:
		return lang.TypeBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return lang.TypeInt
	case reflect.Float32, reflect.Float64:
		return lang.TypeFloat
	case reflect.String:
		return lang.TypeString
	case reflect.Pointer:
		return staticType(rt.Elem()).OrNull()
	case reflect.Slice, reflect.Array:
		if rt.Elem().Kind() == reflect.Uint8 {
			return lang.TypeBytes
		}
		return lang.ListOf(staticType(rt.Elem()))
	case reflect.Map, reflect.Struct:
		if rt.ConvertibleTo(goTime) {
			return lang.TypeDateTime
		}
		return lang.Type{Kind: lang.KObject}
	}
	return lang.TypeUnknown
}

// Unsupported returns an error for a Go type of which no value can be a parameter, but null: a channel, a function, a complex
// number, or what is made of them.
func Unsupported(rt reflect.Type) error { return unsupported(rt, nil) }

// unsupported does it within types that are being examined.
func unsupported(rt reflect.Type, within []reflect.Type) error {
	if rt == goTime || slices.Contains(within, rt) || rt.PkgPath() != "" && (marshals(reflect.Zero(rt).Interface()) || marshals(reflect.New(rt).Interface())) {
		return nil
	}
	within = append(within, rt)
	switch rt.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return errorf(lang.CodeBadParam, "a Go %s is not a supported value", rt)
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return unsupported(rt.Elem(), within)
	case reflect.Struct:
		fields, err := Fields(rt)
		if err != nil {
			return err
		}
		for _, f := range fields {
			if err := unsupported(rt.FieldByIndex(f.Index).Type, within); err != nil {
				return err
			}
		}
	}
	return nil
}
