package codec

import (
	"strings"

	"github.com/rql-lang/rql/lang"
)

// advised lists, per kind, the types that are tried when a stored text does not fit, in order.
var advised = map[lang.Kind][]lang.Type{
	lang.KBool:     {lang.TypeBool, {Kind: lang.KBool, Variant: "text"}},
	lang.KInt:      {lang.TypeInt64, lang.TypeFloat},
	lang.KInt64:    {lang.TypeFloat},
	lang.KDateTime: {{Kind: lang.KDateTime, Variant: lang.VariantISO}, {Kind: lang.KDateTime, Variant: "s"}, {Kind: lang.KDateTime, Variant: "ms"}},
	lang.KDuration: {{Kind: lang.KDuration, Variant: "s"}, {Kind: lang.KDuration, Variant: "ns"}},
	lang.KString:   {lang.TypeBytes},
	lang.KText:     {lang.TypeBytes},
}

// Advice returns a type, as written in a model, that reads a stored text that does not fit the stored type t; "" if there is
// none. inJSON says that the text is a member of a document, as returned by Members.Read.
func Advice(t lang.Type, text string, inJSON bool) string {
	switch {
	case t.Variant == lang.VariantKey:
		plain := t
		plain.Variant = ""
		if _, err := Parse(text, plain); err == nil && !inJSON {
			return plain.String()
		}
		return ""
	case t.Kind == lang.KRef:
		t = t.Scalar()
	}
	if _, err := Parse(text, t); err == nil {
		return ""
	}
	text, form := standing(text, t)
	for _, a := range advised[t.Kind] {
		stored := a
		if inJSON {
			stored = a.InJSON()
		}
		if inJSON && FormOf(stored) != form || a.Kind == lang.KFloat && !strings.ContainsAny(text, ".eE") {
			continue
		}
		v, err := Parse(text, stored)
		if d, ok := v.(lang.DateTime); err != nil || ok && a.Variant == "s" && d > lastSeconds {
			continue
		}
		return a.String()
	}
	return ""
}

// lastSeconds is in the year 5138. As milliseconds the same number is in 1973, so a larger number is probably in milliseconds.
const lastSeconds = lang.DateTime(1e14)

// standing returns a text without the mark of a member that does not fit, and the form that it has.
func standing(text string, t lang.Type) (string, Form) {
	raw, ok := strings.CutPrefix(text, Misfit)
	if !ok || raw == "" {
		return text, FormOf(t)
	}
	switch c := raw[0]; {
	case c == '"':
		p := jsonReader{s: raw}
		if s, err := p.str(); err == nil {
			return s, FormString
		}
	case raw == "true":
		return "1", FormBool
	case raw == "false":
		return "0", FormBool
	case c == '-' || isDigit(c):
		return raw, FormNumber
	}
	return raw, FormAny
}

// MaybeNanoseconds reports whether a stored duration, read as milliseconds, was probably written in nanoseconds by a Go program:
// a whole number of milliseconds, and at least a second. Read as milliseconds, such a number is more than eleven days; multiples
// of a day below a hundred years are excluded.
func MaybeNanoseconds(ms int64) bool {
	const second, day = 1_000_000_000, 86_400_000
	if ms < 0 {
		ms = -ms
	}
	return ms >= second && ms%1_000_000 == 0 && (ms%day != 0 || ms > 36_525*day)
}
