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

// top reads all rows and returns them in order, keeping only as many as are
// needed.
func top(l *planner.Sort, src Source, env *eval.Env, b Bounds) Source {
	var rows []orderKey
	read := false
	return func() ([]any, error) {
		if !read {
			read = true
			var err error
			if rows, err = collect(l, src, env, b); err != nil {
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

// collect collects the rows after the cursor: all of them, or as many as are needed.
func collect(l *planner.Sort, src Source, env *eval.Env, b Bounds) ([]orderKey, error) {
	h := &keep{l: l}
	k := int64(-1)
	if b.Limit >= 0 {
		k = b.Limit + b.Offset + 1 // one more, to detect a next page
	}
	for {
		row, err := src()
		if err != nil {
			return nil, err
		}
		if row == nil {
			break
		}
		x, err := keyOf(l, row, env)
		if err != nil {
			return nil, err
		}
		if b.After != nil && compare(l, x.vals, b.After.Vals) <= 0 {
			continue
		}
		switch {
		case k < 0 || int64(len(h.rows)) < k:
			heap.Push(h, x)
		case k > 0 && compare(l, x.vals, h.rows[0].vals) < 0:
			h.rows[0] = x
			heap.Fix(h, 0)
		}
	}
	sort.Slice(h.rows, func(i, j int) bool { return compare(l, h.rows[i].vals, h.rows[j].vals) < 0 })
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
