package into

import (
	"reflect"

	"github.com/rql-lang/rql/lang"
)

// Column is what is known about a column before its values.
type Column struct {
	Name string
	Type lang.Type // KUnknown if it depends on the values
	// Open says that the text does not name the column: it results from a missing RETURN or from *. A struct need not have a
	// field for it.
	Open bool
}

// Reader reads rows with the same columns into values of one Go type. It is safe for concurrent use.
type Reader struct {
	columns []Column
	fields  []*field // of a struct, per column; nil for an omitted column
	key     []reflect.Value
	set     setter // of a map's elements, or of the single value
}

// New returns a reader of columns. A map holds the row, unless there is a single column and only the map itself can hold it. keep
// are the indexes of the columns to read; Of returns a reader of just those. The error is a *Misfit: rows with such columns do
// not fit the type.
func New(t reflect.Type, columns []Column) (r *Reader, keep []int, err error) {
	b := &builder{made: map[reflect.Type]*setter{}}
	r = &Reader{columns: columns}
	row := t
	for row.Kind() == reflect.Pointer {
		row = row.Elem()
	}
	_, null := optional(row)
	switch {
	case row.Kind() == reflect.Struct && ownSetter(row) == nil && !null:
		keep, err = r.ofStruct(b, t, row)
	case row.Kind() == reflect.Map && ownSetter(row) == nil:
		keep, err = all(columns), r.ofMap(b, row)
		if err != nil && len(columns) == 1 && object(&columns[0].Type) {
			keep, err, r.key = all(columns), r.ofValue(b, t), nil
		}
	case len(columns) == 1:
		keep, err = all(columns), r.ofValue(b, t)
	default:
		err = misfit("%s cannot hold rows of %d columns", t, len(columns))
	}
	if err != nil {
		return nil, nil, err
	}
	return r, keep, nil
}

func all(columns []Column) []int {
	out := make([]int, len(columns))
	for i := range out {
		out[i] = i
	}
	return out
}

// ofValue reads the single column into the value itself.
func (r *Reader) ofValue(b *builder, t reflect.Type) (err error) {
	c := &r.columns[0]
	if r.set, err = b.of(t); err == nil {
		err = b.fits(t, &c.Type, !c.Open)
	}
	return below1(err, c.Name)
}

// below1 is below for an error that may be nil.
func below1(err error, name string) error {
	if err == nil {
		return nil
	}
	return below(err, name)
}

func (r *Reader) ofMap(b *builder, t reflect.Type) error {
	key, err := keyOf(t.Key())
	if err != nil {
		return err
	}
	if r.set, err = b.of(t.Elem()); err != nil {
		return err
	}
	r.key = make([]reflect.Value, len(r.columns))
	for i := range r.columns {
		c := &r.columns[i]
		if r.key[i], err = key(c.Name); err != nil {
			return misfit("the column %s is no key of %s", c.Name, t)
		}
		if err := b.fits(t.Elem(), &c.Type, !c.Open); err != nil {
			return below(err, c.Name)
		}
	}
	return nil
}

// ofStruct finds the field for each column. A single column that is an object fills the struct itself if the struct has no field
// of that name.
func (r *Reader) ofStruct(b *builder, whole, t reflect.Type) (keep []int, err error) {
	fields, err := b.fields(t)
	if err != nil {
		return nil, err
	}
	if len(r.columns) == 1 && !r.columns[0].Open && object(&r.columns[0].Type) && named(fields, r.columns[0].Name) == nil {
		return all(r.columns), r.ofValue(b, whole)
	}
	r.fields = make([]*field, len(r.columns))
	for i := range r.columns {
		c := &r.columns[i]
		f := named(fields, c.Name)
		if f == nil {
			if !c.Open {
				return nil, misfit("%s has no field for the column %s", t, c.Name)
			}
			continue
		}
		if err := b.fits(t.FieldByIndex(f.Index).Type, &c.Type, !c.Open); err != nil {
			return nil, below(err, c.Name)
		}
		r.fields[i], keep = f, append(keep, i)
	}
	for i := range fields {
		if !r.reads(&fields[i]) {
			return nil, misfit("there is no column for the field %s of %s", t.FieldByIndex(fields[i].Index).Name, t)
		}
	}
	return keep, nil
}

func (r *Reader) reads(f *field) bool {
	for _, g := range r.fields {
		if f == g {
			return true
		}
	}
	return false
}

// object reports whether values of the type can be read into a struct.
func object(t *lang.Type) bool {
	switch t.Kind {
	case lang.KEmbedded, lang.KRecord, lang.KRow, lang.KObject, lang.KMap, lang.KJSON:
		return true
	}
	return false
}

// Of returns a reader for some of the columns. The rows then have only these.
func (r *Reader) Of(keep []int) *Reader {
	if r.fields == nil || len(keep) == len(r.columns) {
		return r
	}
	out := &Reader{}
	for _, i := range keep {
		out.columns, out.fields = append(out.columns, r.columns[i]), append(out.fields, r.fields[i])
	}
	return out
}

// Read sets v, a value of the reader's type, to a row. The error is a *Misfit.
func (r *Reader) Read(v reflect.Value, row []any) error {
	if r.fields == nil && r.key == nil {
		return below1(r.set(v, row[0], !r.columns[0].Open), r.columns[0].Name)
	}
	for v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if r.fields == nil {
		return r.readMap(v, row)
	}
	for i, f := range r.fields {
		if f == nil {
			continue
		}
		if err := f.set(f.at(v), row[i], !r.columns[i].Open); err != nil {
			return below(err, r.columns[i].Name)
		}
	}
	return nil
}

func (r *Reader) readMap(v reflect.Value, row []any) error {
	m := reflect.MakeMapWithSize(v.Type(), len(row))
	for i, k := range r.key {
		x := reflect.New(v.Type().Elem()).Elem()
		if err := r.set(x, row[i], !r.columns[i].Open); err != nil {
			return below(err, r.columns[i].Name)
		}
		m.SetMapIndex(k, x)
	}
	v.Set(m)
	return nil
}
