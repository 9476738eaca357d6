package codec

import (
	"encoding/base64"

	"github.com/rql-lang/rql/lang"
)

// Convert applies the implicit conversions of the language to a value of type
// from: int to float, a string to a datetime, duration, enum, bytes or geo, an
// object to a map, an embedded value or a record, anything to json, and each of
// these inside lists and maps. Null stays null; a nil slice or map is null if
// the type allows it, else empty. A value that does not fit is an error with
// the code bad-conversion, overflow, invalid-utf8 or null-value.
//
// In json, a datetime and a duration are milliseconds, an int64 is a string of
// decimal digits and bytes are base64, as in their canonical JSON text.
func Convert(v any, from, to lang.Type) (any, error) {
	if v == nil {
		return nil, nil
	}
	switch to.Kind {
	case lang.KUnknown, lang.KNull, lang.KObject, lang.KRow:
		return v, nil
	}
	if IsNil(v) {
		switch {
		case to.Null:
			return nil, nil
		case to.Kind == lang.KBytes:
			return lang.Bytes(""), nil
		}
	}
	switch to.Kind {
	case lang.KRef:
		return Convert(v, from, to.Scalar())
	case lang.KJSON:
		return jsonOf(v, from)
	case lang.KFloat:
		switch x := v.(type) {
		case float64:
			return v, nil
		case int64:
			if !inRange(x) {
				return nil, notExact(x)
			}
			return float64(x), nil
		}
	case lang.KBool:
		if _, ok := v.(bool); ok {
			return v, nil
		}
	case lang.KGeo:
		return toGeo(v)
	case lang.KVector:
		return toVector(v, to)
	case lang.KList, lang.KSet:
		if x, ok := v.([]any); ok {
			return convertList(x, elemOf(from), elemOf(to))
		}
	case lang.KMap, lang.KEmbedded, lang.KRecord:
		if x, ok := v.(map[string]any); ok {
			return convertObject(x, from, to)
		}
	default:
		return convertSingle(v, to)
	}
	return nil, wrongKind(v, to)
}

// IsNil reports whether v is a nil slice or map of a Go program, whose meaning depends on where it is used.
func IsNil(v any) bool {
	switch x := v.(type) {
	case []any:
		return x == nil
	case map[string]any:
		return x == nil
	}
	return false
}

// notExact returns an error for an integer that cannot be represented exactly as a float.
func notExact[T int64 | string](x T) *Error {
	return errorf(lang.CodeOverflow, "%v is beyond ±%d, where a float rounds integers: write it with a decimal point if that is acceptable", x, int64(lang.MaxInt))
}

// convertSingle converts to strings, enums, bytes and integers of any type.
func convertSingle(v any, to lang.Type) (any, error) {
	s, isString := v.(string)
	switch to.Repr() {
	case lang.ReprInt, lang.ReprLong:
		if isString && to.Kind.Info().Make != nil {
			return ParseInteger(s, to.Kind)
		}
		if _, err := intOf(v, to); err != nil {
			return nil, err
		}
		return v, nil
	case lang.ReprString:
		if isString {
			return v, checkString(s, to)
		}
	case lang.ReprBytes:
		if isString {
			return lang.Bytes(s), nil
		}
		if _, ok := v.(lang.Bytes); ok {
			return v, nil
		}
	}
	return nil, wrongKind(v, to)
}

func convertList(list []any, from, to lang.Type) (any, error) {
	out := make([]any, len(list))
	for i, e := range list {
		var err error
		if out[i], err = convertInside(e, from, to); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// convertInside converts an element or member, which may be null only if its type says so.
func convertInside(v any, from, to lang.Type) (any, error) {
	if v == nil && !to.Null && to.Kind != lang.KUnknown {
		return nil, wrongKind(nil, to)
	}
	return Convert(v, from, to)
}

func convertObject(m map[string]any, from, to lang.Type) (any, error) {
	out := make(map[string]any, max(len(m), len(to.Cols)))
	for given, v := range m {
		name, t := given, elemOf(to)
		if to.Kind != lang.KMap {
			var ok bool
			if name, t, ok = memberOf(to, given); !ok {
				return nil, errorf(lang.CodeUnknownField, "%s has no member %s", to.NotNull(), lang.Quote(given))
			}
			if _, twice := out[name]; twice {
				return nil, errorf(lang.CodeDuplicateField, "two members of the object are the field %s", name)
			}
		}
		if err := checkUTF8(name); err != nil {
			return nil, err
		}
		var err error
		if out[name], err = convertInside(v, from.Member(given), t); err != nil {
			return nil, err
		}
	}
	for _, c := range to.Cols {
		if out[c.Name] == nil {
			if !c.Type.Null && to.Kind == lang.KEmbedded {
				return nil, errorf(lang.CodeNullValue, "%s lacks the member %s", to.NotNull(), lang.Quote(c.Name))
			}
			out[c.Name] = nil
		}
	}
	return out, nil
}

// memberOf returns the member of a type for a member name of an object: the one with that name, or else the one whose name
// differs only in case and underscores.
func memberOf(t lang.Type, name string) (string, lang.Type, bool) {
	if of, ok := colOf(t, name); ok {
		return name, of, true
	}
	at := -1
	for i := range t.Cols {
		if Fold(t.Cols[i].Name) != Fold(name) {
			continue
		}
		if at >= 0 {
			return "", lang.TypeUnknown, false
		}
		at = i
	}
	if at < 0 {
		return "", lang.TypeUnknown, false
	}
	return t.Cols[at].Name, t.Cols[at].Type, true
}

// jsonOf converts a value of type from to json. An integer outside the range of int becomes an int64, whatever its type; a number
// of that size inside json was written there by another program.
func jsonOf(v any, from lang.Type) (any, error) {
	switch x := v.(type) {
	case int64:
		if from.Repr() == lang.ReprLong || !inRange(x) && from.Kind != lang.KJSON {
			s, err := Text(x, lang.TypeInt64)
			return s, err
		}
	case float64:
		f, err := Finite(x)
		return f, err
	case string:
		return x, checkUTF8(x)
	case lang.Integer:
		return x.Number(), nil
	case lang.Bytes:
		return base64.StdEncoding.EncodeToString([]byte(x)), nil
	case lang.Geo:
		return string(x), nil
	case lang.Vector:
		list := VectorFloats(x)
		out := make([]any, len(list))
		for i, f := range list {
			out[i] = float64(f)
		}
		return out, nil
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			var err error
			if IsNil(e) {
				continue
			}
			if out[i], err = jsonOf(e, elemOf(from)); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(x))
		drop := from.Kind == lang.KEmbedded || from.Kind == lang.KRow
		for k, e := range x {
			if err := checkUTF8(k); err != nil {
				return nil, err
			}
			if IsNil(e) {
				e = nil
			}
			j, err := jsonOf(e, from.Member(k))
			if err != nil {
				return nil, err
			}
			if j != nil || !drop {
				out[k] = j
			}
		}
		return out, nil
	}
	return v, nil
}
