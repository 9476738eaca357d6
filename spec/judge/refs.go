package judge

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// gone is a document that was deleted by the statement at sp.
type gone struct {
	model string
	key   any
	sp    lang.Span
}

// guarded calls f for every field with ON DELETE, embedded ones included, with its path.
func guarded(fields []*ir.Field, prefix []string, f func(field *ir.Field, at []string)) {
	for _, x := range fields {
		at := append(slices.Clone(prefix), x.Name)
		if x.OnDelete != "" {
			f(x, at)
		}
		if x.Emb != nil && x.Type.Kind == lang.KEmbedded {
			guarded(x.Emb.Fields, at, f)
		}
	}
}

// pointsTo is the model that a ref or the refs of a list or a collection point to.
func pointsTo(t lang.Type) string {
	if t.Kind == lang.KList || ir.IsCollection(t) {
		t = *t.Elem
	}
	return t.Model
}

// namedBy lists the keys that the field at a path of a document names.
func namedBy(d doc, at []string) []any {
	switch v := path(d, strings.Join(at, ".")).(type) {
	case nil:
		return nil
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = keyIn(x)
		}
		return out
	default:
		return []any{v}
	}
}

// keyIn is the key in an element of a list or a collection.
func keyIn(x any) any {
	if e, queued := x.(map[string]any); queued {
		return e["value"]
	}
	return x
}

// cascade draws the consequences of deleted documents: what refers to them by CASCADE goes too, and refs with SET NULL become null.
func (r *run) cascade(work []gone) error {
	cleared := map[string]map[any]doc{} // documents with refs that became null, as they were before
	for ; len(work) > 0; work = work[1:] {
		x := work[0]
		r.gone = append(r.gone, x)
		for _, name := range r.db.schema.Names() {
			m := r.db.schema.Model(name)
			guarded(m.Fields, nil, func(f *ir.Field, at []string) {
				if pointsTo(f.Type) != x.model || f.OnDelete == ir.OnDeleteRestrict {
					return
				}
				for _, k := range r.keysOf(m) {
					d := r.db.table(m)[k]
					if !slices.Contains(namedBy(d, at), x.key) {
						continue
					}
					if f.OnDelete == ir.OnDeleteCascade {
						delete(r.db.table(m), k)
						work = append(work, gone{name, k, x.sp})
						continue
					}
					if cleared[name] == nil {
						cleared[name] = map[any]doc{}
					}
					if cleared[name][k] == nil {
						cleared[name][k] = d
					}
					now := clone(d).(doc)
					takeOut(now, at, x.key)
					r.db.table(m)[k] = now
				}
			})
		}
	}
	for _, name := range r.db.schema.Names() {
		m := r.db.schema.Model(name)
		for _, k := range r.keysOf(m) {
			old, now := cleared[name][k], r.db.table(m)[k]
			if old == nil {
				continue
			}
			if f := raise(m, now, old); f != nil {
				return f
			}
			if err := r.store(m, k, now, r.gone[len(r.gone)-1].sp); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeOut takes a key out of the field at a path.
func takeOut(d doc, at []string, key any) {
	for _, name := range at[:len(at)-1] {
		d = d[name].(map[string]any)
	}
	last := at[len(at)-1]
	list, ok := d[last].([]any)
	if !ok {
		d[last] = nil
		return
	}
	d[last] = slices.DeleteFunc(list, func(v any) bool { return keyIn(v) == key })
}

// askRefs asks at the end of a statement or block what ON DELETE promises: nothing refers by RESTRICT to a document that
// is gone, and what a new ref names is there. before are the documents as they were.
func (r *run) askRefs(before map[string]table) error {
	for _, x := range r.gone {
		if r.db.named(r.db.data, x.model)[x.key] != nil {
			continue
		}
		for _, name := range r.db.schema.Names() {
			m := r.db.schema.Model(name)
			var bad error
			guarded(m.Fields, nil, func(f *ir.Field, at []string) {
				if f.OnDelete != ir.OnDeleteRestrict || pointsTo(f.Type) != x.model {
					return
				}
				for k, d := range r.db.table(m) {
					if slices.Contains(namedBy(d, at), x.key) {
						bad = fail(lang.CodeRestricted, "%s %v refers to %s %v", name, k, x.model, x.key).in(x.sp)
					}
				}
			})
			if bad != nil {
				return bad
			}
		}
	}
	for _, w := range r.wrote {
		if w.unasked {
			continue
		}
		d := r.db.table(w.model)[w.key]
		var bad error
		guarded(w.model.Fields, nil, func(f *ir.Field, at []string) {
			old := namedBy(before[r.db.place(w.model)][w.key], at)
			for _, v := range namedBy(d, at) {
				target := pointsTo(f.Type)
				there := r.db.named(r.db.data, target)[v] != nil
				untouched := slices.Contains(old, v) && r.db.named(before, target)[v] == nil
				if !there && !untouched {
					bad = fail(lang.CodeDanglingRef, "%s %v names %s %v, which does not exist", w.model.Name, w.key, target, v).in(w.sp)
				}
			}
		})
		if bad != nil {
			return bad
		}
	}
	return nil
}

// askAll asks the documents that are there what a MODEL that adds ON DELETE to a field demands: that what it names exists.
func (r *run) askAll(d *ir.Define) (bad *failure) {
	if d.Was == nil {
		return nil
	}
	had := map[string]bool{}
	guarded(d.Was.Fields, nil, func(_ *ir.Field, at []string) { had[strings.Join(at, ".")] = true })
	guarded(d.Model.Fields, nil, func(f *ir.Field, at []string) {
		if had[strings.Join(at, ".")] {
			return
		}
		for k, x := range r.db.table(d.Model) {
			for _, v := range namedBy(x, at) {
				if r.db.named(r.db.data, pointsTo(f.Type))[v] == nil {
					bad = fail(lang.CodeDanglingRef, "%s %v names %v, which does not exist", d.Model.Name, k, v).in(d.Sp)
				}
			}
		}
	})
	return bad
}
