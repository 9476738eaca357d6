package codec

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
)

// Text returns the stored form of a hash field. See AppendText.
func Text(v any, t lang.Type) (string, error) {
	if s, ok := v.(string); ok && t.Kind == lang.KString {
		return s, checkUTF8(s)
	}
	var buf [32]byte
	b, err := AppendText(buf[:0], v, t)
	return string(b), err
}

// AppendText appends the stored form of a value of type t:
//
//	bool                     1 or 0
//	int, int64               decimal
//	float                    see AppendFloat
//	datetime, duration       milliseconds, decimal
//	string, enum, text       the string, which must be valid UTF-8
//	bytes                    the bytes
//	geo                      longitude,latitude, each as a float
//	vector                   its elements as float32, little-endian
//	ref                      as its key
//	list, map, json, objects canonical JSON, see AppendJSON
//
// A variant of the type (bool<text>, datetime<iso>, duration<ns> …) is written
// as the foreign program writes it. Null has no stored form (the field is
// absent), so it is an error here.
func AppendText(dst []byte, v any, t lang.Type) ([]byte, error) {
	if t.Variant != "" {
		return appendVariant(dst, v, t)
	}
	switch t.Kind {
	case lang.KRef:
		return AppendText(dst, v, t.Scalar())
	case lang.KString, lang.KText, lang.KEnum:
		s, ok := v.(string)
		if !ok {
			return dst, wrongKind(v, t)
		}
		if err := checkString(s, t); err != nil {
			return dst, err
		}
		return append(dst, s...), nil
	case lang.KBytes:
		if s, ok := v.(lang.Bytes); ok {
			return append(dst, s...), nil
		}
	case lang.KGeo:
		if g, ok := v.(lang.Geo); ok {
			return append(dst, g...), nil
		}
	case lang.KVector:
		if x, ok := v.(lang.Vector); ok && len(x) == 4*t.N {
			return append(dst, x...), nil
		}
	case lang.KBool:
		if b, ok := v.(bool); ok {
			if b {
				return append(dst, '1'), nil
			}
			return append(dst, '0'), nil
		}
	case lang.KFloat:
		f, err := floatOf(v, t)
		if err != nil {
			return dst, err
		}
		return AppendFloat(dst, f), nil
	case lang.KInt, lang.KInt64, lang.KDateTime, lang.KDuration:
		i, err := intOf(v, t)
		if err != nil {
			return dst, err
		}
		return strconv.AppendInt(dst, i, 10), nil
	case lang.KList, lang.KMap, lang.KJSON, lang.KEmbedded, lang.KRecord, lang.KRow, lang.KObject:
		if v != nil {
			out, err := AppendJSON(dst, v, t)
			return bounded(out, len(dst), t, err)
		}
	}
	return dst, wrongKind(v, t)
}

// bounded refuses the JSON text that begins at from when it is longer than MaxJSON.
func bounded(out []byte, from int, t lang.Type, err error) ([]byte, error) {
	if n := len(out) - from; err == nil && n > lang.MaxJSON {
		err = errorf(lang.CodeTooLarge, "a %s of %d bytes as JSON, and at most %d are kept and sent", t, n, lang.MaxJSON)
	}
	return out, err
}

// intOf returns the number behind an int, int64, datetime or duration after
// checking that it lies in the type's range.
func intOf(v any, t lang.Type) (int64, error) {
	switch x := v.(type) {
	case int64:
		if t.Kind == lang.KInt64 {
			return x, nil
		}
		if t.Kind == lang.KInt {
			if !inRange(x) {
				return 0, errorf(lang.CodeOverflow, "%d is beyond ±%d, the range of int", x, int64(lang.MaxInt))
			}
			return x, nil
		}
	case lang.DateTime:
		if t.Kind == lang.KDateTime {
			return int64(x), CheckDateTime(x)
		}
	case lang.Duration:
		if t.Kind == lang.KDuration {
			return int64(x), checkDuration(int64(x))
		}
	}
	return 0, wrongKind(v, t)
}

func floatOf(v any, t lang.Type) (float64, error) {
	switch x := v.(type) {
	case float64:
		return Finite(x)
	case int64:
		return float64(x), nil
	}
	return 0, wrongKind(v, t)
}

func checkUTF8(s string) error {
	if !utf8.ValidString(s) {
		return errorf(lang.CodeInvalidUTF8, "a string is valid UTF-8; use the type bytes for anything else")
	}
	return nil
}

func checkString(s string, t lang.Type) error {
	if t.Kind == lang.KEnum && len(t.Values) > 0 {
		if !slices.Contains(t.Values, s) {
			return errorf(lang.CodeBadConversion, "%s is none of %s", lang.Quote(s), t.NotNull())
		}
		return nil
	}
	return checkUTF8(s)
}

// Parse reads the stored form of a value of type t: the strict inverse of
// Text, but that a float, and JSON, may be spelled otherwise than RQL spells
// them. The error has the code bad-value and says what is wrong.
func Parse(text string, t lang.Type) (any, error) {
	if t.Variant != "" {
		return parseVariant(text, t)
	}
	switch t.Kind {
	case lang.KInt, lang.KInt64, lang.KDateTime, lang.KDuration:
		return parseInt(text, t)
	case lang.KString, lang.KText, lang.KEnum:
		if err := storedString(text, t); err != nil {
			return nil, err
		}
		return text, nil
	case lang.KBool:
		switch text {
		case "1":
			return true, nil
		case "0":
			return false, nil
		}
		return nil, badValue(text, "not a bool (1 or 0)")
	case lang.KFloat:
		f, ok := readFloat(text)
		if !ok {
			return nil, badValue(text, "not a float")
		}
		return f, nil
	case lang.KBytes:
		return lang.Bytes(text), nil
	case lang.KGeo:
		g, err := ParseGeo(text)
		if err != nil {
			return nil, badValue(text, "not a longitude and a latitude")
		}
		return g, nil
	case lang.KVector:
		return storedVector(text, t)
	case lang.KRef:
		return Parse(text, t.Scalar())
	case lang.KList, lang.KMap, lang.KJSON, lang.KEmbedded, lang.KRecord, lang.KRow, lang.KObject:
		return ParseJSON(text, t)
	}
	return nil, badValue(text, "in a field, where a "+t.String()+" is not stored")
}

func storedString(s string, t lang.Type) error {
	if !utf8.ValidString(s) {
		return badValue(s, "not valid UTF-8")
	}
	if t.Kind == lang.KEnum && len(t.Values) > 0 && !slices.Contains(t.Values, s) {
		return badValue(s, "none of "+t.NotNull().String())
	}
	return nil
}

func parseInt(text string, t lang.Type) (any, error) {
	v, ok := readInt(text)
	if !ok {
		return nil, badValue(text, "not "+t.NotNull().String()+" in decimal")
	}
	switch t.Kind {
	case lang.KInt64:
		return v, nil
	case lang.KDateTime:
		if CheckDateTime(lang.DateTime(v)) != nil {
			return nil, badValue(text, "a datetime outside the years 1 to 9999")
		}
		return lang.DateTime(v), nil
	}
	if !inRange(v) {
		return nil, badValue(text, "beyond ±9007199254740991, the range of "+t.NotNull().String())
	}
	if t.Kind == lang.KDuration {
		return lang.Duration(v), nil
	}
	return v, nil
}
