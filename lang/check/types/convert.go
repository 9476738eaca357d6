package types

import (
	"github.com/rql-lang/rql/lang"
)

// Identical reports whether two types of single values, or of lists of these, are equal.
func Identical(a, b lang.Type) bool {
	for a.Kind == lang.KList && b.Kind == lang.KList && a.Null == b.Null && a.Elem != nil && b.Elem != nil {
		a, b = *a.Elem, *b.Elem
	}
	if info := a.Kind.Info(); a.Kind == lang.KUnknown || info.Bare && info.Repr != lang.ReprJSON && a.Kind != lang.KText {
		return a.Kind == b.Kind && a.Null == b.Null && a.Variant == b.Variant
	}
	return false
}

// Plain reports whether a value of type from is a value of type to without conversion.
func Plain(from, to lang.Type) bool {
	if from.Kind == lang.KRef && to.Kind == lang.KRef {
		return from.Model == to.Model && from.Full == to.Full
	}
	from, to = KeyType(from), KeyType(to)
	if from.Kind != to.Kind {
		return false
	}
	switch from.Kind {
	case lang.KList, lang.KMap:
		return from.Elem == nil || to.Elem == nil || from.Elem.Kind == lang.KUnknown || to.Elem.Kind == lang.KUnknown ||
			from.Elem.Kind == lang.KNull || Plain(*from.Elem, *to.Elem)
	case lang.KEnum, lang.KEmbedded, lang.KRow, lang.KVector:
		return from.Same(to)
	case lang.KRecord:
		if len(from.Cols) != len(to.Cols) {
			return false
		}
		for _, col := range from.Cols {
			if t, ok := Column(to, col.Name); !ok || !Plain(col.Type, t) {
				return false
			}
		}
	}
	return true
}

// KeyType returns the type of the key for a ref, string for a text, and any other type unchanged.
func KeyType(t lang.Type) lang.Type {
	if t.Kind == lang.KRef || t.Kind == lang.KText {
		return t.Scalar()
	}
	return t
}

// Converts reports whether a value of type from is implicitly converted to type to.
func Converts(from, to lang.Type) bool {
	if from.Kind == lang.KUnknown || from.Kind == lang.KNull || Plain(from, to) {
		return true
	}
	switch KeyType(to).Kind {
	case lang.KFloat:
		return from.Kind == lang.KInt
	case lang.KInt64:
		return KeyType(from).Kind == lang.KInt
	case lang.KJSON:
		return jsonable(from)
	case lang.KList:
		return from.Kind == lang.KList && to.Elem != nil && from.Elem != nil && Converts(*from.Elem, *to.Elem)
	case lang.KVector:
		return from.Kind == lang.KList && from.Elem != nil && (from.Elem.IsNumber() || from.Elem.Kind == lang.KUnknown)
	case lang.KMap:
		if from.Kind == lang.KRecord {
			for _, col := range from.Cols {
				if !Converts(col.Type, *to.Elem) {
					return false
				}
			}
			return true
		}
		return from.Kind == lang.KMap && Converts(*from.Elem, *to.Elem)
	case lang.KEmbedded:
		return from.Kind == lang.KRecord
	}
	return false
}

// MayBeNil reports whether a parameter of type t may be a nil slice or map, which is null if null is allowed.
func MayBeNil(t lang.Type) bool {
	return t.Kind == lang.KList || t.Kind == lang.KObject || t.Kind == lang.KBytes
}

// ParamFits reports whether a value given as from can be bound as to.
func ParamFits(from, to lang.Type) bool {
	from, to = KeyType(from), KeyType(to)
	switch from.Kind {
	case lang.KUnknown, lang.KNull:
		return true
	case lang.KString:
		return to.Kind.Info().Literal
	case lang.KObject:
		switch to.Kind {
		case lang.KObject, lang.KMap, lang.KEmbedded, lang.KJSON, lang.KRecord, lang.KRow, lang.KGeo:
			return true
		}
		return false
	case lang.KList:
		if to.Kind == lang.KGeo || to.Kind == lang.KVector {
			return from.Elem == nil || ParamFits(*from.Elem, lang.TypeFloat)
		}
		return to.Kind == lang.KJSON || to.Kind == lang.KList && (from.Elem == nil || to.Elem == nil || ParamFits(*from.Elem, *to.Elem))
	}
	return Converts(from, to)
}

// Ordered reports whether < and > accept the type.
func Ordered(t lang.Type) bool {
	return t.Scalar().Kind.Info().Order == lang.Ordered
}

// Sortable reports whether ORDER BY accepts the type.
func Sortable(t lang.Type) bool { return t.Scalar().Kind.Info().Order != lang.Unordered }

// LiteralType returns the type of a literal's value.
func LiteralType(v any) lang.Type {
	switch v := v.(type) {
	case bool:
		return lang.TypeBool
	case int64:
		if v > lang.MaxInt || v < -lang.MaxInt {
			return lang.TypeInt64
		}
		return lang.TypeInt
	case float64:
		return lang.TypeFloat
	case string:
		return lang.TypeString
	case lang.Duration:
		return lang.TypeDuration
	case nil:
		return lang.TypeNull
	}
	return lang.TypeUnknown
}

// Members counts the members of a type, including nested ones. If they are nested deeper than MaxDepth, the result exceeds the
// limit too.
func Members(t lang.Type) int { return membersTo(t, lang.MaxMembers, lang.MaxDepth) }

func membersTo(t lang.Type, limit, depth int) int {
	if depth == 0 {
		return limit + 1
	}
	n := 1
	if t.Elem != nil {
		n += membersTo(*t.Elem, limit-n, depth-1)
	}
	for i := 0; i < len(t.Cols) && n <= limit; i++ {
		n += membersTo(t.Cols[i].Type, limit-n, depth-1)
	}
	return n
}

// Indexable reports whether the type has an order-preserving form.
func Indexable(t lang.Type) bool {
	return Sortable(t)
}

// NullIf returns t, nullable if null is set.
func NullIf(t lang.Type, null bool) lang.Type {
	t.Null = t.Null || null
	return t
}

// ValueType returns the type of the value of a field: for text it is string.
func ValueType(t lang.Type) lang.Type {
	if t.Kind == lang.KText {
		return t.Scalar()
	}
	return t
}

// Column returns the type of a record's column by its name.
func Column(t lang.Type, name string) (lang.Type, bool) {
	for _, col := range t.Cols {
		if col.Name == name {
			return col.Type, true
		}
	}
	return lang.TypeUnknown, false
}

// jsonable reports whether values of the type can be represented in json.
func jsonable(t lang.Type) bool {
	switch t.Kind {
	case lang.KSet, lang.KPQueue:
		return false
	}
	return true
}
