package exec

import (
	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// constantDocs converts the documents of a RESTORE to a model. It reports false for those that the checker of the language would reject, or
// convert in another way than a value from outside: it accepts only what both treat alike.
func constantDocs(m *ir.Model, docs [][]parser.Member) ([]any, bool) {
	out := make([]any, len(docs))
	for i, doc := range docs {
		d := bind.NewFitted(m)
		for _, e := range doc {
			f := m.Lookup(e.Name)
			if f == nil || d.Has(f) || !constant(e.Value, f.Value(), f.Emb) || d.Restore(f, e.Value) != nil {
				return nil, false
			}
		}
		if d.Complete() != nil {
			return nil, false
		}
		out[i] = d
	}
	return out, true
}

// constant reports whether a constant stands for a value of type t, as it does where such a value is required. emb is the model of an
// embedded value.
func constant(v any, t lang.Type, emb *ir.Model) bool {
	if v == nil {
		return t.Null
	}
	switch t.Kind {
	case lang.KRef:
		return constant(v, t.Scalar(), nil)
	case lang.KString, lang.KText, lang.KEnum, lang.KDateTime, lang.KGeo:
		_, ok := v.(string)
		return ok
	case lang.KInt, lang.KInt64:
		_, ok := v.(int64)
		return ok
	case lang.KFloat:
		switch v.(type) {
		case int64, float64:
			return true
		}
	case lang.KBool:
		_, ok := v.(bool)
		return ok
	case lang.KDuration:
		_, ok := v.(lang.Duration)
		return ok
	case lang.KBytes:
		_, ok := v.(lang.Bytes)
		return ok
	case lang.KVector:
		return constants(v, lang.TypeFloat)
	case lang.KList:
		return t.Elem != nil && constants(v, *t.Elem)
	case lang.KMap:
		members, ok := v.(map[string]any)
		for _, x := range members {
			ok = ok && t.Elem != nil && constant(x, *t.Elem, nil)
		}
		return ok
	case lang.KEmbedded:
		members, ok := v.(map[string]any)
		for name, x := range members {
			f := (*ir.Field)(nil)
			if emb != nil {
				f = emb.Lookup(name)
			}
			ok = ok && f != nil && constant(x, f.Value(), f.Emb)
		}
		return ok
	case lang.KJSON:
		return plain(v)
	}
	return false
}

// constants is constant for the elements of a list.
func constants(v any, elem lang.Type) bool {
	list, ok := v.([]any)
	for _, x := range list {
		ok = ok && constant(x, elem, nil)
	}
	return ok
}

// plain reports whether a value is the same in json.
func plain(v any) bool {
	switch v := v.(type) {
	case nil, bool, string, float64:
		return true
	case int64:
		return v <= lang.MaxInt && v >= -lang.MaxInt
	case []any:
		for _, x := range v {
			if !plain(x) {
				return false
			}
		}
		return true
	case map[string]any:
		for _, x := range v {
			if !plain(x) {
				return false
			}
		}
		return true
	}
	return false
}
