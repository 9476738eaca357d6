package codec

import (
	"encoding/base64"
	"maps"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
)

// AppendJSON appends the canonical JSON text of a value of type t: equal values have equal bytes, from Go and from Lua.
//
// There is no white space. The names of an object are sorted by bytes. A string escapes only \" \\ \b \f \n \r \t, and other
// control characters as \u00xx. Numbers are written as in a hash field; datetime and duration in milliseconds, int64 as a string
// of decimal digits, bytes as a base64 string (standard alphabet, padded), a geo as its text, a vector as an array of its
// numbers, each in the shortest form that reads back as the same float32. Null members of an embedded value or a row are omitted;
// in json, maps and records they are kept. The members of an embedded value or a row need the type's Cols (see ir.Schema.Expand);
// without them, each member is written by its own kind.
func AppendJSON(dst []byte, v any, t lang.Type) ([]byte, error) {
	if v == nil {
		if !t.Null && t.Kind != lang.KUnknown && t.Kind != lang.KObject {
			return dst, wrongKind(v, t)
		}
		return append(dst, "null"...), nil
	}
	if t.Kind == lang.KRef {
		t = t.Scalar()
	}
	switch t.Repr() {
	case lang.ReprString:
		if s, ok := v.(string); ok {
			if err := checkString(s, t); err != nil {
				return dst, err
			}
			return appendQuoted(dst, s), nil
		}
	case lang.ReprLong:
		i, err := intOf(v, t)
		if err != nil {
			return dst, err
		}
		dst = strconv.AppendInt(append(dst, '"'), i, 10)
		return append(dst, '"'), nil
	case lang.ReprBool, lang.ReprBytes:
		if TypeOfValue(v).Kind == t.Kind {
			return appendAny(dst, v)
		}
	case lang.ReprInt, lang.ReprFloat:
		plain := t
		plain.Variant = ""
		return AppendText(dst, v, plain)
	case lang.ReprGeo:
		if g, ok := v.(lang.Geo); ok {
			return appendQuoted(dst, string(g)), nil
		}
	case lang.ReprVector:
		if x, ok := v.(lang.Vector); ok {
			return appendVector(dst, x), nil
		}
	}
	switch t.Kind {
	case lang.KJSON, lang.KUnknown, lang.KNull, lang.KObject:
		return appendAny(dst, v)
	case lang.KList:
		if list, ok := v.([]any); ok {
			return appendList(dst, list, elemOf(t))
		}
	case lang.KMap:
		if m, ok := v.(map[string]any); ok {
			elem := elemOf(t)
			return appendObject(dst, m, func(string) (lang.Type, bool) { return elem, true }, false)
		}
	case lang.KEmbedded, lang.KRecord, lang.KRow:
		if m, ok := v.(map[string]any); ok {
			return appendObject(dst, m, func(name string) (lang.Type, bool) { return colOf(t, name) }, t.Kind != lang.KRecord)
		}
	}
	return dst, wrongKind(v, t)
}

// elemOf returns the element type of a list or map; unknown if it is not specified.
func elemOf(t lang.Type) lang.Type {
	if t.Elem == nil {
		return lang.TypeUnknown
	}
	return *t.Elem
}

// colOf returns the type of a member. A row or record without columns may
// contain anything.
func colOf(t lang.Type, name string) (lang.Type, bool) {
	for i := range t.Cols {
		if t.Cols[i].Name == name {
			return t.Cols[i].Type, true
		}
	}
	return lang.TypeUnknown, len(t.Cols) == 0
}

func appendList(dst []byte, list []any, elem lang.Type) ([]byte, error) {
	dst = append(dst, '[')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = AppendJSON(dst, e, elem); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func appendObject(dst []byte, m map[string]any, typeOf func(string) (lang.Type, bool), dropNull bool) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for _, name := range slices.Sorted(maps.Keys(m)) {
		v := m[name]
		if v == nil && dropNull {
			continue
		}
		t, ok := typeOf(name)
		if !ok {
			return dst, errorf(lang.CodeBadConversion, "there is no member %s here", lang.Quote(name))
		}
		if err := checkUTF8(name); err != nil {
			return dst, err
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(appendQuoted(dst, name), ':')
		var err error
		if dst, err = AppendJSON(dst, v, t); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// appendAny appends a value by its Go type.
func appendAny(dst []byte, v any) ([]byte, error) {
	switch x := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, x), nil
	case int64:
		return strconv.AppendInt(dst, x, 10), nil
	case float64:
		if x == math.Trunc(x) && math.Abs(x) <= lang.MaxInt { // as in Lua, an integral number is an int
			return strconv.AppendInt(dst, int64(x), 10), nil
		}
		f, err := Finite(x)
		return AppendFloat(dst, f), err
	case string:
		if err := checkUTF8(x); err != nil {
			return dst, err
		}
		return appendQuoted(dst, x), nil
	case lang.Bytes:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, []byte(x))
		return append(dst, '"'), nil
	case lang.Geo:
		return appendQuoted(dst, string(x)), nil
	case lang.Vector:
		return appendVector(dst, x), nil
	case lang.Integer:
		return strconv.AppendInt(dst, x.Number(), 10), nil
	case []any:
		return appendList(dst, x, lang.TypeUnknown)
	case map[string]any:
		return appendObject(dst, x, func(string) (lang.Type, bool) { return lang.TypeUnknown, true }, false)
	}
	return dst, errorf(lang.CodeBadConversion, "a Go %T is no value", v)
}

// appendQuoted appends valid UTF-8 as a JSON string.
func appendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' || c >= utf8.RuneSelf {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
