package judge

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// keysOf lists the keys of a model's documents in order.
func (r *run) keysOf(m *ir.Model) []any {
	var keys []any
	for k := range r.db.table(m) {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return compare(keys[i], keys[j]) < 0 })
	return keys
}

// matching lists the keys of the documents that satisfy a condition.
func (r *run) matching(m *ir.Model, where ir.Expr) ([]any, error) {
	var out []any
	for _, k := range r.keysOf(m) {
		ok, err := r.shown(r.db.table(m)[k]).truth(where)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, k)
		}
	}
	return out, nil
}

// shown returns a scope in which faults are nulls.
func (r *run) shown(row doc) *scope { return &scope{r: r, row: row, shown: true} }

// operand evaluates an operand that controls the statement: a key, LIMIT, a
// TTL. Faults are errors.
func (r *run) operand(x ir.Expr) (any, error) { return (&scope{r: r}).eval(x) }

// count evaluates LIMIT, OFFSET or TIMES.
func (r *run) count(x ir.Expr, absent int64) (int64, error) {
	if x == nil {
		return absent, nil
	}
	v, err := r.operand(x)
	if err != nil {
		return 0, err
	}
	n, ok := v.(int64)
	if !ok {
		return 0, fail(lang.CodeBadArgument, "null where a number is needed").in(x.Span())
	}
	if n < 0 {
		return 0, fail(lang.CodeBadArgument, "%d is negative", n).in(x.Span())
	}
	return n, nil
}

// keys evaluates a key or a list of keys.
func (r *run) keys(x ir.Expr, many bool) ([]any, error) {
	v, err := r.operand(x)
	if err != nil {
		return nil, err
	}
	keys := []any{v}
	if many {
		keys, _ = v.([]any)
	}
	for _, k := range keys {
		if k == nil {
			return nil, fail(lang.CodeNullValue, "a key is null").in(x.Span())
		}
	}
	return keys, nil
}

// present filters the keys that exist; a missing one is an error unless it may
// be skipped.
func (r *run) present(m *ir.Model, keys []any, skip bool, sp lang.Span) ([]any, error) {
	var out []any
	var missing []string
	for _, k := range keys {
		if _, ok := r.db.table(m)[k]; ok {
			out = append(out, k)
		} else {
			missing = append(missing, fmt.Sprint(k))
		}
	}
	if len(missing) > 0 && !skip {
		return nil, fail(lang.CodeKeyNotFound, "%s %s: no such key", m.Name, strings.Join(missing, ", ")).in(sp)
	}
	return out, nil
}

func columns(items []ir.Item) []string {
	var out []string
	for _, it := range items {
		out = append(out, it.Name)
	}
	return out
}

