package lua

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// AppendArg is the argument that carries a value of type t to a script, which
// reads it with Arg: ” for null; the text of a number or datetime; 1 or 0; an
// apostrophe and the bytes of a string, enum, bytes, geo or vector; canonical JSON for the rest.
func AppendArg(v any, t lang.Type) (string, error) {
	if v == nil {
		return "", nil
	}
	t.Variant = ""
	if untyped(t) {
		j, err := codec.Convert(v, codec.TypeOfValue(v), lang.TypeJSON)
		if err != nil {
			return "", errorf("argument: %w", err)
		}
		v = j
	}
	t.Null = true
	text, err := codec.Text(v, t)
	if err != nil {
		return "", errorf("argument: %w", err)
	}
	switch t.Repr() {
	case lang.ReprString, lang.ReprBytes, lang.ReprGeo, lang.ReprVector:
		return "'" + text, nil
	case lang.ReprFloat:
		return pointed(text), nil
	}
	return text, nil
}

// untyped reports a type of values that are json in a script.
func untyped(t lang.Type) bool {
	switch t.Kind {
	case lang.KUnknown, lang.KObject:
		return true
	case lang.KList:
		return t.Elem == nil || untyped(*t.Elem)
	}
	return false
}

// pointed gives a number with an exponent a point: without one, some servers
// read only whole numbers.
func pointed(s string) string {
	e := strings.IndexAny(s, "eE")
	if e < 0 || strings.Contains(s, ".") {
		return s
	}
	return s[:e] + ".0" + s[e:]
}
