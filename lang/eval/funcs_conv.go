package eval

import (
	"encoding/hex"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

func cannotRead(v any, as string) error {
	s, ok := v.(string)
	if !ok {
		return faultf(lang.CodeBadConversion, as+"() does not accept this value")
	}
	if len(s) > 40 {
		s = s[:40] + "…"
	}
	return faultf(lang.CodeBadConversion, lang.Quote(s)+" is not "+as)
}

// readInteger parses [+-]digits. The error is overflow if there are too many.
func readInteger(s string) (v int64, ok bool, err error) {
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false, nil
	}
	v, err = strconv.ParseInt(s, 10, 64)
	return v, true, err
}

// toInt is int(x): of text [+-]digits, of a number without a fraction, of a
// bool 1 or 0.
func toInt(v any) (any, error) {
	out, err := toLong(v)
	if n, ok := out.(int64); ok {
		return checkInt(n)
	}
	return out, err
}

// toLong is int64(x): as int(x), with a range of 64 bits.
func toLong(v any) (any, error) {
	switch x := v.(type) {
	case int64:
		return x, nil
	case float64:
		if x == math.Trunc(x) && math.Abs(x) <= lang.MaxInt {
			return int64(x), nil
		}
		return nil, faultf(lang.CodeBadConversion, "a float becomes an int by round(), floor() or ceil()")
	case bool:
		if x {
			return int64(1), nil
		}
		return int64(0), nil
	case lang.Integer:
		return x.Number(), nil
	case string:
		n, ok, err := readInteger(x)
		if !ok {
			return nil, cannotRead(v, "int")
		}
		if err != nil {
			return nil, overflow()
		}
		return n, nil
	}
	return nil, cannotRead(v, "int")
}

// toFloatValue is float(x): of text [+-]digits[.digits][e[+-]digits].
func toFloatValue(v any) (any, error) {
	switch x := v.(type) {
	case float64:
		return x, nil
	case int64:
		return float64(x), nil
	case string:
		if !isDecimal(x) {
			return nil, cannotRead(v, "float")
		}
		f, err := strconv.ParseFloat(x, 64)
		if errors.Is(err, strconv.ErrRange) {
			return nil, faultf(lang.CodeNotFinite, "the number is beyond the range of float")
		}
		if err != nil {
			return nil, cannotRead(v, "float")
		}
		return noMinusZero(f), nil
	}
	return nil, cannotRead(v, "float")
}

// isDecimal reports [+-]digits[.digits][e[+-]digits].
func isDecimal(s string) bool {
	i := 0
	sign := func() {
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
	}
	digits := func() bool {
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > start
	}
	sign()
	if !digits() {
		return false
	}
	if i < len(s) && s[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		sign()
		if !digits() {
			return false
		}
	}
	return i == len(s)
}

// toIntegerOf is datetime(x), duration(x) and similar functions: of text in RQL
// notation, of an int in the stored unit.
func toIntegerOf(v any, k lang.Kind) (any, error) {
	switch x := v.(type) {
	case lang.Integer:
		return x, nil
	case int64:
		return integerOf(x, lang.Type{Kind: k})
	case string:
		return codec.ParseInteger(x, k)
	}
	return nil, cannotRead(v, k.Info().Name)
}

func datetimeAs(args []any) (any, error) {
	s, ok1 := args[0].(string)
	format, ok2 := args[1].(string)
	if !ok1 || !ok2 {
		return nil, wrongArgument("datetime")
	}
	d, err := codec.ParseDateTimeAs(s, format)
	if err != nil {
		return nil, err
	}
	return d, nil
}

func fromHex(v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, wrongArgument("hex")
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, cannotRead(v, "an even number of hexadecimal digits")
	}
	return lang.Bytes(b), nil
}

// datePart is year(t) to second(t), in UTC; weekday(t) is 1 (Monday) to 7
// (Sunday).
func datePart(part string) func(any) (any, error) {
	return func(v any) (any, error) {
		d, ok := v.(lang.DateTime)
		if !ok {
			return nil, wrongArgument(part)
		}
		t := time.UnixMilli(int64(d)).UTC()
		n := 0
		switch part {
		case "year":
			n = t.Year()
		case "month":
			n = int(t.Month())
		case "day":
			n = t.Day()
		case "hour":
			n = t.Hour()
		case "minute":
			n = t.Minute()
		case "second":
			n = t.Second()
		case "weekday":
			n = (int(t.Weekday())+6)%7 + 1
		}
		return int64(n), nil
	}
}

// dateTrunc is date_trunc(unit, t).
func dateTrunc(args []any) (any, error) {
	unit, ok1 := args[0].(string)
	d, ok2 := args[1].(lang.DateTime)
	if !ok1 || !ok2 {
		return nil, wrongArgument("date_trunc")
	}
	t := time.UnixMilli(int64(d)).UTC()
	y, m, day := t.Date()
	switch unit {
	case "year":
		t = time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
	case "month":
		t = time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	case "week": // begins on Monday
		t = time.Date(y, m, day-(int(t.Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
	case "day":
		t = time.Date(y, m, day, 0, 0, 0, 0, time.UTC)
	case "hour":
		t = time.Date(y, m, day, t.Hour(), 0, 0, 0, time.UTC)
	case "minute":
		t = time.Date(y, m, day, t.Hour(), t.Minute(), 0, 0, time.UTC)
	case "second":
		t = time.Date(y, m, day, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	default:
		return nil, faultf(lang.CodeBadArgument, "date_trunc takes 'year', 'month', 'week', 'day', 'hour', 'minute' or 'second'")
	}
	return lang.DateTime(t.UnixMilli()), nil
}
