package judge

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// given evaluates the documents of a CREATE, PUT or RESTORE.
func (r *run) given(c *ir.Create) ([]doc, error) {
	s := &scope{r: r, restore: c.Restore}
	var out []doc
	for _, d := range c.Docs {
		if d.Value == nil {
			fields := map[string]any{}
			for i, x := range d.Fields {
				if x == nil {
					continue
				}
				v, err := s.eval(x)
				if err != nil {
					return nil, err
				}
				fields[c.Model.Fields[i].Name] = v
			}
			full, err := s.complete(c.Model.Name, c.Model.Fields, fields, d.Sp)
			if err != nil {
				return nil, err
			}
			out = append(out, full)
			continue
		}
		v, err := s.eval(d.Value)
		if err != nil {
			return nil, err
		}
		vs, ok := v.([]any)
		if !ok {
			vs = []any{v}
		}
		for _, v := range vs {
			fields, ok := v.(map[string]any)
			if !ok {
				return nil, fail(lang.CodeBadParam, "a %T where a document of %s is needed", v, c.Model.Name).in(d.Sp)
			}
			full, err := s.complete(c.Model.Name, c.Model.Fields, fields, d.Sp)
			if err != nil {
				return nil, err
			}
			out = append(out, full)
		}
	}
	return out, nil
}

func (r *run) create(c *ir.Create) (*Result, error) {
	docs, err := r.given(c)
	if err != nil {
		return nil, err
	}
	if c.Over != nil {
		if res, done, err := r.createOver(c, docs); done {
			return res, err
		}
	}
	return r.createDocs(c, docs)
}

func (r *run) createDocs(c *ir.Create, docs []doc) (*Result, error) {
	ends, err := r.ends(c.Model, c.Life, len(docs))
	if err != nil {
		return nil, err
	}
	res := &Result{Columns: columns(c.Items)}
	for i, d := range docs {
		before := res.Affected
		key, old, err := r.createOne(c, d, res)
		if err != nil {
			return nil, err
		}
		if key == nil {
			continue
		}
		shown := r.db.table(c.Model)[key]
		if c.Put || res.Affected > before {
			if r.live(c.Model, key, ends[i], !c.Restore); r.db.table(c.Model)[key] != nil {
				shown = r.db.table(c.Model)[key]
			}
		}
		if err := r.show1(c.Items, shown, old, res); err != nil {
			return nil, err
		}
	}
	if c.Restore {
		for i := range r.wrote {
			r.wrote[i].unasked = true
		}
	}
	return res, nil
}

// createOne writes one document, or applies ON CONFLICT. It returns the key of
// the document to show, nil for none, and its previous version.
func (r *run) createOne(c *ir.Create, d doc, res *Result) (key any, old doc, err error) {
	key = d[c.Model.Key.Name]
	if key == nil {
		return nil, nil, fail(lang.CodeRequired, "%s may not be null", c.Model.Key.Name)
	}
	old, there := r.db.table(c.Model)[key]
	if c.Put {
		if !there || c.Restore {
			res.Affected++
		}
		if there && !c.Restore {
			if f := raise(c.Model, d, old); f != nil {
				return nil, nil, f
			}
		}
		return key, old, r.store(c.Model, key, d, c.Sp)
	}
	if c.Conflict == "" {
		if there {
			return nil, nil, r.taken(c.Model, key, d)
		}
		res.Affected++
		return key, nil, r.store(c.Model, key, d, c.Sp)
	}
	if f := r.valid(c.Model, d); f != nil {
		return nil, nil, f
	}
	inTheWay := r.holders(c.Model, key, d)
	if there {
		inTheWay = append(inTheWay, key)
	}
	if len(inTheWay) == 0 {
		res.Affected++
		return key, nil, r.store(c.Model, key, d, c.Sp)
	}
	for _, k := range inTheWay {
		if k != inTheWay[0] {
			return nil, nil, fail(lang.CodeKeyConflict, "%s %v and %v are both in the way", c.Model.Name, inTheWay[0], k)
		}
	}
	switch key = inTheWay[0]; c.Conflict {
	case "SKIP":
		return nil, nil, nil
	case "SET":
		old, err = r.change(c.Model, key, c.Sets, c.Sp)
		return key, old, err
	}
	return key, r.db.table(c.Model)[key], nil
}

// taken is the error of a new document whose key exists: what is wrong with the document itself comes first.
func (r *run) taken(m *ir.Model, key any, d doc) error {
	r.unempty(m.Fields, d)
	if f := r.valid(m, d); f != nil {
		return f
	}
	return fail(lang.CodeAlreadyExists, "%s %v is there already", m.Name, key)
}

// change applies SET items to a stored document and returns its previous
// version.
func (r *run) change(m *ir.Model, key any, sets []ir.Assign, sp lang.Span) (old doc, err error) {
	old = r.db.table(m)[key]
	d, err := r.next(m, old, sets, sp)
	if err != nil {
		return nil, err
	}
	return old, r.become(m, key, d, sp)
}

// become makes d the document with a key that exists.
func (r *run) become(m *ir.Model, key any, d doc, sp lang.Span) error {
	r.refresh(m, d)
	if m.Refresh != "" {
		r.keeps(m, key, true)
	}
	return r.store(m, key, d, sp)
}

// next is what SET makes of a document.
func (r *run) next(m *ir.Model, old doc, sets []ir.Assign, sp lang.Span) (doc, error) {
	d := clone(old).(doc)
	if err := r.assignAll(d, old, sets); err != nil {
		return nil, err
	}
	if f := raise(m, d, old); f != nil {
		return nil, f.in(sp)
	}
	return d, nil
}

