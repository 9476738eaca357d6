package render

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// Text formats a value for people and for CSV: a datetime in ISO 8601, a
// duration in RQL notation, bytes in hexadecimal, anything nested as JSON.
func Text(v any, t lang.Type) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return v
	case lang.Geo:
		return string(v)
	case lang.Bytes:
		return hex.EncodeToString([]byte(v))
	case lang.Integer:
		return codec.FormatInteger(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return string(AppendJSON(nil, v, t))
}

// AppendJSON appends a value as JSON. A datetime is ISO 8601 text, a duration
// is text in RQL notation, bytes are base64; an int64 is text in every row,
// because JSON readers round numbers beyond ±9007199254740991.
func AppendJSON(dst []byte, v any, t lang.Type) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int64:
		if t.Repr() == lang.ReprLong || v > lang.MaxInt || v < -lang.MaxInt {
			dst = append(dst, '"')
			return append(strconv.AppendInt(dst, v, 10), '"')
		}
		return strconv.AppendInt(dst, v, 10)
	case float64:
		if v-v != 0 { // not a JSON number
			return append(dst, "null"...)
		}
		n := len(dst)
		if dst = codec.AppendFloat(dst, v); math.Abs(v) > lang.MaxInt && !bytes.ContainsAny(dst[n:], ".e") {
			dst = append(dst, ".0"...) // an integer would be read back as an int64
		}
		return dst
	case string:
		return appendString(dst, v)
	case lang.Geo:
		return appendString(dst, string(v))
	case lang.Vector:
		if b, err := codec.AppendJSON(dst, v, lang.VectorOf(len(v)/4)); err == nil {
			return b
		}
	case lang.Bytes:
		return appendString(dst, base64.StdEncoding.EncodeToString([]byte(v)))
	case lang.Integer:
		return appendString(dst, codec.FormatInteger(v))
	case []any:
		return appendList(dst, v, t)
	case map[string]any:
		return appendObject(dst, v, t)
	}
	return appendString(dst, fmt.Sprint(v))
}

func appendList(dst []byte, list []any, t lang.Type) []byte {
	elem := elemOf(t)
	dst = append(dst, '[')
	for i, x := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendJSON(dst, x, elem)
	}
	return append(dst, ']')
}

// appendObject appends the members of a projected row in order, those of any other object by name.
func appendObject(dst []byte, m map[string]any, t lang.Type) []byte {
	types := map[string]lang.Type{}
	names := make([]string, 0, len(m))
	for _, c := range t.Cols {
		if _, ok := m[c.Name]; ok {
			names, types[c.Name] = append(names, c.Name), c.Type
		}
	}
	listed := len(names)
	for name := range m {
		if _, ok := types[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names[listed:])
	elem := elemOf(t)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, name), ':')
		x, ok := types[name]
		if !ok {
			x = elem
		}
		dst = AppendJSON(dst, m[name], x)
	}
	return append(dst, '}')
}

func elemOf(t lang.Type) lang.Type {
	if t.Elem != nil && t.Kind != lang.KRef {
		return *t.Elem
	}
	return lang.TypeUnknown
}

// appendString appends a JSON string. It does not escape characters that are
// special only in HTML, but escapes those that could harm a terminal; any JSON
// reader decodes them.
func appendString(dst []byte, s string) []byte {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] >= ' ' && s[i] < utf8.RuneSelf && s[i] != '"' && s[i] != '\\' && s[i] != 0x7f
	}
	if plain {
		return append(append(append(dst, '"'), s...), '"')
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil { // a string can always be encoded
		return append(dst, `""`...)
	}
	for _, r := range strings.TrimSuffix(b.String(), "\n") {
		if !lang.Harmful(r) {
			dst = utf8.AppendRune(dst, r)
			continue
		}
		for _, u := range utf16.Encode([]rune{r}) {
			dst = fmt.Appendf(dst, `\u%04x`, u)
		}
	}
	return dst
}
