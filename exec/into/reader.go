package into

import (
	"reflect"

	"github.com/rql-lang/rql/lang"
)

// Column is what is known of a column before its values are.
type Column struct {
	Name string
	Type lang.Type // KUnknown where only the values tell
	// Open: the text does not name it; it comes of a missing RETURN or of *.
	// A struct need not have a field for it.
	Open bool
}

// Reader reads rows of the same columns into values of one Go type. It is safe
// for concurrent use.
type Reader struct {
	columns []Column
	fields  []*field // of a struct, per column; nil where a column is left out
	key     []reflect.Value
	set     setter // of a map's elements or of the single value
}

// New makes a reader of columns. A map is the row, unless it is of a single
// column that it can hold and its elements cannot. keep are the columns that it reads, by place;
// Of makes a reader of just those. The error is a *Misfit: a row of such columns
// does not fit the type.
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

// ofStruct finds the field of each column. A single value that is an object is
// the struct itself where it has no field of that name.
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

// object reports a type whose values can be read into a struct.
func object(t *lang.Type) bool {
	switch t.Kind {
	case lang.KEmbedded, lang.KRecord, lang.KRow, lang.KObject, lang.KMap, lang.KJSON:
		return true
	}
	return false
}

// Of is the reader of some of the columns, which are all that it reads.
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
