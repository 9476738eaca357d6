package rql

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// scanner fills values of one type from rows of the same columns.
type scanner struct {
	columns []string
	fields  [][]int // of a struct, per column
	plain   bool    // a single column, not a struct
}

var timeType = reflect.TypeFor[time.Time]()

// scanners caches the analysis of types, which takes longer than filling a few
// rows.
type scanners struct {
	mu  sync.RWMutex
	all map[scannerKey]*scanner
}

// scannerKey is a type and the columns of a plan, identified by their address,
// which is fixed while the plan is cached.
type scannerKey struct {
	t       reflect.Type
	columns *string
	n       int
}

// maxScanners bounds the cache; a full cache is cleared.
const maxScanners = 1000

// of returns the scanner for a type and columns.
func (s *scanners) of(t reflect.Type, columns []string) (*scanner, error) {
	key := scannerKey{t: t, n: len(columns)}
	if len(columns) > 0 {
		key.columns = &columns[0]
	}
	s.mu.RLock()
	x := s.all[key]
	s.mu.RUnlock()
	if x != nil {
		return x, nil
	}
	x, err := newScanner(t, columns)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil || len(s.all) >= maxScanners {
		s.all = map[scannerKey]*scanner{}
	}
	s.all[key] = x
	return x, nil
}

func newScanner(t reflect.Type, columns []string) (*scanner, error) {
	s := &scanner{columns: columns}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t.Kind() == reflect.Struct && t != timeType:
		for _, c := range columns {
			f, ok := fieldFor(t, c)
			if !ok {
				return nil, misfit("%s has no field for the column %s", t, c)
			}
			s.fields = append(s.fields, f)
		}
	case t.Kind() == reflect.Map:
	case len(columns) == 1:
		s.plain = true
	default:
		return nil, misfit("%s cannot hold rows of %d columns", t, len(columns))
	}
	return s, nil
}

func misfit(format string, args ...any) error {
	return &Error{Code: lang.CodeBadParam, Statement: -1, Message: fmt.Sprintf(format, args...), Hint: "RETURN just what is needed, or add a field with the tag `rql:\"name\"`"}
}

// fieldFor finds the struct field of a column: by its tag or exact name, else
// in any case.
func fieldFor(t reflect.Type, column string) ([]int, bool) {
	fields := codec.Fields(t)
	for _, f := range fields {
		if f.Name == column {
			return f.Index, true
		}
	}
	for _, f := range fields {
		if strings.EqualFold(f.Name, column) {
			return f.Index, true
		}
	}
	return nil, false
}

// scan fills v from a row.
func (s *scanner) scan(v reflect.Value, row []any) error {
	for v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch {
	case s.plain:
		return set(v, row[0], s.columns[0])
	case v.Kind() == reflect.Map:
		m := reflect.MakeMapWithSize(v.Type(), len(row))
		for i, c := range s.columns {
			x := reflect.New(v.Type().Elem()).Elem()
			if err := set(x, row[i], c); err != nil {
				return err
			}
			m.SetMapIndex(reflect.ValueOf(c), x)
		}
		v.Set(m)
		return nil
	}
	for i, f := range s.fields {
		if err := set(fieldByIndex(v, f), row[i], s.columns[i]); err != nil {
			return err
		}
	}
	return nil
}

// fieldByIndex is FieldByIndex that allocates embedded pointers on its way.
func fieldByIndex(v reflect.Value, index []int) reflect.Value {
	for i, n := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(n)
	}
	return v
}

