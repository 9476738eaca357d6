package into

import (
	"encoding"
	"reflect"
	"strconv"

	"github.com/rql-lang/rql/lang/codec"
)

// mapOf returns the setter of a map, whose keys are parsed from member names.
func (b *builder) mapOf(t reflect.Type) (setter, error) {
	elem, err := b.of(t.Elem())
	if err != nil {
		return nil, err
	}
	key, err := keyOf(t.Key())
	if err != nil {
		return nil, err
	}
	return func(v reflect.Value, x any, strict bool) error {
		if x == nil {
			v.SetZero()
			return nil
		}
		obj, ok := x.(map[string]any)
		if !ok {
			return wrong(v, x)
		}
		out := reflect.MakeMapWithSize(t, len(obj))
		for name, x := range obj {
			if err := setEntry(out, name, x, key, elem, strict); err != nil {
				return below(err, name)
			}
		}
		v.Set(out)
		return nil
	}, nil
}

func setEntry(m reflect.Value, name string, x any, key func(string) (reflect.Value, error), elem setter, strict bool) error {
	k, err := key(name)
	if err != nil {
		return misfit("is no key of %s: %v", m.Type(), err)
	}
	val := reflect.New(m.Type().Elem()).Elem()
	if err := elem(val, x, strict); err != nil {
		return err
	}
	m.SetMapIndex(k, val)
	return nil
}

// keyOf returns a function that parses a map key.
func keyOf(t reflect.Type) (func(string) (reflect.Value, error), error) {
	p := reflect.New(t)
	_, text := p.Interface().(encoding.TextUnmarshaler)
	switch {
	case t.Kind() == reflect.String:
		return func(s string) (reflect.Value, error) { return reflect.ValueOf(s).Convert(t), nil }, nil
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		return func(s string) (reflect.Value, error) { return reflect.ValueOf(s), nil }, nil
	case text:
		return func(s string) (reflect.Value, error) { return textKey(t, s) }, nil
	case p.Elem().CanInt():
		return func(s string) (reflect.Value, error) {
			n, err := strconv.ParseInt(s, 10, t.Bits())
			return reflect.ValueOf(n).Convert(t), err
		}, nil
	case p.Elem().CanUint():
		return func(s string) (reflect.Value, error) {
			n, err := strconv.ParseUint(s, 10, t.Bits())
			return reflect.ValueOf(n).Convert(t), err
		}, nil
	}
	return nil, misfit("cannot be read into a map with keys of %s, which are not read from a text", t)
}

// textKey calls the key's own UnmarshalText. A panic in it becomes an error.
func textKey(t reflect.Type, s string) (k reflect.Value, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = misfit("%s panicked: %v", t, p)
		}
	}()
	v := reflect.New(t)
	err = v.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s))
	return v.Elem(), err
}

// field is a field of a struct, with its setter.
type field struct {
	codec.Field
	set setter
	// direct: it is of a type, or a pointer to one, that numbers, bools and strings are set to as they are.
	direct bool
}

// at returns the field in a struct. It allocates embedded pointers on the path.
func (f *field) at(v reflect.Value) reflect.Value {
	if len(f.Index) == 1 {
		return v.Field(f.Index[0])
	}
	for i, n := range f.Index {
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

// fields returns the fields of a struct with their setters.
func (b *builder) fields(t reflect.Type) ([]field, error) {
	named, err := codec.Fields(t)
	if err != nil {
		return nil, misfit("cannot be read: %s", err.(*codec.Error).Message) //nolint:errorlint // Fields gives no other
	}
	out := make([]field, len(named))
	for i, f := range named {
		if out[i].Field, out[i].set = f, nil; hidden(t, f.Index) {
			return nil, misfit("cannot be read: %s is in an embedded pointer to a struct that is not exported", f.Name)
		}
		of := t.FieldByIndex(f.Index).Type
		if out[i].set, err = b.of(of); err != nil {
			return nil, below(err, f.Name)
		}
		out[i].direct = direct(of)
	}
	return out, nil
}

// hidden reports whether a field is behind an embedded pointer that cannot be allocated.
func hidden(t reflect.Type, index []int) bool {
	for n := 1; n < len(index); n++ {
		if f := t.FieldByIndex(index[:n]); f.Type.Kind() == reflect.Pointer && !f.IsExported() {
			return true
		}
	}
	return false
}

// named returns the field for a column; nil if there is none.
func named(fields []field, column string) *field {
	for i := range fields {
		if fields[i].Name == column {
			return &fields[i]
		}
	}
	for i := range fields {
		if fields[i].Is(column) {
			return &fields[i]
		}
	}
	return nil
}

// structOf returns the setter of a struct that is a value, not a row.
func (b *builder) structOf(t reflect.Type) (setter, error) {
	fields, err := b.fields(t)
	if err != nil {
		return nil, err
	}
	return func(v reflect.Value, x any, strict bool) error {
		obj, ok := x.(map[string]any)
		if !ok {
			return wrong(v, x)
		}
		v.SetZero()
		for name, x := range obj {
			f := named(fields, name)
			switch {
			case f == nil && strict:
				return misfit("has the member %s, which %s lacks", name, t)
			case f == nil:
				continue
			}
			if err := f.set(f.at(v), x, strict); err != nil {
				return below(err, name)
			}
		}
		return nil
	}, nil
}
