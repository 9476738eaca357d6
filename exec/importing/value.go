package importing

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// imported converts the value of a record to its field's type. Files contain text for numbers, dates and booleans too.
func (im *importer) imported(v any, f *ir.Field) (any, error) {
	text, ok := v.(string)
	if !ok || v == nil {
		return unquoted(v, f.Value())
	}
	switch t := f.Value().Scalar(); t.Kind {
	case lang.KFloat:
		if im.with.Comma {
			return decimalComma(text, t)
		}
		return plainText(text, t)
	case lang.KInt, lang.KInt64, lang.KBool:
		return plainText(text, t)
	case lang.KDateTime:
		if im.with.DateTime != "" && text != "" {
			return codec.ParseDateTimeAs(text, im.with.DateTime)
		}
	case lang.KBytes:
		return fromBase64(text)
	case lang.KList, lang.KSet, lang.KPQueue, lang.KMap, lang.KEmbedded, lang.KJSON, lang.KVector:
		if text == "" {
			return nil, nil
		}
		if t.Kind == lang.KJSON {
			return codec.ReadJSON(text, f.Type)
		}
		v, err := codec.ReadJSON(text, lang.TypeUnknown) // as in a JSON file: datetimes are text, not numbers
		if err != nil {
			return nil, err
		}
		return unquoted(v, f.Value())
	}
	return text, nil
}

// unquoted converts values inside a JSON value that JSON can only represent as text: 64-bit integers and bytes.
func unquoted(v any, t lang.Type) (any, error) {
	switch v := v.(type) {
	case string:
		switch t.Scalar().Kind {
		case lang.KBytes:
			return fromBase64(v)
		case lang.KInt64:
			if n, err := codec.Parse(v, lang.TypeInt64); err == nil {
				return n, nil
			}
		}
	case []any:
		if t.Elem == nil {
			return v, nil
		}
		out := make([]any, len(v))
		for i, x := range v {
			x, err := unquoted(x, *t.Elem)
			if err != nil {
				return nil, err
			}
			out[i] = x
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, x := range v {
			x, err := unquoted(x, t.Member(name))
			if err != nil {
				return nil, err
			}
			out[name] = x
		}
		return out, nil
	}
	return v, nil
}

// fromBase64 decodes bytes, which files contain as base64.
func fromBase64(text string) (any, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, &codec.Error{Code: lang.CodeBadConversion, Message: lang.Quote(fail.Clip(text, 40)) + " is not valid base64"}
	}
	return lang.Bytes(b), nil
}

// decimalComma parses a float with a decimal comma. A point may be that of thousands, so it is an error.
func decimalComma(text string, t lang.Type) (any, error) {
	if strings.Contains(text, ".") {
		return nil, &codec.Error{Code: lang.CodeBadConversion, Message: lang.Quote(fail.Clip(text, 40)) + " is no float with a decimal comma"}
	}
	return plainText(strings.Replace(text, ",", ".", 1), t)
}

// plainText parses a number or boolean as people write it in files.
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
			return nil, &codec.Error{Code: lang.CodeOverflow, Message: fail.Clip(text, 40) + " is beyond the range of int, where a float rounds integers"}
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
