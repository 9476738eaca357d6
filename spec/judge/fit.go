package judge

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// normal converts a caller's value to the types of package lang.
func normal(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case []byte:
		return lang.Bytes(v)
	case time.Time:
		return lang.DateTime(v.UnixMilli())
	case time.Duration:
		return lang.Duration(math.Floor(float64(v) / 1e6))
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = normal(x)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = normal(x)
		}
		return out
	}
	return v
}

// TypesOf infers the types of a call's parameters from their values.
func TypesOf(params map[string]any) map[string]lang.Type {
	out := map[string]lang.Type{}
	for name, v := range params {
		out[name] = typeOf(v)
	}
	return out
}

func typeOf(v any) lang.Type {
	switch v := v.(type) {
	case nil:
		return lang.TypeNull
	case bool:
		return lang.TypeBool
	case int64:
		if v > lang.MaxInt || v < -lang.MaxInt {
			return lang.TypeInt64
		}
		return lang.TypeInt
	case float64:
		return lang.TypeFloat
	case string:
		return lang.TypeString
	case lang.Bytes:
		return lang.TypeBytes
	case lang.Geo:
		return lang.TypeGeo
	case lang.Vector:
		return lang.VectorOf(len(v) / 4)
	case lang.Integer:
		return lang.Type{Kind: v.Kind()}
	case []any:
		return lang.ListOf(commonType(v))
	case map[string]any:
		return lang.Type{Kind: lang.KObject}
	}
	return lang.TypeUnknown
}

// commonType is the type of all elements: null if some are null, float for ints
// and floats together, unknown if they do not agree.
func commonType(xs []any) lang.Type {
	out, null := lang.TypeNull, false
	if len(xs) == 0 {
		return lang.TypeUnknown
	}
	for _, x := range xs {
		switch t := typeOf(x); {
		case t.Kind == lang.KNull:
			null = true
		case out.Kind == lang.KNull:
			out = t
		case out.IsNumber() && t.IsNumber() && out.Kind != t.Kind:
			out = lang.TypeFloat
		case (out.Kind == lang.KInt || out.Kind == lang.KInt64) && (t.Kind == lang.KInt || t.Kind == lang.KInt64):
			if t.Kind == lang.KInt64 {
				out = t
			}
		case !out.Same(t):
			return lang.TypeUnknown
		}
	}
	out.Null = null || out.Kind == lang.KNull
	return out
}

// fit converts a value given by a caller to a type, or says why it cannot.
func fit(v any, t lang.Type) (any, *failure) {
	if d, ok := v.(map[string]any); ok && t.Kind == lang.KRecord {
		return fitRecord(d, t)
	}
	switch t.Kind {
	case lang.KUnknown, lang.KObject, lang.KRow, lang.KRecord, lang.KJSON, lang.KNull, lang.KEmbedded:
		return v, fitText(v)
	}
	if v == nil {
		if t.Null {
			return nil, nil
		}
		return nil, fail(lang.CodeNullValue, "null where %s is needed", t)
	}
	switch t.Kind {
	case lang.KList, lang.KMap:
		return fitMembers(v, t)
	case lang.KRef:
		return fit(v, t.Scalar())
	}
	return fitScalar(v, t)
}

// fitText rejects strings, at any depth, that are not UTF-8.
func fitText(v any) *failure {
	switch v := v.(type) {
	case string:
		if !utf8.ValidString(v) {
			return fail(lang.CodeInvalidUTF8, "%q is not UTF-8", v)
		}
	case []any:
		for _, x := range v {
			if f := fitText(x); f != nil {
				return f
			}
		}
	case map[string]any:
		for k, x := range v {
			if f := fitText(k); f != nil {
				return f
			}
			if f := fitText(x); f != nil {
				return f
			}
		}
	}
	return nil
}

// fitRecord fits an object whose members are known.
func fitRecord(d map[string]any, t lang.Type) (any, *failure) {
	out := map[string]any{}
	for _, c := range t.Cols {
		out[c.Name] = nil
	}
	for name, v := range d {
		i := slices.IndexFunc(t.Cols, func(c lang.Col) bool { return c.Name == name })
		if i < 0 {
			return nil, fail(lang.CodeUnknownField, "%s is no member of %s", name, t)
		}
		var f *failure
		if out[name], f = fit(v, t.Cols[i].Type); f != nil {
			return nil, f
		}
	}
	return out, nil
}

func fitMembers(v any, t lang.Type) (any, *failure) {
	elem := lang.TypeUnknown
	if t.Elem != nil {
		elem = *t.Elem
	}
	var f *failure
	switch v := v.(type) {
	case []any:
		if t.Kind != lang.KList {
			break
		}
		out := make([]any, len(v))
		for i, x := range v {
			if out[i], f = fit(x, elem); f != nil {
				return nil, f
			}
		}
		return out, nil
	case map[string]any:
		if t.Kind != lang.KMap {
			break
		}
		out := make(map[string]any, len(v))
		for k, x := range v {
			if f = fitText(k); f != nil {
				return nil, f
			}
			if out[k], f = fit(x, elem); f != nil {
				return nil, f
			}
		}
		return out, nil
	}
	return nil, fail(lang.CodeBadConversion, "a %T where %s is needed", v, t)
}