// items evaluates the items of RETURN.
func (s *scope) items(items []ir.Item) ([]any, error) {
	out := make([]any, len(items))
	for i, it := range items {
		v, err := s.eval(it.X)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func (r *run) get(g *ir.Get) (*Result, error) {
	if g.Keys != nil {
		return r.getOver(g)
	}
	keys, err := r.keys(g.Key, g.Many)
	if err != nil {
		return nil, err
	}
	if keys, err = r.present(g.Model, keys, g.Skip, g.Sp); err != nil {
		return nil, err
	}
	res := &Result{Columns: columns(g.Items)}
	for _, k := range keys {
		row, err := r.shown(r.db.table(g.Model)[k]).items(g.Items)
		if err != nil {
			return nil, err
		}
		res.Rows = append(res.Rows, row)
	}
	return res, r.refreshes(g.Refreshes, g.Model, keys)
}

func (r *run) exists(e *ir.Exists) (*Result, error) {
	found := false
	if e.Key != nil {
		keys, err := r.keys(e.Key, false)
		if err != nil {
			return nil, err
		}
		_, found = r.db.table(e.Model)[keys[0]]
	} else {
		keys, err := r.all(&e.Head, e.Model, e.Where)
		if err != nil {
			return nil, err
		}
		found = len(keys) > 0
	}
	return &Result{Columns: []string{"exists"}, Rows: [][]any{{found}}}, nil
}

// found is one row of a FIND before projection.
type found struct {
	row   []any
	order []any
	key   any // nil if rows are not documents
}

func (r *run) find(f *ir.Find) (*Result, error) {
	if f.Stale && f.Model.Foreign {
		r.warn(lang.CodeMayMiss)
	}
	keys, err := r.all(&f.Head, f.Model, f.Where)
	if err != nil {
		return nil, err
	}
	if f.Near != nil {
		if keys, err = r.nearest(f, keys); err != nil {
			return nil, err
		}
	}
	var rows []found
	if f.Grouped {
		rows, err = r.groups(f, keys)
	} else {
		rows, err = r.plain(f, keys)
	}
	if err != nil {
		return nil, err
	}
	if f.Distinct {
		rows = distinct(rows)
	}
	if f.Near == nil || len(f.Order) > 0 {
		sortRows(rows, f.Order)
	}
	res := &Result{Columns: columns(f.Items)}
	if rows, err = r.page(f, rows, res); err != nil {
		return nil, err
	}
	keys = make([]any, len(rows))
	for i, x := range rows {
		res.Rows = append(res.Rows, x.row)
		keys[i] = x.key
	}
	return res, r.refreshes(f.Refreshes, f.Model, keys)
}

func (r *run) plain(f *ir.Find, keys []any) ([]found, error) {
	var out []found
	for _, k := range keys {
		s := r.shown(r.doc(f.Model, k))
		x, err := s.finish(f)
		if err != nil {
			return nil, err
		}
		x.key = k
		out = append(out, x)
	}
	return out, nil
}

// finish evaluates the returned items, then those that ORDER BY needs.
func (s *scope) finish(f *ir.Find) (found, error) {
	row, err := s.items(f.Items)
	if err != nil {
		return found{}, err
	}
	s.outputs = row
	order, err := s.order(f.Order)
	return found{row: row, order: order}, err
}

func (s *scope) order(terms []ir.Order) ([]any, error) {
	var out []any
	for _, o := range terms {
		v, err := s.eval(o.X)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (r *run) groups(f *ir.Find, keys []any) ([]found, error) {
	type group struct {
		keys []any
		docs []any // their keys
	}
	var groups []*group
	byID := map[string]*group{}
	if len(f.Group) == 0 {
		byID[identity([]any{})] = &group{}
		groups = append(groups, byID[identity([]any{})])
	}
	for _, k := range keys {
		vals, err := r.shown(r.doc(f.Model, k)).items(f.Group)
		if err != nil {
			return nil, err
		}
		in := [][]any{vals}
		if f.Each {
			in = nil
			list, _ := vals[0].([]any)
			for i, v := range list {
				if !slices.Contains(list[:i], v) {
					in = append(in, []any{v})
				}
			}
		}
		for _, vals := range in {
			g := byID[identity(vals)]
			if g == nil {
				g = &group{keys: vals}
				byID[identity(vals)] = g
				groups = append(groups, g)
			}
			g.docs = append(g.docs, k)
		}
	}
	var out []found
	for _, g := range groups {
		s := r.shown(nil)
		s.groupKeys = g.keys
		for _, a := range f.Aggs {
			v, err := r.aggregate(f.Model, a, g.docs)
			if err != nil {
				return nil, err
			}
			s.aggs = append(s.aggs, v)
		}
		if ok, err := s.truth(f.Having); err != nil || !ok {
			if err != nil {
				return nil, err
			}
			continue
		}
		x, err := s.finish(f)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func (r *run) aggregate(m *ir.Model, a ir.Agg, docs []any) (any, error) {
	if a.X == nil {
		return int64(len(docs)), nil
	}
	var xs []any
	seen := map[string]bool{}
	for _, d := range docs {
		v, err := r.shown(r.doc(m, d)).eval(a.X)
		if err != nil {
			return nil, err
		}
		if a.Distinct && seen[identity(v)] {
			continue
		}
		seen[identity(v)] = true
		xs = append(xs, v)
	}
	p := 0.0
	if a.P != nil {
		v, err := r.operand(a.P)
		if err != nil {
			return nil, err
		}
		if p = number(v); p < 0 || p > 100 {
			return nil, fail(lang.CodeBadArgument, "percentile: %v is not between 0 and 100", p).in(a.Sp)
		}
	}
	v, f := fold(a.Fn, xs, a.X.Type(), p)
	if f != nil {
		return nil, f.in(a.Sp)
	}
	return v, nil
}

func distinct(rows []found) []found {
	seen := map[string]bool{}
	return slices.DeleteFunc(rows, func(x found) bool {
		id := identity(x.row)
		again := seen[id]
		seen[id] = true
		return again
	})
}

// sortRows sorts by the terms, with ties ordered by key in the direction of the
// last term.
func sortRows(rows []found, terms []ir.Order) {
	sort.SliceStable(rows, func(i, j int) bool { return before(rows[i], rows[j], terms) })
}

func before(a, b found, terms []ir.Order) bool {
	desc := false
	for i, o := range terms {
		desc = o.Desc
		if c := compare(a.order[i], b.order[i]); c != 0 {
			return (c < 0) != desc
		}
	}
	if a.key == nil || b.key == nil {
		return false
	}
	c := order(a.key, b.key, len(terms) == 0)
	return c != 0 && (c < 0) != desc
}

// saved is a cursor: where a page ended, and the statement it belongs to.
type saved struct {
	shape string
	last  found
}

// page applies AFTER, OFFSET and LIMIT, and stores a cursor if rows remain.
func (r *run) page(f *ir.Find, rows []found, res *Result) ([]found, error) {
	if f.After != nil {
		v, err := r.operand(f.After)
		if err != nil {
			return nil, err
		}
		if v != nil {
			c, ok := r.db.cursors[text(v)]
			if !ok || c.shape != r.shape(f) {
				return nil, fail(lang.CodeBadCursor, "this cursor is not of this statement").in(f.After.Span())
			}
			rows = slices.DeleteFunc(rows, func(x found) bool { return !before(c.last, x, f.Order) })
		}
	}
	offset, err := r.count(f.Offset, 0)
	if err != nil {
		return nil, err
	}
	size := int64(len(rows))
	limit, err := r.count(f.Limit, size)
	if err != nil {
		return nil, err
	}
	from := min(offset, size)
	to := from + min(limit, size-from)
	if to < size && to > from && !f.Grouped && !f.Distinct {
		res.Cursor = fmt.Sprintf("page-%d", len(r.db.cursors)+1)
		r.db.cursors[res.Cursor] = saved{shape: r.shape(f), last: rows[to-1]}
	}
	return rows[from:to], nil
}

// shape identifies a statement: its text without LIMIT, OFFSET and AFTER, and the parameters of its predicate that are not left
// out.
func (r *run) shape(f *ir.Find) string {
	sp := f.Sp
	if f.Paging > 0 {
		sp.End = f.Paging
	}
	words := strings.Fields(r.prog.Source.Slice(sp))
	if f.Paging > 0 {
		words = words[:len(words)-1]
	}
	out := strings.Join(words, " ") + "\x00" + r.db.part
	in := []ir.Expr{f.Where}
	for _, pin := range f.Pins {
		in = append(in, pin.X)
	}
	var values func(x ir.Expr) bool
	values = func(x ir.Expr) bool {
		if a, ok := x.(*ir.Away); ok {
			ir.Walk(a.Cond, values)
			return false
		}
		if p, ok := x.(*ir.Param); ok {
			out += " $" + p.Name + "=" + identity(r.params[p.Name])
		}
		return true
	}
	for _, x := range in {
		ir.Walk(x, values)
	}
	return out
}