// raise sets the revision of a document to one more than that of the previous
// version.
func raise(m *ir.Model, d, old doc) *failure {
	rev := m.Revision()
	if rev == nil {
		return nil
	}
	v, f := arithInt(lang.OpAdd, old[rev.Name].(int64), 1)
	d[rev.Name] = v
	return f
}

// target lists the keys of the documents that a statement selects.
func (r *run) target(m *ir.Model, t ir.Target, mustExist bool, sp lang.Span) ([]any, error) {
	if t.Key != nil {
		keys, err := r.keys(t.Key, t.Many)
		if err != nil {
			return nil, err
		}
		return r.present(m, keys, t.SkipMissing || !mustExist, sp)
	}
	keys, err := r.matching(m, t.Where)
	if err != nil {
		return nil, err
	}
	var rows []found
	for _, k := range keys {
		order, err := r.shown(r.db.table(m)[k]).order(t.Order)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found{order: order, key: k})
	}
	sortRows(rows, t.Order)
	limit, err := r.count(t.Limit, int64(len(rows)))
	if err != nil {
		return nil, err
	}
	keys = nil
	for _, x := range rows[:min(limit, int64(len(rows)))] {
		keys = append(keys, x.key)
	}
	return keys, nil
}

func (r *run) update(u *ir.Update) (*Result, error) {
	keys, err := r.target(u.Model, u.Target, true, u.Sp)
	if err != nil {
		return nil, err
	}
	if u.Relates() {
		return r.updateRelated(u, keys)
	}
	res := &Result{Columns: columns(u.Items)}
	for _, k := range keys {
		old, err := r.change(u.Model, k, u.Sets, u.Sp)
		if err != nil {
			return nil, err
		}
		res.Affected++
		if err := r.show1(u.Items, r.db.table(u.Model)[k], old, res); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// updateRelated is update where documents depend on each other: all are computed before one is stored, and rows are those of the end.
func (r *run) updateRelated(u *ir.Update, keys []any) (*Result, error) {
	res := &Result{Columns: columns(u.Items)}
	was, is := make([]doc, len(keys)), make([]doc, len(keys))
	pending := map[any]doc{}
	for i, k := range keys {
		was[i] = r.db.table(u.Model)[k]
		if d, ok := pending[k]; ok {
			was[i] = d
		}
		d, err := r.next(u.Model, was[i], u.Sets, u.Sp)
		if err != nil {
			return nil, err
		}
		r.unempty(u.Model.Fields, d)
		if f := r.valid(u.Model, d); f != nil {
			return nil, f.in(u.Sp)
		}
		is[i], pending[k] = d, d
	}
	for i, k := range keys {
		if err := r.become(u.Model, k, is[i], u.Sp); err != nil {
			return nil, err
		}
		res.Affected++
	}
	for i := range keys {
		if err := r.show1(u.Items, is[i], was[i], res); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// show1 adds the row of a changed document if RETURN asks for one.
func (r *run) show1(items []ir.Item, d, old doc, res *Result) error {
	if items == nil {
		return nil
	}
	s := r.shown(d)
	s.old = old
	row, err := s.items(items)
	res.Rows = append(res.Rows, row)
	return err
}

func (r *run) delete(x *ir.Delete) (*Result, error) {
	keys, err := r.target(x.Model, x.Target, false, x.Sp)
	if err != nil {
		return nil, err
	}
	res := &Result{Columns: columns(x.Items)}
	var work []gone
	for i, k := range keys {
		if slices.Contains(keys[:i], k) {
			continue
		}
		work = append(work, gone{x.Model.Name, k, x.Sp})
		d := r.db.table(x.Model)[k]
		if err := r.show1(x.Items, d, d, res); err != nil {
			return nil, err
		}
		res.Affected++
	}
	for _, g := range work {
		delete(r.db.table(x.Model), g.key)
	}
	return res, r.cascade(work)
}

func (r *run) copy(c *ir.Copy) (*Result, error) {
	keys, err := r.keys(c.Key, c.Many)
	if err != nil {
		return nil, err
	}
	if keys, err = r.present(c.Model, keys, c.Skip, c.Sp); err != nil {
		return nil, err
	}
	times, err := r.count(c.Times, 1)
	if err != nil {
		return nil, err
	}
	end, err := r.ends(c.Model, c.Life, 1)
	if err != nil {
		return nil, err
	}
	res := &Result{Columns: columns(c.Items)}
	for _, k := range keys {
		for range times {
			if err := r.copyOne(c, r.db.table(c.Model)[k], end[0], res); err != nil {
				return nil, err
			}
		}
	}
	return res, nil
}

func (r *run) copyOne(c *ir.Copy, old doc, end any, res *Result) error {
	d, name := clone(old).(doc), c.Model.Key.Name
	d[name] = nil
	if x := c.Model.Key.Default; x != nil {
		v, err := (&scope{r: r, row: d}).eval(x)
		if err != nil {
			return err
		}
		d[name] = v
	}
	if rev := c.Model.Revision(); rev != nil {
		d[rev.Name] = int64(1)
	}
	if err := r.assignAll(d, old, c.Sets); err != nil {
		return err
	}
	key := d[name]
	if key == nil {
		return fail(lang.CodeRequired, "%s may not be null", name)
	}
	if _, there := r.db.table(c.Model)[key]; there {
		return r.taken(c.Model, key, d)
	}
	if err := r.store(c.Model, key, d, c.Sp); err != nil {
		return err
	}
	r.live(c.Model, key, end, true)
	if x := r.db.table(c.Model)[key]; x != nil {
		d = x
	}
	res.Affected++
	return r.show1(c.Items, d, old, res)
}
