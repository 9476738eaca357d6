package judge

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// endKey is the member of a document that holds its end, a lang.DateTime; one
// without it has no end. No field has such a name.
const endKey = "\x00end"

// reap takes away the documents whose time is up.
func (d *DB) reap(now lang.DateTime) {
	for _, t := range d.data {
		for k, x := range t {
			if end, ok := x[endKey].(lang.DateTime); ok && end <= now {
				delete(t, k)
			}
		}
	}
}

// ends gives the ends of n new documents; nil is none.
func (r *run) ends(m *ir.Model, l *ir.Life, n int) ([]any, error) {
	out := make([]any, n)
	if l == nil {
		for i := range out {
			if m.TTL > 0 {
				out[i] = r.now + lang.DateTime(m.TTL)
			}
		}
		return out, nil
	}
	v, err := (&scope{r: r}).eval(l.X)
	if err != nil {
		return nil, err
	}
	list, _ := v.([]any)
	if l.Each && len(list) != n {
		return nil, fail(lang.CodeBadArgument, "%d ends for %d documents", len(list), n).in(l.X.Span())
	}
	for i := range out {
		if l.Each {
			v = list[i]
		}
		if out[i], err = r.end(v, l); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// end is the instant that a life means; nil for none.
func (r *run) end(v any, l *ir.Life) (any, error) {
	var at lang.DateTime
	switch v := v.(type) {
	case nil:
		return nil, nil
	case lang.Duration:
		if v <= 0 {
			return nil, fail(lang.CodeBadArgument, "a life of %d ms", v).in(l.X.Span())
		}
		at = r.now + lang.DateTime(v)
	case lang.DateTime:
		at = v
	}
	if at > r.now+lang.DateTime(lang.MaxLife) {
		return nil, fail(lang.CodeBadArgument, "more than 100 years to live").in(l.X.Span())
	}
	return at, nil
}

// live gives a stored document its end; one that lies behind us takes it away.
func (r *run) live(m *ir.Model, key, end any, keeps bool) {
	d := doc{}
	for k, v := range r.db.table(m)[key] {
		d[k] = v
	}
	delete(d, endKey)
	at, ok := end.(lang.DateTime)
	if ok {
		d[endKey] = at
	}
	r.db.table(m)[key] = d
	if keeps {
		r.keeps(m, key, ok)
	}
	if ok && at <= r.now {
		delete(r.db.table(m), key)
	}
}

// expire is EXPIRE and PERSIST.
func (r *run) expire(e *ir.Expire) (*Result, error) {
	keys, err := r.target(e.Model, e.Target, true, e.Sp)
	if err != nil {
		return nil, err
	}
	var end any
	if e.End != nil {
		v, err := (&scope{r: r}).eval(e.End.X)
		if err != nil {
			return nil, err
		}
		if v == nil {
			return nil, fail(lang.CodeNullValue, "the end is null").in(e.End.X.Span())
		}
		if end, err = r.end(v, e.End); err != nil {
			return nil, err
		}
	}
	res := &Result{}
	for _, k := range keys {
		if _, there := r.db.table(e.Model)[k]; !there { // it was named twice
			if e.Target.SkipMissing {
				continue
			}
			return nil, fail(lang.CodeKeyNotFound, "%s %v: no such key", e.Model.Name, k)
		}
		r.live(e.Model, k, end, true)
		res.Affected++
	}
	return res, nil
}

// refresh gives a document that has an end its model's TTL again, and never less than it has.
func (r *run) refresh(m *ir.Model, d doc) {
	end, ok := d[endKey].(lang.DateTime)
	if again := r.now + lang.DateTime(m.TTL); ok && m.Refresh != "" && end < again {
		d[endKey] = again
	}
}

// rest is ttl() of a document.
func (r *run) rest(d doc) any {
	if at, ok := d[endKey].(lang.DateTime); ok {
		return lang.Duration(at - r.now)
	}
	return nil
}

// refreshes raises the ends of the documents that a read of these keys gives out.
func (r *run) refreshes(of []ir.Refresh, m *ir.Model, keys []any) error {
	for _, x := range of {
		for _, k := range keys {
			named, err := r.shown(r.doc(m, k)).eval(x.Keys)
			if err != nil {
				return err
			}
			r.refreshKeys(x.Model, x.Keys.Type(), named)
			r.cascadeTTL()
		}
	}
	return nil
}

// refreshKeys raises the ends of documents named by a key of a type, or by a list of them; null names none.
func (r *run) refreshKeys(m *ir.Model, t lang.Type, keys any) {
	if list, ok := keys.([]any); ok {
		for _, k := range list {
			r.refreshKeys(m, *t.Elem, k)
		}
		return
	}
	if text, is := keys.(string); is && t.Full {
		part, key, bad := splitFull(m, text)
		if bad != "" {
			return
		}
		was := r.db.part
		r.db.part, keys = part, key
		defer func() { r.cascadeTTL(); r.db.part = was }()
	}
	if d, ok := r.db.table(m)[keys]; ok {
		d = clone(d).(doc)
		r.refresh(m, d)
		r.keeps(m, keys, true)
		r.db.table(m)[keys] = d
	}
}
