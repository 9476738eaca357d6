package rows

import (
	"container/heap"
	"sort"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
)

// orderKey is the sort key of a row: the sort terms, the partition if there are several, and the document's key.
type orderKey struct {
	row  []any
	vals []any
}

// keyOf evaluates the sort key of a row.
func keyOf(l *planner.Sort, row []any, env *eval.Env) (orderKey, error) {
	k := orderKey{row: row, vals: make([]any, len(l.X), len(l.X)+2)}
	env.Row = row
	for i, fn := range l.X {
		v, err := fn(env)
		if err != nil {
			return k, fail.Value(err)
		}
		k.vals[i] = v
	}
	if l.Part > 0 {
		k.vals = append(k.vals, row[l.Part])
	}
	k.vals = append(k.vals, row[0])
	return k, nil
}

// compare compares two rows.
func compare(l *planner.Sort, a, b []any) int {
	desc := false
	for i := range a {
		if i < len(l.Terms) {
			desc = l.Terms[i].Desc
		}
		if c := codec.Compare(a[i], b[i]); c != 0 {
			return directed(c, desc)
		}
	}
	return 0
}

func directed(c int, desc bool) int {
	if desc {
		return -c
	}
	return c
}

// keep is a heap of the first rows of an order, with the last of them on top.
type keep struct {
	l    *planner.Sort
	rows []orderKey
}

func (h *keep) Len() int { return len(h.rows) }

func (h *keep) Less(i, j int) bool { return compare(h.l, h.rows[i].vals, h.rows[j].vals) > 0 }

func (h *keep) Swap(i, j int) { h.rows[i], h.rows[j] = h.rows[j], h.rows[i] }

func (h *keep) Push(x any) { h.rows = append(h.rows, x.(orderKey)) }

func (h *keep) Pop() any {
	x := h.rows[len(h.rows)-1]
	h.rows = h.rows[:len(h.rows)-1]
	return x
}

// add adds a row, unless k better ones are there; -1: all are kept.
func (h *keep) add(x orderKey, k int64) {
	switch {
	case k < 0 || int64(len(h.rows)) < k:
		heap.Push(h, x)
	case k > 0 && compare(h.l, x.vals, h.rows[0].vals) < 0:
		h.rows[0] = x
		heap.Fix(h, 0)
	}
}

// top reads all rows and returns them in order, keeping only as many as are
// needed.
func top(l *planner.Sort, src Source, env *eval.Env, b Bounds) Source { return runs(l, src, env, b, 0) }

// runs returns in order the rows of a source that is in the order of the first so many terms: those with equal values of them are
// sorted by themselves.
func runs(l *planner.Sort, src Source, env *eval.Env, b Bounds, terms int) Source {
	r := &run{l: l, src: src, env: env, after: b.After, terms: terms, want: -1}
	if b.Limit >= 0 {
		r.want = b.Limit + b.Offset + 1 // one more, to detect a next page
	}
	var rows []orderKey
	return func() ([]any, error) {
		for len(rows) == 0 && !r.ended && r.want != 0 {
			var err error
			if rows, err = r.next(); err != nil {
				return nil, err
			}
		}
		if len(rows) == 0 {
			return nil, nil
		}
		row := rows[0].row
		rows = rows[1:]
		return row, nil
	}
}

// run collects the rows with equal values of the first terms of an order.
type run struct {
	l     *planner.Sort
	src   Source
	env   *eval.Env
	after *Position
	terms int
	want  int64     // rows that are still needed; -1: all
	first *orderKey // of the next run, which was read
	ended bool
}

// next returns those rows of the next run that are behind the cursor, as many as are needed.
func (r *run) next() ([]orderKey, error) {
	h := &keep{l: r.l}
	x := r.first
	for r.first = nil; ; x = nil {
		if x == nil {
			row, err := r.src()
			if err != nil {
				return nil, err
			}
			if r.ended = row == nil; r.ended {
				break
			}
			k, err := keyOf(r.l, row, r.env)
			if err != nil {
				return nil, err
			}
			x = &k
		}
		if r.after != nil && compare(r.l, x.vals, r.after.Vals) <= 0 {
			continue
		}
		if len(h.rows) > 0 && compare(r.l, h.rows[0].vals[:r.terms], x.vals) != 0 {
			r.first = x
			break
		}
		h.add(*x, r.want)
	}
	sort.Slice(h.rows, func(i, j int) bool { return compare(r.l, h.rows[i].vals, h.rows[j].vals) < 0 })
	if r.want >= 0 {
		r.want -= int64(len(h.rows))
	}
	return h.rows, nil
}

// after skips the rows up to the cursor in an ordered source.
func after(l *planner.Sort, src Source, env *eval.Env, b Bounds) Source {
	if b.After == nil {
		return src
	}
	passed := false
	return func() ([]any, error) {
		for {
			row, err := src()
			if err != nil || row == nil || passed {
				return row, err
			}
			x, err := keyOf(l, row, env)
			if err != nil {
				return nil, err
			}
			if compare(l, x.vals, b.After.Vals) > 0 {
				passed = true
				return row, nil
			}
		}
	}
}

// mark limits an ordered source and sets the cursor of the last row if more
// follow, except for NEAREST.
func mark(c *planner.Cursor, src Source, env *eval.Env, b Bounds, rows *Rows, near bool) Source {
	n, done := int64(0), false
	var last []any
	return func() ([]any, error) {
		if done {
			return nil, nil
		}
		for ; b.Offset > 0; b.Offset-- {
			if row, err := src(); err != nil || row == nil {
				done = true
				return nil, err
			}
		}
		if b.Limit >= 0 && n == b.Limit {
			done = true
			if last == nil {
				return nil, nil
			}
			more, err := src()
			if err != nil || more == nil {
				return nil, err
			}
			x, err := keyOf(c.Sort, last, env)
			if err != nil {
				return nil, err
			}
			if !near {
				rows.cursor, err = writeCursor(c, x.vals, env)
			}
			return nil, err
		}
		row, err := src()
		if err != nil || row == nil {
			done = true
			return nil, err
		}
		n, last = n+1, row
		return row, nil
	}
}
