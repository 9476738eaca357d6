package importing

import (
	"math"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// importValue reads the value of a record as its field's type: files hold text where a field is a number, date or truth value.
func importValue(v any, f *ir.Field) (any, error) {
	text, ok := v.(string)
	if !ok || v == nil {
		return unquoted(v, f.Value()), nil
	}
	switch t := f.Value().Scalar(); t.Kind {
	case lang.KInt, lang.KInt64, lang.KFloat, lang.KBool:
		return plainText(text, t)
	case lang.KList, lang.KMap, lang.KEmbedded, lang.KJSON, lang.KVector:
		if text == "" {
			return nil, nil
		}
		return codec.ReadJSON(text, f.Type)
	}
	return text, nil
}

// unquoted reads the 64-bit integers inside a value, which stand in quotes in JSON; what is none stays and is refused later.
func unquoted(v any, t lang.Type) any {
	switch v := v.(type) {
	case string:
		if t.Scalar().Kind == lang.KInt64 {
			if n, err := codec.Parse(v, lang.TypeInt64); err == nil {
				return n
			}
		}
	case []any:
		if t.Elem == nil {
			return v
		}
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = unquoted(x, *t.Elem)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, x := range v {
			out[name] = unquoted(x, t.Member(name))
		}
		return out
	}
	return v
}

// plainText reads a number or truth value as people write it in files.
func plainText(text string, t lang.Type) (any, error) {
	text = strings.TrimSpace(text)
	bad := &codec.Error{Code: lang.CodeBadConversion, Message: lang.Quote(fail.Clip(text, 40)) + " is no " + t.NotNull().String()}
	if text == "" {
		if t.Null {
			return nil, nil
		}
		return nil, bad
	}
	switch t.Kind {
	case lang.KInt:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n > lang.MaxInt || n < -lang.MaxInt {
			return nil, bad
		}
		return n, nil
	case lang.KInt64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, bad
		}
		return n, nil
	case lang.KFloat:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return nil, bad
		}
		if n, err := strconv.ParseInt(text, 10, 64); !strings.ContainsAny(text, ".eExXpP") && (err != nil || n > lang.MaxInt || n < -lang.MaxInt) {
			return nil, &codec.Error{Code: lang.CodeOverflow, Message: fail.Clip(text, 40) + " is beyond the range of int, where a float rounds whole numbers"}
		}
		return f, nil
	}
	switch strings.ToLower(text) {
	case "true", "t", "yes", "y", "1":
		return true, nil
	case "false", "f", "no", "n", "0":
		return false, nil
	}
	return nil, bad
}
