package types

import (
	"github.com/rql-lang/rql/lang"
)

// IsInteger reports whether the type is int or int64.
func IsInteger(t lang.Type) bool { return t.Kind == lang.KInt || t.Kind == lang.KInt64 }

// Join returns the type of a value that is of either type.
func Join(a, b lang.Type) (lang.Type, bool) {
	null := a.Null || b.Null
	switch {
	case a.Kind == lang.KUnknown:
		return NullIf(b, a.Null), true
	case b.Kind == lang.KUnknown:
		return a, true
	case a.Kind == lang.KNull:
		return b.OrNull(), true
	case b.Kind == lang.KNull:
		return a.OrNull(), true
	case a.IsNumber() && b.IsNumber():
		if a.Kind == lang.KFloat {
			return NullIf(a, null), true
		}
		return NullIf(b, null), true
	case IsInteger(KeyType(a)) && IsInteger(KeyType(b)) && KeyType(a).Kind != KeyType(b).Kind:
		return NullIf(lang.TypeInt64, null), true
	case a.Kind == lang.KJSON && jsonable(b), b.Kind == lang.KJSON && jsonable(a):
		return lang.TypeJSON, true
	}
	t, ok := joinDeep(a, b)
	return NullIf(t, null), ok
}

func joinDeep(a, b lang.Type) (lang.Type, bool) {
	switch {
	case (a.Kind == lang.KList && b.Kind == lang.KList || a.Kind == lang.KMap && b.Kind == lang.KMap) && a.Elem != nil && b.Elem != nil:
		elem, ok := Join(*a.Elem, *b.Elem)
		a.Elem = &elem
		return a, ok
	case a.Kind == lang.KRecord && b.Kind == lang.KRecord:
		return joinRecords(a, b)
	case a.Same(b):
		return a, true
	case a.Kind == lang.KRef && b.Kind != lang.KRef && a.Scalar().Kind == b.Kind:
		return b, true
	case b.Kind == lang.KRef && a.Kind != lang.KRef && b.Scalar().Kind == a.Kind:
		return a, true
	case isObject(a) && (b.Kind == lang.KMap || b.Kind == lang.KEmbedded || b.Kind == lang.KRecord):
		return b, true
	case isObject(b) && (a.Kind == lang.KMap || a.Kind == lang.KEmbedded):
		return a, true
	}
	return lang.TypeUnknown, false
}

func isObject(t lang.Type) bool { return t.Kind == lang.KObject || t.Kind == lang.KRecord }

func joinRecords(a, b lang.Type) (lang.Type, bool) {
	if len(a.Cols) != len(b.Cols) {
		return lang.TypeUnknown, false
	}
	cols := make([]lang.Col, len(a.Cols))
	for i, col := range a.Cols {
		other, ok := Column(b, col.Name)
		if !ok {
			return lang.TypeUnknown, false
		}
		t, ok := Join(col.Type, other)
		if !ok {
			return lang.TypeUnknown, false
		}
		cols[i] = lang.Col{Name: col.Name, Type: t}
	}
	a.Cols = cols
	return a, true
}
