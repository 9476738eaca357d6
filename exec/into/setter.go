package into

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// Misfit says that a Go value cannot hold a value or a column.
type Misfit struct {
	Path    string // of the column and the members below it; "" for the whole row
	Problem string
}

// Error returns the path and the reason.
func (m *Misfit) Error() string {
	if m.Path == "" {
		return m.Problem
	}
	return "the column " + m.Path + " " + m.Problem
}

// Refused converts a *Misfit to an *Error, and returns any other error unchanged.
func Refused(err error) error {
	var m *Misfit
	if !errors.As(err, &m) {
		return err
	}
	return &lang.Error{Code: lang.CodeBadTarget, Statement: -1, Message: m.Error(), Field: m.Path, Hint: "RETURN only what is needed, or add the field to the struct, with a tag `rql:\"name\"` if its name differs"}
}

// NoRows returns the error for a target of a statement that returns no rows.
func NoRows(kind string) *lang.Error {
	x := &lang.Error{Code: lang.CodeBadTarget, Statement: -1, Message: kind + " returns no rows here", Hint: "add RETURN, or use Exec for a statement that returns nothing"}
	if kind == "" {
		x.Message = "the text has no statement"
	}
	return x
}

func misfit(format string, args ...any) error { return &Misfit{Problem: fmt.Sprintf(format, args...)} }

// below adds the name of a member to the error of its value.
func below(err error, name string) error {
	m, ok := err.(*Misfit) //nolint:errorlint // it is never wrapped
	if !ok {
		return err
	}
	if m.Path == "" {
		return &Misfit{Path: name, Problem: m.Problem}
	}
	return &Misfit{Path: name + "." + m.Path, Problem: m.Problem}
}

// scanner is sql.Scanner, declared here to avoid importing database/sql.
type scanner interface{ Scan(from any) error }

// setter sets a Go value of one type to an RQL value. strict says that it is an error if a struct has no field for a member of an
// object.
type setter func(v reflect.Value, x any, strict bool) error

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	numberType   = reflect.TypeFor[json.Number]()
	rawType      = reflect.TypeFor[json.RawMessage]()
)

// builder builds setters for a type and the types that it consists of.
type builder struct{ made map[reflect.Type]*setter }

// of returns the setter of a type.
func (b *builder) of(t reflect.Type) (setter, error) {
	if s := b.made[t]; s != nil { // for a recursive type, it is complete when it is called
		return func(v reflect.Value, x any, strict bool) error { return (*s)(v, x, strict) }, nil
	}
	s := new(setter)
	b.made[t] = s
	var err error
	*s, err = b.make(t)
	return *s, err
}

func (b *builder) make(t reflect.Type) (setter, error) {
	if t.Kind() == reflect.Pointer {
		elem, err := b.of(t.Elem())
		return pointer(t, elem), err
	}
	if own := ownSetter(t); own != nil {
		return own, nil
	}
	if field, ok := optional(t); ok {
		elem, err := b.of(field.Type)
		return sqlNull(field.Index[0], elem), err
	}
	switch t.Kind() {
	case reflect.Bool:
		return setBool, nil
	case reflect.String:
		return setString, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64:
		return setNumber, nil
	case reflect.Interface:
		return setInterface, nil
	case reflect.Slice, reflect.Array:
		elem, err := b.of(t.Elem())
		return list(t, elem), err
	case reflect.Map:
		return b.mapOf(t)
	case reflect.Struct:
		return b.structOf(t)
	}
	return nil, misfit("cannot be read into a Go %s", t)
}

// optional reports whether a type is sql.Null[T], and returns its field V.
func optional(t reflect.Type) (reflect.StructField, bool) {
	if t.PkgPath() != "database/sql" || !strings.HasPrefix(t.Name(), "Null[") {
		return reflect.StructField{}, false
	}
	return t.FieldByName("V")
}

// sqlNull returns the setter of a sql.Null[T].
func sqlNull(at int, elem setter) setter {
	return func(v reflect.Value, x any, strict bool) error {
		v.SetZero()
		if x == nil {
			return nil
		}
		v.FieldByName("Valid").SetBool(true)
		return elem(v.Field(at), x, strict)
	}
}

