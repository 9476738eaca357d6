package codec

import (
	"encoding/base64"
	"maps"
	"slices"

	"github.com/rql-lang/rql/lang"
)

// AppendNatural appends a value of type t in the form it has in a document
// stored as JSON. The members of an embedded value are in the order of its
// fields, including nulls.
func AppendNatural(dst []byte, v any, t lang.Type) ([]byte, error) {
	if v == nil {
		t.Variant = ""
		return AppendJSON(dst, nil, t)
	}
	switch {
	case t.Variant == lang.VariantKey:
		text, err := Text(v, t)
		return appendQuoted(dst, text), err
	case t.Kind == lang.KRef:
		t = t.Scalar()
	}
	switch t.Repr() {
	case lang.ReprLong, lang.ReprInt, lang.ReprBool:
		return appendForm(dst, v, t)
	}
	switch t.Kind {
	case lang.KList:
		if list, ok := v.([]any); ok {
			out, err := naturalList(dst, list, elemOf(t))
			return bounded(out, len(dst), t, err)
		}
	case lang.KMap:
		if m, ok := v.(map[string]any); ok {
			out, err := naturalMap(dst, m, elemOf(t))
			return bounded(out, len(dst), t, err)
		}
	case lang.KEmbedded:
		if m, ok := v.(map[string]any); ok && len(t.Cols) > 0 {
			return naturalMembers(dst, m, t.Cols)
		}
	}
	t.Variant = ""
	return AppendJSON(dst, v, t)
}

// appendForm appends a scalar whose form is a text or a number.
func appendForm(dst []byte, v any, t lang.Type) ([]byte, error) {
	switch t = t.InJSON(); {
	case t.Kind == lang.KBool && t.Variant == "":
		return AppendJSON(dst, v, t)
	case FormOf(t) == FormString:
		text, err := Text(v, t)
		return appendQuoted(dst, text), err
	}
	return AppendText(dst, v, t)
}

func naturalList(dst []byte, list []any, elem lang.Type) ([]byte, error) {
	dst = append(dst, '[')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = AppendNatural(dst, e, elem); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func naturalMap(dst []byte, m map[string]any, elem lang.Type) ([]byte, error) {
	dst = append(dst, '{')
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		if err := checkUTF8(name); err != nil {
			return dst, err
		}
		dst = append(appendQuoted(dst, name), ':')
		var err error
		if dst, err = AppendNatural(dst, m[name], elem); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func naturalMembers(dst []byte, m map[string]any, cols []lang.Col) ([]byte, error) {
	dst = append(dst, '{')
	for i := range cols {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, cols[i].Name), ':')
		var err error
		if dst, err = AppendNatural(dst, m[cols[i].Name], cols[i].Type); err != nil {
			return dst, err
		}
	}
	for name := range m {
		if _, ok := colOf(lang.Type{Cols: cols}, name); !ok {
			return dst, errorf(lang.CodeBadConversion, "there is no member %s here", lang.Quote(name))
		}
	}
	return append(dst, '}'), nil
}

// ParseNatural parses what AppendNatural writes. Members of an embedded value
// that its model does not have are ignored. Every error has the code bad-value.
func ParseNatural(text string, t lang.Type) (any, error) {
	t.Variant = ""
	return parseJSON(text, t, jsonReader{natural: true})
}

// appendBase64 writes bytes as base64.
func appendBase64(dst []byte, v any, t lang.Type) ([]byte, error) {
	text, err := Text(v, t)
	return base64.StdEncoding.AppendEncode(dst, []byte(text)), err
}

// parseBase64 decodes the stored text of bytes in a document stored as JSON.
func parseBase64(text string) (any, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, badValue(text, "not base64")
	}
	return lang.Bytes(b), nil
}
