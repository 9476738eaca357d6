package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// dryRun tells what ALTER … DRY RUN asks. Bytes and seconds are the server's: the judge has none.
func (r *run) dryRun(d *ir.Define) (*Result, error) {
	res := &Result{Columns: ir.DryRunColumns()}
	all := int64(r.number(d.Was))
	for _, w := range d.Works {
		documents := any(int64(0))
		if w.How != ir.HowCatalog {
			documents = all
			if d.Was.Scanned() {
				documents = nil
			}
		}
		entries, bad := int64(0), &unfit{keys: []any{}}
		if w.Empty {
			r.each(d, func(key string, _ doc, _ bool) { bad.add(lang.CodeModelChanged, key) })
		}
		for _, test := range w.Tests {
			code := lang.CodeCheckFailed
			if test.Ref != nil {
				code = lang.CodeDanglingRef
			}
			r.each(d, func(key string, next doc, ok bool) {
				if !r.obeys(test, next) {
					bad.add(code, key)
				}
			})
		}
		if w.Convert != nil {
			r.each(d, func(key string, _ doc, ok bool) {
				if !ok {
					bad.add(lang.CodeMisfit, key)
				}
			})
		}
		for _, ix := range w.Indexes {
			r.each(d, func(key string, next doc, ok bool) {
				if ok && validIndex(ix, next) != nil {
					bad.add(lang.CodeIndexedTooLong, key)
				} else if ok {
					entries += entriesOf(ix, next)
				}
			})
		}
		for _, ix := range w.Uniques {
			fits := func(next doc) bool { return validIndex(ix, next) == nil }
			r.each(d, func(key string, next doc, ok bool) {
				if _, has := tuple(ix, next); ok && has && !fits(next) {
					bad.add(lang.CodeIndexedTooLong, key)
				}
			})
			seen := map[string]bool{}
			r.each(d, func(key string, next doc, ok bool) {
				v, has := tuple(ix, next)
				if !ok || !has || !fits(next) {
					return
				}
				if entries++; seen[v] {
					bad.add(lang.CodeUnique, key)
				}
				seen[v] = true
			})
		}
		slices.SortFunc(bad.keys, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
		var problem any
		if bad.n > 0 {
			problem = string(bad.code)
		}
		res.Rows = append(res.Rows, []any{w.Action, w.How.String(), documents, entries, nil, nil, problem, bad.n, bad.keys})
	}
	return res, nil
}

// unfit are documents that a change does not go with, by the first of its problems.
type unfit struct {
	code lang.Code
	n    int64
	keys []any
}

func (u *unfit) add(code lang.Code, key string) {
	if u.code == "" {
		u.code = code
	}
	if u.code != code {
		return
	}
	if u.n++; len(u.keys) < 10 {
		u.keys = append(u.keys, key)
	}
}

// each gives every document as it would be while the model is changed: with new fields, and the values in another form. ok: these can be computed.
func (r *run) each(d *ir.Define, f func(key string, next doc, ok bool)) {
	_ = r.db.each(d.Was, func(string) error { r.eachHere(d, f); return nil })
}

func (r *run) eachHere(d *ir.Define, f func(key string, next doc, ok bool)) {
	for _, key := range r.keysOf(d.Was) {
		next := clone(r.db.table(d.Was)[key]).(doc)
		for _, field := range d.Added.Fields {
			if _, has := next[field.Name]; has || field.Default == nil || d.Was.Field(field.Name) != nil || !ir.Closed(field.Default) {
				continue
			}
			if v, err := (&scope{r: r, row: next}).eval(field.Default); err == nil {
				next[field.Name] = v
			}
		}
		ok := true
		for _, h := range d.Added.Hidden {
			c := h.Columns[0]
			v, err := (&scope{r: r, row: next}).eval(c.Gen)
			ok = ok && err == nil && (v != nil || !c.Must)
			next[h.Name] = v
		}
		if ok && len(d.Added.Hidden) > 0 {
			ok = r.checked(d.Added, next) == nil
		}
		name := fmt.Sprint(key)
		if d.Was.Celled() {
			name = escaped(r.db.part) + ":" + name
		}
		f(name, next, ok)
	}
}

// obeys reports that a document obeys a CHECK, or that what a ref names exists.
func (r *run) obeys(k *ir.Check, row doc) bool {
	if k.Ref != nil {
		for _, v := range namedBy(row, []string{k.Ref.Name}) {
			if r.db.named(r.db.data, pointsTo(k.Ref.Type))[v] == nil {
				return false
			}
		}
		return true
	}
	if k.Col != nil && path(row, k.Col.Name) == nil {
		return true
	}
	ok, err := (&scope{r: r, row: row}).truth(k.Cond)
	return ok && err == nil
}