// ownSetter returns the setter of a type that has a method for it; nil for other types.
func ownSetter(t reflect.Type) setter {
	switch {
	case t == timeType, t == durationType, t.PkgPath() == reflect.TypeFor[lang.Duration]().PkgPath():
		return setExact
	case t == numberType:
		return setJSONNumber
	case t == rawType:
		return setRaw
	case t.PkgPath() == "", t.Kind() == reflect.Interface:
		return nil
	}
	if _, ok := optional(t); ok {
		return nil
	}
	switch reflect.New(t).Interface().(type) {
	case scanner, json.Unmarshaler, encoding.TextUnmarshaler:
		return setOwn
	}
	if t.Kind() == reflect.Struct && timeType.ConvertibleTo(t) {
		return func(v reflect.Value, x any, _ bool) error {
			d, ok := x.(lang.DateTime)
			if !ok {
				return wrong(v, x)
			}
			v.Set(reflect.ValueOf(codec.ToGo(d)).Convert(t))
			return nil
		}
	}
	return nil
}

// setOwn calls the value's own method. A panic in it becomes an error.
func setOwn(v reflect.Value, x any, _ bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = misfit("is not read: %s panicked: %v", v.Type(), p)
		}
	}()
	switch to := v.Addr().Interface().(type) {
	case scanner:
		var from any
		if from, err = driverValue(x); err == nil {
			err = to.Scan(from)
		}
	case json.Unmarshaler:
		var text []byte
		if text, err = jsonText(x); err == nil {
			err = to.UnmarshalJSON(text)
		}
	case encoding.TextUnmarshaler:
		text, ok := plainText(x)
		if !ok {
			return wrong(v, x)
		}
		err = to.UnmarshalText([]byte(text))
	}
	if err != nil {
		return misfit("does not fit %s: %v", v.Type(), err)
	}
	return nil
}

// driverValue converts a value to what database/sql passes to a Scanner. Lists and objects become JSON, as with other databases.
func driverValue(x any) (any, error) {
	switch x := codec.ToGo(x).(type) {
	case time.Duration:
		return int64(x), nil
	case nil, int64, float64, bool, []byte, string, time.Time:
		return x, nil
	}
	return jsonText(x)
}

// jsonText encodes a value as encoding/json does.
func jsonText(x any) ([]byte, error) {
	var out bytes.Buffer
	w := json.NewEncoder(&out)
	w.SetEscapeHTML(false)
	err := w.Encode(codec.ToGo(x))
	return bytes.TrimRight(out.Bytes(), "\n"), err
}

// plainText returns the text of a scalar.
func plainText(x any) (string, bool) {
	switch x := x.(type) {
	case string:
		return x, true
	case lang.Bytes:
		return string(x), true
	case lang.Geo:
		return string(x), true
	case int64:
		return strconv.FormatInt(x, 10), true
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64), true
	case bool:
		return strconv.FormatBool(x), true
	case lang.DateTime:
		return time.UnixMilli(int64(x)).UTC().Format(time.RFC3339Nano), true
	}
	return "", false
}

// wrong returns the error for a value of another kind.
func wrong(v reflect.Value, x any) error {
	if x == nil {
		return misfit("is null, which %s cannot hold: use *%s", v.Type(), v.Type())
	}
	switch x := x.(type) {
	case []any:
		return misfit("is a list, which %s cannot hold", v.Type())
	case map[string]any:
		return misfit("is an object, which %s cannot hold", v.Type())
	case int64:
		return misfit("has the value %d, which %s cannot hold", x, v.Type())
	}
	return misfit("is %s, which %s cannot hold", codec.TypeOfValue(x), v.Type())
}

func pointer(t reflect.Type, elem setter) setter {
	return func(v reflect.Value, x any, strict bool) error {
		if x == nil {
			v.SetZero()
			return nil
		}
		p := reflect.New(t.Elem())
		if err := elem(p.Elem(), x, strict); err != nil {
			return err
		}
		v.Set(p)
		return nil
	}
}

func setBool(v reflect.Value, x any, _ bool) error {
	b, ok := x.(bool)
	if !ok {
		return wrong(v, x)
	}
	v.SetBool(b)
	return nil
}