func fitScalar(v any, t lang.Type) (any, *failure) {
	bad := fail(lang.CodeBadConversion, "%v (%T) where %s is needed", v, v, t)
	switch t.Kind {
	case lang.KBool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case lang.KInt:
		if n, ok := v.(int64); ok {
			if n > lang.MaxInt || n < -lang.MaxInt {
				return nil, fail(lang.CodeOverflow, "%d is beyond the range of int", n)
			}
			return n, nil
		}
	case lang.KInt64:
		if n, ok := v.(int64); ok {
			return n, nil
		}
	case lang.KFloat:
		switch n := v.(type) {
		case int64:
			if n > lang.MaxInt || n < -lang.MaxInt {
				return nil, fail(lang.CodeOverflow, "a float rounds %d", n)
			}
			return float64(n), nil
		case float64:
			return finite(n)
		}
	default:
		if t.Kind.Info().Make != nil {
			return fitWhole(v, t.Kind, bad)
		}
		return fitText2(v, t, bad)
	}
	return nil, bad
}

func fitText2(v any, t lang.Type, bad *failure) (any, *failure) {
	switch t.Kind {
	case lang.KGeo:
		return fitGeo(v, bad)
	case lang.KVector:
		return fitVector(v, t, bad)
	case lang.KBytes:
		switch x := v.(type) {
		case lang.Bytes:
			return x, nil
		case string:
			return lang.Bytes(x), nil
		}
	case lang.KString, lang.KText:
		if x, ok := v.(string); ok {
			return x, fitText(x)
		}
	case lang.KEnum:
		if x, ok := v.(string); ok {
			for _, name := range t.Values {
				if x == name {
					return x, nil
				}
			}
			return nil, fail(lang.CodeBadConversion, "%q is none of %s", x, t)
		}
	}
	return nil, bad
}

// inside lists the fields of an embedded value: those of its model except an
// implicit key.
func (r *run) inside(t lang.Type) []*ir.Field {
	return r.schema.Model(t.Model).Inside(t)
}

// fieldFor is the field of a name; of another name, the only one that differs
// from it just in the case of letters and in underscores.
func fieldFor(fields []*ir.Field, name string) *ir.Field {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }
	var like []*ir.Field
	for _, f := range fields {
		if f.Name == name {
			return f
		}
		if plain(f.Name) == plain(name) {
			like = append(like, f)
		}
	}
	if len(like) == 1 {
		return like[0]
	}
	return nil
}

// complete builds a document from the given fields: absent ones get their
// default or null.
func (s *scope) complete(name string, fields []*ir.Field, given map[string]any, sp lang.Span) (doc, error) {
	named := make(map[string]any, len(given))
	for k, v := range given {
		if m := s.r.schema.Model(name); m != nil && m.Aliases[k] != "" {
			k = m.Aliases[k]
		}
		f := fieldFor(fields, k)
		if f == nil {
			return nil, fail(lang.CodeUnknownField, "%s has no field %q", name, k).in(sp)
		}
		if _, twice := named[f.Name]; twice {
			return nil, fail(lang.CodeDuplicateField, "the field %s of %s is given twice", f.Name, name).in(sp)
		}
		named[f.Name] = v
	}
	given = named
	out := doc{}
	for _, f := range fields {
		v, has := given[f.Name]
		if has && f.Revision && !s.restore {
			return nil, fail(lang.CodeRevisionSet, "%s: the revision %s is never given", name, f.Name).in(sp)
		}
		if !has && f.Collection() {
			out[f.Name] = []any{}
			continue
		}
		if !has {
			if f.Default != nil {
				inner := &scope{r: s.r, row: out}
				var err error
				if v, err = inner.eval(f.Default); err != nil {
					return nil, err
				}
			}
			out[f.Name] = v
			continue
		}
		v, err := s.value(v, f.Value(), f.Name, sp)
		if err != nil {
			return nil, err
		}
		if f.Collection() && v != nil {
			var bad *failure
			if v, bad = collect(v, f.Type); bad != nil {
				return nil, bad.in(sp)
			}
		}
		out[f.Name] = v
	}
	return out, nil
}

// value fits a given value to a field, including embedded models at any depth.
func (s *scope) value(v any, t lang.Type, name string, sp lang.Span) (any, error) {
	if v == nil {
		return nil, nil // the complete document is checked for nulls
	}
	if t.Kind == lang.KEmbedded {
		given, ok := v.(map[string]any)
		if !ok {
			return nil, fail(lang.CodeBadConversion, "%s: a %T where %s is needed", name, v, t).in(sp)
		}
		return s.complete(t.Model, s.r.inside(t), given, sp)
	}
	if xs, ok := v.([]any); ok && t.Kind == lang.KList {
		out := make([]any, len(xs))
		for i, x := range xs {
			var err error
			if out[i], err = s.value(x, *t.Elem, name, sp); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	out, f := fit(v, t)
	if f != nil {
		f.msg = fmt.Sprintf("%s: %s", name, f.msg)
		return nil, f.in(sp)
	}
	return out, nil
}
