package judge

import (
	"encoding/base64"
	"math"
	"strconv"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// converted returns the value of a conversion whose source type was not known,
// such as that of a parameter.
func (s *scope) converted(v any, x *ir.Convert) (any, error) {
	if k := x.X.Type().Kind; k != lang.KUnknown && k != lang.KObject || x.T.Kind == lang.KJSON {
		return convert(v, x.X.Type(), x.T)
	}
	out, err := s.value(v, x.T, "", x.Sp)
	if err != nil {
		return nil, err
	}
	return out, s.lacking(out, x.T)
}

// lacking rejects an embedded value that lacks a required member.
func (s *scope) lacking(v any, t lang.Type) error {
	switch v := v.(type) {
	case doc:
		if t.Kind != lang.KEmbedded {
			return nil
		}
		for _, f := range s.r.inside(t) {
			if v[f.Name] == nil && !f.Type.Null {
				return fail(lang.CodeNullValue, "%s lacks %s", t, f.Name)
			}
			if err := s.lacking(v[f.Name], f.Type); err != nil {
				return err
			}
		}
	case []any:
		for _, e := range v {
			if err := s.lacking(e, elem(t)); err != nil {
				return err
			}
		}
	}
	return nil
}

// convert applies implicit conversions.
func convert(v any, from, to lang.Type) (any, error) {
	if v == nil {
		return nil, nil
	}
	if to.Kind == lang.KJSON {
		return jsonOf(v, from), nil
	}
	if to.Kind == lang.KVector {
		out, f := fit(v, to)
		if f != nil {
			return nil, f
		}
		return out, nil
	}
	switch x := v.(type) {
	case []any:
		if to.Kind == lang.KList && to.Elem != nil {
			out := make([]any, len(x))
			for i, e := range x {
				var err error
				if out[i], err = convert(e, elem(from), *to.Elem); err != nil {
					return nil, err
				}
			}
			return out, nil
		}
		return v, nil
	case map[string]any:
		if to.Kind == lang.KMap && to.Elem != nil {
			out := make(map[string]any, len(x))
			for k, e := range x {
				var err error
				if out[k], err = convert(e, member(from, k), *to.Elem); err != nil {
					return nil, err
				}
			}
			return out, nil
		}
		return v, nil
	}
	out, f := fit(v, to)
	if f != nil {
		return nil, f
	}
	return out, nil
}

func elem(t lang.Type) lang.Type {
	if t.Elem != nil {
		return *t.Elem
	}
	return lang.TypeUnknown
}

// member returns the type of a named member.
func member(t lang.Type, name string) lang.Type {
	for _, c := range t.Cols {
		if c.Name == name {
			return c.Type
		}
	}
	if t.Kind == lang.KMap {
		return elem(t)
	}
	return lang.TypeUnknown
}

// jsonOf converts any value to json. Numbers have a single type there: one
// without decimal point and exponent reads back as an int. Times are
// milliseconds, an int64 is text, bytes are base64, and a null field of a
// document is omitted.
func jsonOf(v any, from lang.Type) any {
	switch v := v.(type) {
	case int64:
		if from.Kind == lang.KInt64 || from.Kind != lang.KJSON && (v > lang.MaxInt || v < -lang.MaxInt) {
			return strconv.FormatInt(v, 10)
		}
	case float64:
		if v == math.Trunc(v) && math.Abs(v) <= lang.MaxInt {
			return int64(v)
		}
	case lang.Integer:
		return v.Number()
	case lang.Geo:
		return string(v)
	case lang.Vector:
		out := []any{}
		for _, x := range elements(v) {
			out = append(out, jsonOf(x, lang.TypeFloat))
		}
		return out
	case lang.Bytes:
		return base64.StdEncoding.EncodeToString([]byte(v))
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = jsonOf(x, elem(from))
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			j := jsonOf(x, member(from, k))
			if j == nil && (from.Kind == lang.KEmbedded || from.Kind == lang.KRow) {
				continue
			}
			out[k] = j
		}
		return out
	}
	return v
}

// widen converts an int to a float where a float is expected.
func widen(v any, t lang.Type) any {
	if n, ok := v.(int64); ok && t.Kind == lang.KFloat {
		return float64(n)
	}
	return v
}
