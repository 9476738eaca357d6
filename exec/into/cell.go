package into

import (
	"reflect"

	"github.com/rql-lang/rql/lang/codec"
)

// direct reports a type, or a pointer to one, whose values are set from cells.
func direct(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch k := t.Kind(); {
	case k == reflect.Bool, k == reflect.String, k >= reflect.Int && k <= reflect.Uintptr, k == reflect.Float32, k == reflect.Float64:
		return ownSetter(t) == nil
	}
	return false
}

// ReadCells is Read for a row whose values are in no memory of their own.
func (r *Reader) ReadCells(v reflect.Value, row []codec.Cell) error {
	if r.fields == nil {
		vals := make([]any, len(row))
		for i := range row {
			vals[i] = row[i].Value()
		}
		return r.Read(v, vals)
	}
	for v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	for i, f := range r.fields {
		if f == nil {
			continue
		}
		to, c := f.at(v), &row[i]
		if f.direct && setCell(to, c) {
			continue
		}
		if err := f.set(to, c.Value(), !r.columns[i].Open); err != nil {
			return below(err, r.columns[i].Name)
		}
	}
	return nil
}

// setCell sets a value of a direct type, if the cell's value fits it.
func setCell(v reflect.Value, c *codec.Cell) bool {
	if v.Kind() == reflect.Pointer {
		if c.Kind == codec.CellNull {
			v.SetZero()
			return true
		}
		p := reflect.New(v.Type().Elem())
		if !setCell(p.Elem(), c) {
			return false
		}
		v.Set(p)
		return true
	}
	switch c.Kind {
	case codec.CellString:
		if v.Kind() == reflect.String {
			v.SetString(c.Text)
			return true
		}
	case codec.CellBool:
		if v.Kind() == reflect.Bool {
			v.SetBool(c.Bool)
			return true
		}
	case codec.CellInt:
		return setInt(v, c.Int)
	case codec.CellFloat:
		if v.CanFloat() {
			v.SetFloat(c.Float)
			return true
		}
	}
	return false
}
