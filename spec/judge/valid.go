package judge

import (
	"math"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// valid checks everything about a document except its index entries.
func (r *run) valid(m *ir.Model, d doc) *failure {
	if f := r.validFields(m.Fields, d, ""); f != nil {
		return f
	}
	return r.checked(m, d)
}

// checked evaluates the CHECKs of a model.
func (r *run) checked(m *ir.Model, d doc) *failure {
	for _, c := range m.Checks {
		if c.Col != nil && path(d, c.Col.Name) == nil {
			continue
		}
		ok, err := (&scope{r: r, row: d}).truth(c.Cond)
		if err != nil {
			return asFailure(err)
		}
		if !ok {
			return fail(lang.CodeCheckFailed, "%s: CHECK %s does not hold", m.Name, c.Text)
		}
	}
	return nil
}

func (r *run) validFields(fields []*ir.Field, d doc, prefix string) *failure {
	for _, f := range fields {
		v := d[f.Name]
		if v == nil {
			if !f.Type.Null {
				return fail(lang.CodeRequired, "%s%s may not be null", prefix, f.Name)
			}
			continue
		}
		if f.Collection() {
			continue
		}
		if bad := r.validValue(v, f.Type, prefix+f.Name); bad != nil {
			return bad
		}
		if d, ok := v.(lang.Duration); ok && f.Variant == "ns" && (d > math.MaxInt64/1_000_000 || d < -math.MaxInt64/1_000_000) {
			return fail(lang.CodeOverflow, "%s%s: too long for nanoseconds", prefix, f.Name)
		}
	}
	return nil
}

func (r *run) validValue(v any, t lang.Type, name string) *failure {
	if v == nil {
		if !t.Null {
			return fail(lang.CodeNullValue, "%s: null as an element", name)
		}
		return nil
	}
	switch t.Kind {
	case lang.KList, lang.KMap, lang.KJSON:
		if n := len(printJSON(v)); n > lang.MaxJSON {
			return fail(lang.CodeTooLarge, "%s: %d bytes as JSON", name, n)
		}
	}
	switch t.Kind {
	case lang.KEmbedded:
		return r.validFields(r.inside(t), v.(map[string]any), name+".")
	case lang.KList:
		for _, x := range v.([]any) {
			if f := r.validValue(x, *t.Elem, name); f != nil {
				return f
			}
		}
		return nil
	case lang.KMap:
		for _, x := range v.(map[string]any) {
			if f := r.validValue(x, *t.Elem, name); f != nil {
				return f
			}
		}
	}
	_, f := fit(v, t)
	return f
}

// validIndex rejects indexed texts of more than 1 KB.
func validIndex(ix *ir.Index, d doc) *failure {
	size := 0
	for _, c := range ix.Cols {
		vs, ok := path(d, c.Name).([]any)
		if !ok {
			vs = []any{path(d, c.Name)}
		}
		longest := 0
		for _, v := range vs {
			switch v := v.(type) {
			case string:
				longest = max(longest, len(v))
			case lang.Bytes:
				longest = max(longest, len(v))
			}
		}
		size += longest
	}
	if size > lang.MaxIndexed {
		return fail(lang.CodeIndexedTooLong, "%s: %d bytes in an index", ix.Name, size)
	}
	return nil
}

// tuple is what UNIQUE compares; false if a part is null.
func tuple(ix *ir.Index, d doc) (string, bool) {
	parts := make([]string, len(ix.Cols))
	for i, c := range ix.Cols {
		v := path(d, c.Name)
		if v == nil {
			return "", false
		}
		parts[i] = identity(v)
	}
	return strings.Join(parts, ","), true
}

// holders returns the keys of other documents that have a unique value of d.
func (r *run) holders(m *ir.Model, key any, d doc) []any {
	var out []any
	for _, ix := range m.Uniques {
		mine, ok := tuple(ix, d)
		if !ok || ix.Global {
			continue
		}
		for k, other := range r.db.table(m) {
			if theirs, ok := tuple(ix, other); ok && k != key && mine == theirs {
				out = append(out, k)
			}
		}
	}
	return out
}

// taking reports whether a document takes a value of a UNIQUE GLOBAL that another one has, or had before.
func (r *run) taking(before map[string]table, m *ir.Model, key any, d doc) bool {
	place := r.db.place(m)
	for _, ix := range m.Uniques {
		mine, ok := tuple(ix, d)
		if !ok || !ix.Global {
			continue
		}
		if was, there := before[place][key]; there {
			if old, ok := tuple(ix, was); ok && old == mine {
				continue
			}
		}
		for _, data := range []map[string]table{before, r.db.data} {
			for name, t := range data {
				if of, _, _ := strings.Cut(name, "\x00"); of != m.Name {
					continue
				}
				for k, other := range t {
					if theirs, ok := tuple(ix, other); ok && mine == theirs && (k != key || name != place) {
						return true
					}
				}
			}
		}
	}
	return false
}

// askIndexes checks every document written since the statement or block began:
// whether its index entries are short enough and its unique values are its own.
// A violation is attributed to the last writer.
func (r *run) askIndexes(before map[string]table) error {
	for i := len(r.wrote) - 1; i >= 0; i-- {
		w := r.wrote[i]
		d, there := r.db.table(w.model)[w.key]
		if !there {
			continue
		}
		for _, ix := range append(slices.Clone(w.model.Indexes), w.model.Uniques...) {
			if f := validIndex(ix, d); f != nil {
				return f.in(w.sp)
			}
		}
		if len(r.holders(w.model, w.key, d)) > 0 || r.taking(before, w.model, w.key, d) {
			return fail(lang.CodeUnique, "%s %v: another document holds a unique value of it", w.model.Name, w.key).in(w.sp)
		}
	}
	return nil
}

// fill converts a document to its stored form: every embedded value has all its
// members, including nulls, and json has its own kind of number.
func (r *run) fill(fields []*ir.Field, d doc) {
	for _, f := range fields {
		d[f.Name] = r.fillValue(d[f.Name], f.Type)
	}
}

func (r *run) fillValue(v any, t lang.Type) any {
	if t.Kind == lang.KJSON {
		return jsonOf(v, t)
	}
	switch v := v.(type) {
	case []any:
		for i, x := range v {
			v[i] = r.fillValue(x, elem(t))
		}
	case map[string]any:
		if t.Kind == lang.KEmbedded {
			r.fill(r.inside(t), v)
			return v
		}
		for k, x := range v {
			v[k] = r.fillValue(x, elem(t))
		}
	}
	return v
}

// unempty makes empty texts null where the two cannot be distinguished.
func (r *run) unempty(fields []*ir.Field, d doc) {
	for _, f := range fields {
		switch v := d[f.Name].(type) {
		case string:
			if f.EmptyNull && v == "" {
				d[f.Name] = nil
			}
		case lang.Bytes:
			if f.EmptyNull && v == "" {
				d[f.Name] = nil
			}
		case map[string]any:
			if f.Type.Kind == lang.KEmbedded {
				r.unempty(r.inside(f.Type), v)
			}
		}
	}
}

// store validates and writes a document.
func (r *run) store(m *ir.Model, key any, d doc, sp lang.Span) error {
	r.unempty(m.Fields, d)
	if f := r.valid(m, d); f != nil {
		return f.in(sp)
	}
	if k, ok := key.(string); ok && (k == "" || len(k) > lang.MaxIndexed) {
		return fail(lang.CodeBadKey, "%s: a key of %d bytes", m.Name, len(k)).in(sp)
	}
	r.fill(m.Fields, d)
	r.db.table(m)[key] = d
	r.wrote = append(r.wrote, write{model: m, key: key, sp: sp})
	return nil
}
