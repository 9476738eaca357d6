package codec

import (
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// How foreign programs write a value: bool<text> is true or false;
// datetime<iso> is RFC 3339, datetime<s> whole seconds, datetime<ms> RQL's own
// form; duration<ns>, duration<s>, duration<ms> count nanoseconds, seconds,
// milliseconds. What is finer than the unit is cut downwards.

func appendVariant(dst []byte, v any, t lang.Type) ([]byte, error) {
	plain := t
	plain.Variant = ""
	switch t.Variant {
	case lang.VariantJSON:
		return AppendNatural(dst, v, plain)
	case lang.VariantBase64:
		return appendBase64(dst, v, plain)
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
		return strconv.AppendInt(dst, floorDiv(ms, 1000), 10), nil
	case "ns":
		if ms > maxNanoMS || ms < -maxNanoMS {
			return dst, errorf(lang.CodeOverflow, "a duration of %d ms is too long for nanoseconds", ms)
		}
		return strconv.AppendInt(dst, ms*1e6, 10), nil
	}
	return strconv.AppendInt(dst, ms, 10), nil
}

// maxNanoMS is the longest duration, in milliseconds, whose nanoseconds fit into 64 bits.
const maxNanoMS = (1<<63 - 1) / 1_000_000

func parseVariant(text string, t lang.Type) (any, error) {
	plain := t
	plain.Variant = ""
	switch {
	case t.Variant == lang.VariantJSON:
		return ParseNatural(text, plain)
	case t.Variant == lang.VariantBase64:
		return parseBase64(text)
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
	case t.Variant != "s" && t.Variant != "ns":
		return Parse(text, plain)
	}
	v, ok := readInt(text)
	if !ok {
		return nil, badValue(text, "not a whole number of "+t.Variant)
	}
	if t.Variant == "ns" {
		v = floorDiv(v, 1e6)
	} else {
		if v > lang.MaxInt/1000 || v < -lang.MaxInt/1000 {
			return nil, badValue(text, "too many seconds")
		}
		v *= 1000
	}
	return parseInt(strconv.FormatInt(v, 10), plain)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