// set assigns a value of RQL to v. Null sets a pointer, slice, map or interface
// to nil and is an error elsewhere.
func set(v reflect.Value, x any, name string) error {
	if v.Kind() == reflect.Pointer {
		if x == nil {
			v.SetZero()
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		return set(v.Elem(), x, name)
	}
	if x == nil {
		switch v.Kind() {
		case reflect.Slice, reflect.Map, reflect.Interface:
			v.SetZero()
			return nil
		}
		return misfit("the column %s is null, which %s cannot hold: use *%s", name, v.Type(), v.Type())
	}
	if v.Kind() == reflect.Interface {
		g := reflect.ValueOf(codec.ToGo(x))
		if !g.Type().AssignableTo(v.Type()) {
			return misfit("the column %s does not fit %s", name, v.Type())
		}
		v.Set(g)
		return nil
	}
	switch x := x.(type) {
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(x)
			return nil
		}
	case int64:
		return setInt(v, x, name)
	case float64:
		if v.CanFloat() {
			v.SetFloat(x)
			return nil
		}
	case string:
		if v.Kind() == reflect.String {
			v.SetString(x)
			return nil
		}
	case lang.Bytes:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(x))
			return nil
		}
	case lang.DateTime:
		if v.Type() == timeType {
			v.Set(reflect.ValueOf(codec.ToGo(x)))
			return nil
		}
	case lang.Duration:
		switch v.Type() {
		case reflect.TypeFor[lang.Duration]():
			v.SetInt(int64(x))
			return nil
		case reflect.TypeFor[time.Duration]():
			d, ok := codec.GoDuration(x)
			if !ok {
				return misfit("the column %s is %s, and time.Duration ends at 292 years: use lang.Duration", name, codec.FormatDuration(x))
			}
			v.SetInt(int64(d))
			return nil
		}
	case lang.Geo, lang.Vector:
		return setFloats(v, codec.ToGo(x), name)
	case []any:
		return setList(v, x, name)
	case map[string]any:
		return setObject(v, x, name)
	}
	return misfit("the column %s does not fit %s", name, v.Type())
}

func setInt(v reflect.Value, x int64, name string) error {
	switch {
	case v.CanInt() && v.Type() != reflect.TypeFor[time.Duration]() && v.Type() != reflect.TypeFor[lang.Duration]():
		if !v.OverflowInt(x) {
			v.SetInt(x)
			return nil
		}
	case v.CanUint():
		if x >= 0 && !v.OverflowUint(uint64(x)) {
			v.SetUint(uint64(x))
			return nil
		}
	case v.CanFloat():
		if f := float64(x); int64(f) == x && math.Abs(f) <= lang.MaxInt {
			v.SetFloat(f)
			return nil
		}
	}
	return misfit("the column %s has the value %d, which %s cannot hold", name, x, v.Type())
}

// setFloats assigns a geo or a vector to an array of as many floats, or to a
// slice.
func setFloats(v reflect.Value, x any, name string) error {
	from := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Array:
		if v.Len() != from.Len() {
			return misfit("the column %s has %d numbers, which %s cannot hold", name, from.Len(), v.Type())
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), from.Len(), from.Len()))
	default:
		return misfit("the column %s does not fit %s", name, v.Type())
	}
	for i := range from.Len() {
		if !v.Index(i).CanFloat() {
			return misfit("the column %s does not fit %s", name, v.Type())
		}
		v.Index(i).SetFloat(from.Index(i).Float())
	}
	return nil
}

func setList(v reflect.Value, x []any, name string) error {
	if v.Kind() != reflect.Slice {
		return misfit("the column %s is a list, which %s cannot hold", name, v.Type())
	}
	out := reflect.MakeSlice(v.Type(), len(x), len(x))
	for i := range x {
		if err := set(out.Index(i), x[i], name); err != nil {
			return err
		}
	}
	v.Set(out)
	return nil
}

func setObject(v reflect.Value, x map[string]any, name string) error {
	switch v.Kind() {
	case reflect.Map:
		out := reflect.MakeMapWithSize(v.Type(), len(x))
		for k, e := range x {
			val := reflect.New(v.Type().Elem()).Elem()
			if err := set(val, e, name+"."+k); err != nil {
				return err
			}
			out.SetMapIndex(reflect.ValueOf(k).Convert(v.Type().Key()), val)
		}
		v.Set(out)
		return nil
	case reflect.Struct:
		for k, e := range x {
			f, ok := fieldFor(v.Type(), k)
			if !ok {
				return misfit("%s has no field for %s.%s", v.Type(), name, k)
			}
			if err := set(fieldByIndex(v, f), e, name+"."+k); err != nil {
				return err
			}
		}
		return nil
	}
	return misfit("the column %s is an object, which %s cannot hold", name, v.Type())
}
