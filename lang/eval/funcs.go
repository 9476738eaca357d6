package eval

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// unary returns the function of one non-null argument; nil if there is none.
func unary(x *ir.Call) func(any) (any, error) {
	from := x.Args[0].Type()
	if k, ok := lang.FindKind(x.Fn); ok && k.Info().Make != nil {
		return func(v any) (any, error) { return toIntegerOf(v, k) }
	}
	switch x.Fn {
	case "len":
		return length
	case "lower":
		return ofText(lower)
	case "upper":
		return ofText(upper)
	case "trim":
		return ofText(func(s string) string { return strings.Trim(s, " \t\n\v\f\r") })
	case "string":
		return func(v any) (any, error) { return toText(v, from) }
	case "hex":
		return fromHex
	case "abs":
		return abs
	case "round":
		return func(v any) (any, error) { return toInteger(v, math.Round) }
	case "floor":
		return func(v any) (any, error) { return toInteger(v, math.Floor) }
	case "ceil":
		return func(v any) (any, error) { return toInteger(v, math.Ceil) }
	case "sqrt":
		return func(v any) (any, error) { return finite(math.Sqrt(toFloat(v))) }
	case "int":
		return toInt
	case "int64":
		return toLong
	case "float":
		return toFloatValue
	case "year", "month", "day", "hour", "minute", "second", "weekday":
		return datePart(x.Fn)
	case "lon", "lat":
		return coordinate(x.Fn == "lon")
	}
	return nil
}

// nary returns the function of several non-null arguments; nil if there is
// none.
func nary(x *ir.Call) func([]any) (any, error) {
	switch x.Fn {
	case "substr":
		return substr
	case "replace":
		return replace
	case "union", "intersect", "difference":
		return func(args []any) (any, error) { return sets(x.Fn, args) }
	case "round":
		return roundDigits
	case "datetime":
		return datetimeAs
	case "date_trunc":
		return dateTrunc
	case "range":
		return numbers
	case "point":
		return point
	case "distance":
		return distanceOf(x)
	}
	return nil
}

func wrongArgument(fn string) error {
	return faultf(lang.CodeBadConversion, fn+"() does not accept this value")
}

func ofText(f func(string) string) func(any) (any, error) {
	return func(v any) (any, error) {
		s, ok := v.(string)
		if !ok {
			return nil, wrongArgument("a text function")
		}
		return f(s), nil
	}
}

// lower changes only A to Z, as every server does.
func lower(s string) string { return mapASCII(s, 'A', 'Z', 0x20) }

func upper(s string) string { return mapASCII(s, 'a', 'z', 0x20) }

func mapASCII(s string, from, to, flip byte) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= from && s[i] <= to {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= from && b[i] <= to {
					b[i] ^= flip
				}
			}
			return string(b)
		}
	}
	return s
}

// length counts the code points of a string, the bytes of bytes, the elements
// of a list, the members of a map.
func length(v any) (any, error) {
	switch x := v.(type) {
	case string:
		return int64(utf8.RuneCountInString(x)), nil
	case lang.Bytes:
		return int64(len(x)), nil
	case []any:
		return int64(len(x)), nil
	case map[string]any:
		return int64(len(x)), nil
	}
	return nil, wrongArgument("len")
}

// substr is substr(s, from[, n]) in code points from 0. A negative from counts
// from the end, like a list index; the range is clipped to the string.
func substr(args []any) (any, error) {
	if b, ok := args[0].(lang.Bytes); ok {
		return subBytes(b, args[1:])
	}
	s, ok := args[0].(string)
	from, ok2 := args[1].(int64)
	n := int64(math.MaxInt64)
	if len(args) > 2 {
		var ok3 bool
		n, ok3 = args[2].(int64)
		ok2 = ok2 && ok3
	}
	if !ok || !ok2 {
		return nil, wrongArgument("substr")
	}
	if from < 0 {
		from = max(from+int64(utf8.RuneCountInString(s)), 0)
	}
	start := skipRunes(s, from)
	return s[start : start+skipRunes(s[start:], n)], nil
}

// subBytes is substr of bytes.
func subBytes(b lang.Bytes, args []any) (any, error) {
	from, ok := args[0].(int64)
	size := int64(len(b))
	n := size
	if len(args) > 1 && ok {
		n, ok = args[1].(int64)
	}
	if !ok {
		return nil, wrongArgument("substr")
	}
	if from < 0 {
		from = max(from+size, 0)
	}
	from = min(from, size)
	return b[from : from+max(min(n, size-from), 0)], nil
}

// skipRunes returns the offset in bytes after n code points, or the length if
// there are fewer.
func skipRunes(s string, n int64) int {
	i := 0
	for ; n > 0 && i < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return i
}

