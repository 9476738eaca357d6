package codec

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Forms in which other programs write values: bool<text> is true or false; datetime<iso> is ISO 8601; datetime<s> and duration<s>
// are decimal seconds, with a fraction if there is one; datetime<ms> and duration<ms> are RQL's own form; duration<ns> is
// nanoseconds. Fractions of a millisecond are rounded down. ref<Model, key> is the name of a document, which contains its key.

func appendVariant(dst []byte, v any, t lang.Type) ([]byte, error) {
	plain := t
	plain.Variant = ""
	switch t.Variant {
	case lang.VariantJSON:
		return AppendNatural(dst, v, plain)
	case lang.VariantBase64:
		return appendBase64(dst, v, plain)
	case lang.VariantKey:
		dst, err := AppendText(append(dst, t.Values[0]...), v, t.Scalar())
		return append(dst, t.Values[1]...), err
	}
	if t.Kind == lang.KBool && t.Variant == "text" {
		b, ok := v.(bool)
		if !ok {
			return dst, wrongKind(v, t)
		}
		return strconv.AppendBool(dst, b), nil
	}
	if t.Kind != lang.KDateTime && t.Kind != lang.KDuration {
		return AppendText(dst, v, plain)
	}
	ms, err := intOf(v, plain)
	if err != nil {
		return dst, err
	}
	switch t.Variant {
	case "iso":
		return append(dst, FormatDateTime(lang.DateTime(ms))...), nil
	case "s":
		return appendSeconds(dst, ms), nil
	case "ns":
		if ms > maxNanoMS || ms < -maxNanoMS {
			return dst, errorf(lang.CodeOverflow, "a duration of %d ms is too long for nanoseconds", ms)
		}
		return strconv.AppendInt(dst, ms*1e6, 10), nil
	}
	return strconv.AppendInt(dst, ms, 10), nil
}

// maxNanoMS is the longest duration, in milliseconds, whose nanoseconds fit
// into 64 bits.
const maxNanoMS = (1<<63 - 1) / 1_000_000

func parseVariant(text string, t lang.Type) (any, error) {
	plain := t
	plain.Variant = ""
	switch {
	case t.Variant == lang.VariantJSON:
		return ParseNatural(text, plain)
	case t.Variant == lang.VariantBase64:
		return parseBase64(text)
	case t.Variant == lang.VariantKey:
		rest, before := strings.CutPrefix(text, t.Values[0])
		key, behind := strings.CutSuffix(rest, t.Values[1])
		if !before || !behind {
			return nil, badValue(text, "not the name of a document of "+t.Model)
		}
		return Parse(key, t.Scalar())
	case t.Kind == lang.KBool && t.Variant == "text":
		switch strings.ToLower(text) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, badValue(text, "not a bool (true or false)")
	case t.Kind == lang.KDateTime && t.Variant == "iso":
		d, err := ParseDateTime(text)
		if err != nil {
			return nil, badValue(text, "not a datetime in ISO 8601")
		}
		return d, nil
	case t.Variant == "s":
		v, ok := readSeconds(text)
		if !ok {
			return nil, badValue(text, "not a number of seconds")
		}
		return parseInt(strconv.FormatInt(v, 10), plain)
	case t.Variant != "ns":
		return Parse(text, plain)
	}
	v, ok := readInt(text)
	if !ok {
		return nil, badValue(text, "not a whole number of nanoseconds")
	}
	return parseInt(strconv.FormatInt(floorDiv(v, 1e6), 10), plain)
}

// appendSeconds writes milliseconds as seconds: 1700000000, 1700000000.5, -0.001.
func appendSeconds(dst []byte, ms int64) []byte {
	if ms < 0 {
		dst, ms = append(dst, '-'), -ms
	}
	dst = strconv.AppendInt(dst, ms/1000, 10)
	if ms%1000 == 0 {
		return dst
	}
	digits := strconv.AppendInt(nil, 1000+ms%1000, 10)
	return append(append(dst, '.'), bytes.TrimRight(digits[1:], "0")...)
}

// maxSecondDigits keeps the milliseconds of a number of seconds within 64 bits.
const maxSecondDigits = 13

// readSeconds parses decimal seconds, with an optional fraction, as
// milliseconds.
func readSeconds(s string) (int64, bool) {
	text, minus := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(text, ".")
	if whole == "" || len(whole) > maxSecondDigits || skipDigits(whole, 0) != len(whole) || len(whole) > 1 && whole[0] == '0' ||
		point && (fraction == "" || skipDigits(fraction, 0) != len(fraction)) {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(fraction + "000")[:3], 10, 64)
	if minus {
		n = -n
		if len(fraction) > 3 && strings.Trim(fraction[3:], "0") != "" {
			n--
		}
	}
	return n, err == nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