func setString(v reflect.Value, x any, _ bool) error {
	s, ok := x.(string)
	if !ok {
		return wrong(v, x)
	}
	v.SetString(s)
	return nil
}

func setNumber(v reflect.Value, x any, _ bool) error {
	switch x := x.(type) {
	case int64:
		if setInt(v, x) {
			return nil
		}
	case float64:
		if v.CanFloat() {
			v.SetFloat(x)
			return nil
		}
	}
	return wrong(v, x)
}

// setInt sets a number, if it can hold the integer exactly.
func setInt(v reflect.Value, x int64) bool {
	switch {
	case v.CanInt() && !v.OverflowInt(x):
		v.SetInt(x)
	case v.CanUint() && x >= 0 && !v.OverflowUint(uint64(x)):
		v.SetUint(uint64(x))
	case v.CanFloat() && math.Abs(float64(x)) <= lang.MaxInt:
		v.SetFloat(float64(x))
	default:
		return false
	}
	return true
}

// setExact sets a type of package rql, a time.Time or a time.Duration.
func setExact(v reflect.Value, x any, _ bool) error {
	if x != nil && reflect.TypeOf(x) == v.Type() {
		v.Set(reflect.ValueOf(x))
		return nil
	}
	switch x := x.(type) {
	case lang.DateTime:
		if v.Type() == timeType {
			v.Set(reflect.ValueOf(codec.ToGo(x)))
			return nil
		}
	case lang.Duration:
		if v.Type() != durationType {
			break
		}
		d, ok := codec.GoDuration(x)
		if !ok {
			return misfit("is %s, but time.Duration is limited to 292 years: use lang.Duration", codec.FormatDuration(x))
		}
		v.SetInt(int64(d))
		return nil
	}
	return wrong(v, x)
}

func setJSONNumber(v reflect.Value, x any, _ bool) error {
	switch x.(type) {
	case int64, float64:
		text, _ := plainText(x)
		v.SetString(text)
		return nil
	}
	return wrong(v, x)
}

func setRaw(v reflect.Value, x any, _ bool) error {
	text, err := jsonText(x)
	if err != nil {
		return misfit("does not fit %s: %v", v.Type(), err)
	}
	v.SetBytes(text)
	return nil
}

func setInterface(v reflect.Value, x any, _ bool) error {
	if x == nil {
		v.SetZero()
		return nil
	}
	g := reflect.ValueOf(codec.ToGo(x))
	if !g.Type().AssignableTo(v.Type()) {
		return wrong(v, x)
	}
	v.Set(g)
	return nil
}

// list returns the setter of a slice or an array, which accepts a list, bytes, a geo point, or a vector of its length.
func list(t reflect.Type, elem setter) setter {
	return func(v reflect.Value, x any, strict bool) error {
		if x == nil && t.Kind() == reflect.Slice {
			v.SetZero()
			return nil
		}
		if b, ok := x.(lang.Bytes); ok && t.Elem().Kind() == reflect.Uint8 {
			if t.Kind() == reflect.Slice {
				v.SetBytes([]byte(b))
				return nil
			}
			if len(b) == t.Len() {
				reflect.Copy(v, reflect.ValueOf([]byte(b)))
				return nil
			}
			return misfit("has %d bytes, which %s cannot hold", len(b), t)
		}
		items, ok := elements(x)
		switch {
		case !ok:
			return wrong(v, x)
		case t.Kind() == reflect.Slice:
			v.Set(reflect.MakeSlice(t, len(items), len(items)))
		case t.Len() != len(items):
			return misfit("has %d elements, which %s cannot hold", len(items), t)
		}
		for i := range items {
			if err := elem(v.Index(i), items[i], strict); err != nil {
				return err
			}
		}
		return nil
	}
}

// elements returns the elements of a list, a geo point or a vector.
func elements(x any) ([]any, bool) {
	switch x := x.(type) {
	case []any:
		return x, true
	case lang.Geo:
		lon, lat := codec.GeoAt(x)
		return []any{lon, lat}, true
	case lang.Vector:
		floats := codec.VectorFloats(x)
		out := make([]any, len(floats))
		for i, f := range floats {
			out[i] = float64(f)
		}
		return out, true
	}
	return nil, false
}
