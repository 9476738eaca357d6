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
	if r := t.Repr(); t.Variant == "" && t.Kind != lang.KRef && (r == lang.ReprInt || r == lang.ReprLong) { // in no buffer, which would be in memory of its own
		i, err := intOf(v, t)
		if err != nil {
			return "", err
		}
		return strconv.FormatInt(i, 10), nil
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
// in the form of the foreign program. Null has no stored form (the field is
// absent), so it is an error here.
func AppendText(dst []byte, v any, t lang.Type) ([]byte, error) {
	if t.Variant != "" {
		return appendVariant(dst, v, t)
	}
	if t.Kind == lang.KRef {
		t = t.Scalar()
	}
	switch t.Repr() {
	case lang.ReprString:
		s, ok := v.(string)
		if !ok {
			return dst, wrongKind(v, t)
		}
		if err := checkString(s, t); err != nil {
			return dst, err
		}
		return append(dst, s...), nil
	case lang.ReprBytes:
		if s, ok := v.(lang.Bytes); ok {
			return append(dst, s...), nil
		}
	case lang.ReprGeo:
		if g, ok := v.(lang.Geo); ok {
			return append(dst, g...), nil
		}
	case lang.ReprVector:
		if x, ok := v.(lang.Vector); ok && len(x) == 4*t.N {
			return append(dst, x...), nil
		}
	case lang.ReprBool:
		if b, ok := v.(bool); ok {
			if b {
				return append(dst, '1'), nil
			}
			return append(dst, '0'), nil
		}
	case lang.ReprFloat:
		f, err := floatOf(v, t)
		if err != nil {
			return dst, err
		}
		return AppendFloat(dst, f), nil
	case lang.ReprInt, lang.ReprLong:
		i, err := intOf(v, t)
		if err != nil {
			return dst, err
		}
		return strconv.AppendInt(dst, i, 10), nil
	case lang.ReprJSON:
		if v != nil {
			out, err := AppendJSON(dst, v, t)
			return bounded(out, len(dst), t, err)
		}
	}
	return dst, wrongKind(v, t)
}

// bounded rejects the JSON text that begins at from if it is longer than
// MaxJSON.
func bounded(out []byte, from int, t lang.Type, err error) ([]byte, error) {
	if n := len(out) - from; err == nil && n > lang.MaxJSON {
		err = errorf(lang.CodeTooLarge, "a %s of %d bytes as JSON, but at most %d are stored and sent", t, n, lang.MaxJSON)
	}
	return out, err
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
			return errorf(lang.CodeBadConversion, "%s is not one of %s", lang.Quote(s), t.NotNull())
		}
		return nil
	}
	return checkUTF8(s)
}

// Parse parses the stored form of a value of type t. It is the strict inverse
// of Text, except that it accepts other spellings of floats and JSON. The error
// has the code bad-value and describes the fault.
func Parse(text string, t lang.Type) (any, error) {
	var c Cell
	if err := c.Parse(text, &t); err != nil {
		return nil, err
	}
	return c.Value(), nil
}

// parseOther parses values that a cell keeps in an interface.
func parseOther(text string, t lang.Type) (any, error) {
	switch t.Repr() {
	case lang.ReprBytes:
		return lang.Bytes(text), nil
	case lang.ReprGeo:
		g, err := ParseGeo(text)
		if err != nil {
			return nil, badValue(text, "not a longitude and a latitude")
		}
		return g, nil
	case lang.ReprVector:
		return storedVector(text, t)
	case lang.ReprJSON:
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
