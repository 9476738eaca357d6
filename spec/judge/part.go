package judge

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// enter makes the statement one of the partition that its pins name.
func (r *run) enter(h *ir.Head) error {
	if h.Over != nil {
		return nil
	}
	pins, known := h.Pins, false
	for _, pin := range pins {
		if pin.X == nil { // it is made with the document
			continue
		}
		sp := pin.X.Span()
		if pin.In != nil {
			sp = pin.In.Call
		}
		v, err := (&scope{r: r}).eval(pin.X)
		if err != nil {
			return err
		}
		values := []any{v}
		if list, ok := v.([]any); ok {
			values = list
		}
		for _, v := range values {
			if pin.Docs {
				d, ok := v.(map[string]any)
				if !ok {
					return fail(lang.CodeBadParam, "a %T where a document is needed", v).in(sp)
				}
				if v = partIn(pin.Model, d); v == nil && pin.Model.Part.Default != nil {
					continue
				}
			}
			text, bad := partText(v, pin)
			if bad != nil {
				return bad.in(sp)
			}
			if known && text != r.db.part {
				return fail(lang.CodeOtherPartition, "%q and %q are two partitions", r.db.part, text).in(sp)
			}
			r.db.part, known = text, true
		}
	}
	return nil
}

// partIn is the partition that a document names, also by an earlier name of the field.
func partIn(m *ir.Model, d map[string]any) any {
	for name, v := range d {
		if m.Lookup(name) == m.Part {
			return v
		}
	}
	return nil
}

func partText(v any, pin ir.Pin) (string, *failure) {
	text := ""
	switch v := v.(type) {
	case nil:
		if pin.New || pin.Docs {
			return "", fail(lang.CodeRequired, "a document without its partition")
		}
		return "", fail(lang.CodeNullValue, "a partition is null")
	case string:
		text = v
	case int64:
		text = strconv.FormatInt(v, 10)
	default:
		return "", fail(lang.CodeBadParam, "a %T names no partition", v)
	}
	if text == "" || len(text) > 256 {
		return "", fail(lang.CodeBadKey, "a partition of %d bytes", len(text))
	}
	return text, nil
}

// place is the name of the table of a model: in the partition of the statement if it has one of its own.
func (d *DB) place(m *ir.Model) string {
	if m.Part == nil || m.Part == m.Key {
		return m.Name
	}
	return m.Name + "\x00" + d.part
}

// named is the table of the model with a name.
func (d *DB) named(tables map[string]table, name string) table {
	m := d.schema.Model(name)
	if m == nil {
		return nil
	}
	return tables[d.place(m)]
}

// parts lists the partitions of a model that have documents; that of no partition for a model without.
func (d *DB) parts(m *ir.Model) []string {
	if m.Part == nil || m.Part == m.Key {
		return []string{""}
	}
	var out []string
	for name, t := range d.data {
		if part, ok := strings.CutPrefix(name, m.Name+"\x00"); ok && len(t) > 0 {
			out = append(out, part)
		}
	}
	slices.Sort(out)
	return out
}

// each calls f in each partition of a model that has documents.
func (d *DB) each(m *ir.Model, f func(part string) error) error {
	was := d.part
	defer func() { d.part = was }()
	for _, d.part = range d.parts(m) {
		if err := f(d.part); err != nil {
			return err
		}
	}
	return nil
}

// showParts lists the partitions of a model with the number of their documents.
func (r *run) showParts(m *ir.Model) *Result {
	res := &Result{Columns: []string{"partition", "documents"}}
	_ = r.db.each(m, func(part string) error {
		var v any = part
		if k := m.Part.Type.Kind; k == lang.KInt || k == lang.KInt64 {
			v, _ = strconv.ParseInt(part, 10, 64)
		}
		res.Rows = append(res.Rows, []any{v, int64(len(r.db.table(m)))})
		return nil
	})
	slices.SortFunc(res.Rows, func(a, b []any) int { return compare(a[0], b[0]) })
	return res
}

// spot is the key of a document in one of several partitions.
type spot struct {
	text string
	part any // its value
	key  any
}

// doc returns a document whose key may be a spot; the statement is in its partition then.
func (r *run) doc(m *ir.Model, key any) doc {
	if at, ok := key.(spot); ok {
		r.db.part, key = at.text, at.key
	}
	return r.db.table(m)[key]
}

// order compares keys of documents, by partition first unless the order is by key alone.
func order(a, b any, byKey bool) int {
	x, ok := a.(spot)
	if !ok {
		return compare(a, b)
	}
	y := b.(spot)
	if c := compare(x.key, y.key); byKey && c != 0 {
		return c
	}
	if c := compare(x.part, y.part); c != 0 {
		return c
	}
	return compare(x.key, y.key)
}

// partValue is the value of a partition.
func partValue(m *ir.Model, text string) any {
	if k := m.Part.Type.Kind; k == lang.KInt || k == lang.KInt64 {
		n, _ := strconv.ParseInt(text, 10, 64)
		return n
	}
	return text
}

// several lists the partitions in which a statement works, in the order of their values.
func (r *run) several(h *ir.Head) ([]string, error) {
	m := h.Over
	if len(h.Pins) == 0 || m.Part == m.Key {
		out := r.db.parts(m)
		slices.SortFunc(out, func(a, b string) int { return compare(partValue(m, a), partValue(m, b)) })
		return out, nil
	}
	all, err := r.listed(h.Pins[0])
	if err != nil {
		return nil, err
	}
	var out []string
	for _, text := range all {
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return compare(partValue(m, a), partValue(m, b)) })
	return out, nil
}

