package judge

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// docKey is a document by the name of its model and its key.
type docKey struct {
	model string
	key   any
}

// keeps notes that a statement gave the document of a key an end, or raised it; or, with ends unset, that it has none.
func (r *run) keeps(m *ir.Model, key any, ends bool) {
	x := docKey{m.Name, key}
	if r.kept = slices.DeleteFunc(r.kept, func(y docKey) bool { return x == y }); ends {
		r.kept = append(r.kept, x)
	}
}

// cascadeTTL raises the ends of the documents that are kept alive by those that the statement noted: it asks every document
// again and again, until nothing changes.
func (r *run) cascadeTTL() {
	ends, root := map[docKey]lang.DateTime{}, map[docKey]bool{}
	for _, x := range r.kept {
		root[x] = true
		m := r.db.schema.Model(x.model)
		d, there := r.db.table(m)[x.key]
		if end, ok := d[endKey].(lang.DateTime); ok {
			ends[x] = end
		} else if there && m.Refresh != "" { // it has no end, and was read or written
			ends[x] = r.now + lang.DateTime(m.TTL)
		}
	}
	r.kept = nil
	for more := true; more; {
		more = false
		for x, end := range ends {
			for _, y := range r.namedByTTL(x) {
				if root[y] {
					continue
				}
				m := r.db.schema.Model(y.model)
				d, there := r.db.table(m)[y.key]
				if !there {
					continue
				}
				at := end
				if m.TTL > 0 {
					at = r.now + lang.DateTime(m.TTL)
				}
				if has, ok := d[endKey].(lang.DateTime); ok && has >= at {
					at = has
				} else if ok {
					d = clone(d).(doc)
					d[endKey] = at
					r.db.table(m)[y.key] = d
				}
				if was, met := ends[y]; !met || at > was {
					ends[y], more = at, true
				}
			}
		}
	}
}

// namedByTTL lists the documents that the fields with CASCADE TTL of a document name.
func (r *run) namedByTTL(x docKey) []docKey {
	var out []docKey
	m := r.db.schema.Model(x.model)
	d := r.db.table(m)[x.key]
	var each func(fields []*ir.Field, d map[string]any)
	each = func(fields []*ir.Field, d map[string]any) {
		for _, f := range fields {
			switch v := d[f.Name].(type) {
			case nil:
			case map[string]any:
				if f.Emb != nil {
					each(f.Emb.Fields, v)
				}
			default:
				if f.CascadeTTL {
					out = append(out, refsIn(f.Type, v)...)
				}
			}
		}
	}
	each(m.Fields, d)
	return out
}

// refsIn lists the documents that a value of type t names.
func refsIn(t lang.Type, v any) []docKey {
	if t.Kind == lang.KRef {
		return []docKey{{t.Model, v}}
	}
	var out []docKey
	list, _ := v.([]any)
	for _, x := range list {
		if t.Kind == lang.KPQueue {
			x = x.(map[string]any)["value"]
		}
		out = append(out, refsIn(*t.Elem, x)...)
	}
	return out
}