// replace is replace(s, old, new) of every occurrence; an empty old changes nothing.
func replace(args []any) (any, error) {
	if b, ok := args[0].(lang.Bytes); ok {
		old, ok1 := args[1].(lang.Bytes)
		with, ok2 := args[2].(lang.Bytes)
		if !ok1 || !ok2 {
			return nil, wrongArgument("replace")
		}
		v, err := replace([]any{string(b), string(old), string(with)})
		s, _ := v.(string)
		return lang.Bytes(s), err
	}
	s, ok1 := args[0].(string)
	old, ok2 := args[1].(string)
	with, ok3 := args[2].(string)
	if !ok1 || !ok2 || !ok3 {
		return nil, wrongArgument("replace")
	}
	if old == "" {
		return s, nil
	}
	if len(s)+strings.Count(s, old)*(len(with)-len(old)) > lang.MaxString {
		return nil, tooLong()
	}
	return strings.ReplaceAll(s, old, with), nil
}

func abs(v any) (any, error) {
	switch x := v.(type) {
	case int64:
		if x < 0 {
			return -x, nil
		}
		return x, nil
	case float64:
		return math.Abs(x), nil
	case lang.Integer:
		return x.Kind().Info().Value(max(x.Number(), -x.Number())), nil
	}
	return nil, wrongArgument("abs")
}

// toInteger converts a float to an int.
func toInteger(v any, whole func(float64) float64) (any, error) {
	switch x := v.(type) {
	case int64:
		return x, nil
	case float64:
		f := whole(x)
		if !(math.Abs(f) <= lang.MaxInt) {
			return nil, overflow()
		}
		return int64(f), nil
	}
	return nil, wrongArgument("round")
}

// roundDigits is round(x, digits): to a digit after the decimal point, or
// before it if negative, half away from zero by the decimal text of x, so that
// round(2.675, 2) is 2.68. Of an int it is an int, of a float a float.
func roundDigits(args []any) (any, error) {
	digits, ok := args[1].(int64)
	if !ok {
		return nil, wrongArgument("round")
	}
	i, isInt := args[0].(int64)
	if isInt && digits >= 0 {
		return i, nil
	}
	f, err := roundAt(toFloat(args[0]), digits)
	if err != nil {
		return nil, err
	}
	if isInt {
		return toInteger(f, math.Round)
	}
	return finite(f)
}

// maxRoundDigits exceeds the number of digits of any float on either side of
// the point.
const maxRoundDigits = 400

func roundAt(f float64, at int64) (float64, error) {
	if f == 0 || at > maxRoundDigits {
		return f, nil
	}
	if at < -maxRoundDigits {
		return 0, nil
	}
	text := codec.AppendFloat(nil, math.Abs(f))
	mantissa, exponent, _ := strings.Cut(string(text), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exp, _ := strconv.Atoi(exponent)
	digits := []byte("0" + whole + fraction) // room for a carry
	keep := 1 + len(whole) + exp + int(at)   // of digits
	switch {
	case keep < 1:
		return 0, nil
	case keep >= len(digits):
		return f, nil
	}
	up := digits[keep] >= '5'
	digits = digits[:keep]
	for i := keep - 1; up; i-- {
		digits[i]++
		if up = digits[i] > '9'; up {
			digits[i] = '0'
		}
	}
	out, err := strconv.ParseFloat(string(digits)+"e"+strconv.FormatInt(-at, 10), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, err
	}
	return math.Copysign(out, f), nil
}

// maxRange bounds the length of the list that range(a, b) returns.
const maxRange = 100_000

// numbers is range(a, b), both ends included; empty if b < a.
func numbers(args []any) (any, error) {
	a, ok1 := args[0].(int64)
	b, ok2 := args[1].(int64)
	if !ok1 || !ok2 {
		return nil, wrongArgument("range")
	}
	if b-a >= maxRange {
		return nil, faultf(lang.CodeBadArgument, "range(a, b) counts at most 100000 numbers")
	}
	out := make([]any, 0, max(b-a+1, 0))
	for ; a <= b; a++ {
		out = append(out, a)
	}
	return out, nil
}

// toText is string(x): numbers and json as they are stored, true and false, a datetime in ISO 8601, a duration in RQL notation,
// bytes if they are valid UTF-8.
func toText(v any, from lang.Type) (any, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case bool:
		if x {
			return "true", nil
		}
		return "false", nil
	case lang.Integer:
		return codec.FormatInteger(x), nil
	case lang.Geo:
		return string(x), nil
	case lang.Bytes:
		if !utf8.ValidString(string(x)) {
			return nil, faultf(lang.CodeInvalidUTF8, "the bytes are not UTF-8")
		}
		return string(x), nil
	case int64:
		return codec.Text(x, lang.TypeInt64)
	case float64:
		return codec.Text(x, lang.TypeFloat)
	}
	return codec.Text(v, from)
}