// listed evaluates a list of partitions.
func (r *run) listed(pin ir.Pin) ([]string, error) {
	v, err := (&scope{r: r}).eval(pin.X)
	if err != nil {
		return nil, err
	}
	var out []string
	list, _ := v.([]any)
	for _, v := range list {
		text, bad := partText(v, pin)
		if bad != nil {
			return nil, bad.in(pin.X.Span())
		}
		out = append(out, text)
	}
	return out, nil
}

// all is matching in all partitions of the statement.
func (r *run) all(h *ir.Head, m *ir.Model, where ir.Expr) ([]any, error) {
	if h.Over == nil || m.Part == m.Key {
		return r.matching(m, where)
	}
	parts, err := r.several(h)
	if err != nil {
		return nil, err
	}
	var out []any
	for _, text := range parts {
		r.db.part = text
		keys, err := r.matching(m, where)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			out = append(out, spot{text, partValue(m, text), k})
		}
	}
	return out, nil
}

// getOver runs a GET of documents in several partitions.
func (r *run) getOver(g *ir.Get) (*Result, error) {
	v, err := r.operand(g.Keys)
	if err != nil {
		return nil, err
	}
	keys, _ := v.([]any)
	parts, err := r.listed(g.Pins[0])
	if err != nil {
		return nil, err
	}
	res := &Result{Columns: columns(g.Items)}
	var there []any
	for i, k := range keys {
		if k == nil {
			return nil, fail(lang.CodeNullValue, "a key is null").in(g.Sp)
		}
		at := spot{parts[i], partValue(g.Model, parts[i]), k}
		if r.doc(g.Model, at) == nil {
			if g.Skip {
				continue
			}
			return nil, fail(lang.CodeKeyNotFound, "%s %v of %s: no such key", g.Model.Name, k, parts[i]).in(g.Sp)
		}
		there = append(there, at)
	}
	for _, k := range there {
		row, err := r.shown(r.doc(g.Model, k)).items(g.Items)
		if err != nil {
			return nil, err
		}
		res.Rows = append(res.Rows, row)
	}
	return res, r.refreshes(g.Refreshes, g.Model, there)
}

// each1 runs a part of a statement: all of it or nothing.
func (r *run) each1(f func() error) error {
	before := r.db.snapshot()
	r.wrote, r.kept, r.gone = nil, nil, nil
	err := f()
	if err == nil {
		r.cascadeTTL()
		if err = r.askRefs(before); err == nil {
			err = r.askIndexes(before)
		}
	}
	if err != nil {
		r.db.data = before
	}
	r.wrote, r.kept, r.gone = nil, nil, nil
	return err
}

// over changes the documents of one partition after the other. What was done before a failure stays.
func (r *run) over(h *ir.Head, f func() (*Result, error)) (*Result, error) {
	if h.Over == nil || h.Over.Part == h.Over.Key {
		return f()
	}
	parts, err := r.several(h)
	if err != nil {
		return nil, err
	}
	res := &Result{}
	for _, r.db.part = range parts {
		var one *Result
		err := r.each1(func() (err error) {
			one, err = f()
			return err
		})
		if err != nil {
			r.stays = r.db.data
			return nil, err
		}
		res.Columns = one.Columns
		res.Affected += one.Affected
		res.Rows = append(res.Rows, one.Rows...)
	}
	return res, nil
}

// createOver creates the documents of each partition by themselves. done is false if there is only one.
func (r *run) createOver(c *ir.Create, docs []doc) (res *Result, done bool, err error) {
	m := c.Model
	var parts []string
	of := make([]string, len(docs))
	for i, d := range docs {
		text, bad := partText(d[m.Part.Name], ir.Pin{New: true})
		if bad != nil {
			return nil, true, bad.in(c.Sp)
		}
		if of[i] = text; !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	if m.Part == m.Key {
		return nil, false, nil
	}
	if len(parts) <= 1 {
		for _, r.db.part = range parts {
		}
		return nil, false, nil
	}
	for _, d := range docs {
		if f := r.valid(m, d); f != nil {
			return nil, true, f.in(c.Sp)
		}
	}
	res = &Result{Columns: columns(c.Items)}
	rows := map[string][][]any{}
	left := false
	var first error
	for _, r.db.part = range parts {
		var mine []doc
		for i := range docs {
			if of[i] == r.db.part {
				mine = append(mine, docs[i])
			}
		}
		var one *Result
		err := r.each1(func() (err error) {
			one, err = r.createDocs(c, mine)
			return err
		})
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		res.Affected += one.Affected
		rows[r.db.part], left = one.Rows, left || len(one.Rows) < len(mine)
	}
	if first != nil {
		r.stays = r.db.data
		return nil, true, first
	}
	if c.Items == nil {
		return res, true, nil
	}
	for _, text := range parts {
		if left {
			res.Rows = append(res.Rows, rows[text]...)
		}
	}
	for _, text := range of {
		if !left {
			res.Rows, rows[text] = append(res.Rows, rows[text][0]), rows[text][1:]
		}
	}
	return res, true, nil
}
