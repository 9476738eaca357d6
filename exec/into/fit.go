package into

import (
	"reflect"

	"github.com/rql-lang/rql/lang"
)

// fits checks whether a Go type can hold the values of a column, as far as the column's type tells.
func (b *builder) fits(t reflect.Type, of *lang.Type, strict bool) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if f, ok := optional(t); ok {
		return b.fits(f.Type, of, strict)
	}
	if t.Kind() == reflect.Interface {
		return nil
	}
	if of.Kind == lang.KRef {
		key := of.Scalar()
		return b.fits(t, &key, strict)
	}
	good, known := false, true
	kind := t.Kind()
	number := kind >= reflect.Int && kind <= reflect.Float64
	float := kind == reflect.Float32 || kind == reflect.Float64
	switch own := ownSetter(t); {
	case own != nil && t != timeType && t != durationType && t != numberType:
		return nil // depends on the values
	case t == numberType:
		number, float = true, true
	case t == timeType:
		number = false
	case t == durationType:
		number = false
	}
	switch of.Kind {
	case lang.KBool:
		good = kind == reflect.Bool
	case lang.KInt, lang.KInt64:
		good = number
	case lang.KFloat:
		good = float
	case lang.KString, lang.KEnum, lang.KText:
		good = kind == reflect.String && t != numberType
	case lang.KBytes:
		good = (kind == reflect.Slice || kind == reflect.Array) && t.Elem().Kind() == reflect.Uint8
	case lang.KDateTime:
		good = t == timeType
	case lang.KDuration:
		good = t == durationType
	case lang.KGeo:
		good = kind == reflect.Slice || kind == reflect.Array && t.Len() == 2
	case lang.KVector:
		good = kind == reflect.Slice || kind == reflect.Array && t.Len() == of.N
	case lang.KList, lang.KSet:
		if good = kind == reflect.Slice || kind == reflect.Array; good && of.Elem != nil {
			return b.fits(t.Elem(), of.Elem, strict)
		}
	case lang.KMap:
		if kind == reflect.Map && of.Elem != nil {
			return b.fits(t.Elem(), of.Elem, strict)
		}
		good = kind == reflect.Map || kind == reflect.Struct
	case lang.KEmbedded, lang.KRecord, lang.KRow, lang.KObject:
		if kind == reflect.Struct && t != timeType {
			return b.fitsObject(t, of, strict)
		}
		good = kind == reflect.Map
	default:
		known = false
	}
	if known && !good {
		return misfit("is %s, which %s cannot hold", of.NotNull(), t)
	}
	return nil
}

// fitsObject does the same for a struct and the members of an object.
func (b *builder) fitsObject(t reflect.Type, of *lang.Type, strict bool) error {
	if len(of.Cols) == 0 {
		return nil
	}
	fields, err := b.fields(t)
	if err != nil {
		return err
	}
	used := make([]bool, len(fields))
	for i := range of.Cols {
		c := &of.Cols[i]
		f := named(fields, c.Name)
		if f == nil {
			if strict {
				return misfit("has the member %s, which %s lacks", c.Name, t)
			}
			continue
		}
		for j := range fields {
			used[j] = used[j] || f == &fields[j]
		}
		if err := b.fits(t.FieldByIndex(f.Index).Type, &c.Type, strict); err != nil {
			return below(err, c.Name)
		}
	}
	for j := range fields {
		if !used[j] {
			return misfit("has no member for the field %s of %s", fields[j].Name, t)
		}
	}
	return nil
}
