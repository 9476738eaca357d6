package exec

import (
	"container/heap"
	"sort"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
)

// source gives the leaves of one document after another; nil at the end. A row may be kept by the caller.
type source func() ([]any, error)

// bounds are the values of LIMIT, OFFSET and AFTER.
type bounds struct {
	limit  int64 // -1: all
	offset int64
	after  *position // nil: from the start
}

// count computes a LIMIT or OFFSET.
func count(fn eval.Fn, env *eval.Env, none int64) (int64, error) {
	if fn == nil {
		return none, nil
	}
	query := env.Query
	env.Query = false
	v, err := fn(env)
	env.Query = query
	if err != nil {
		return 0, valueError(err)
	}
	n, ok := v.(int64)
	if !ok || n < 0 {
		return 0, errorf(lang.CodeBadArgument, lang.Span{}, "LIMIT and OFFSET are whole numbers from 0")
	}
	return n, nil
}

// finish turns leaves into the rows of a FIND: grouped, filtered, ordered, cut and projected.
// ordered says that the source already comes in the order asked for.
func finish(l *planner.Local, src source, env *eval.Env, b bounds, ordered bool, rows *Rows) source {
	if l.Near != nil {
		src = nearest(l.Near, src, env)
		ordered = false
	}
	switch {
	case l.Grouped:
		return cut(distinct(l, groups(l, src, env), env), b)
	case l.Distinct:
		return cut(distinct(l, project(l, src, env), env), b)
	case len(l.Order) > 0 && !ordered:
		return project(l, mark(l, top(l, src, env, b), env, b, rows), env)
	case len(l.Order) > 0:
		return project(l, mark(l, after(l, src, env, b), env, b, rows), env)
	}
	return project(l, cut(src, b), env)
}

// project computes the returned items.
func project(l *planner.Local, src source, env *eval.Env) source {
	if l.Same {
		return src
	}
	return func() ([]any, error) {
		row, err := src()
		if err != nil || row == nil {
			return nil, err
		}
		out := make([]any, len(l.Items))
		if l.Direct != nil {
			for i, s := range l.Direct {
				out[i] = row[s]
			}
			return out, nil
		}
		env.Row = row
		for i, fn := range l.Items {
			if out[i], err = fn(env); err != nil {
				return nil, valueError(err)
			}
		}
		return out, nil
	}
}

// cut skips and limits.
func cut(src source, b bounds) source {
	if b.offset == 0 && b.limit < 0 {
		return src
	}
	skip, left := b.offset, b.limit
	return func() ([]any, error) {
		if left == 0 {
			return nil, nil
		}
		for ; skip > 0; skip-- {
			if row, err := src(); err != nil || row == nil {
				return nil, err
			}
		}
		if left > 0 {
			left--
		}
		return src()
	}
}

// orderKey is what a row is ordered by: the terms and the document's key.
type orderKey struct {
	row  []any
	vals []any
}

// keyOf computes the order of a row.
func keyOf(l *planner.Local, row []any, env *eval.Env) (orderKey, error) {
	k := orderKey{row: row, vals: make([]any, len(l.Order)+1)}
	env.Row = row
	for i, o := range l.Order {
		v, err := o.X(env)
		if err != nil {
			return k, valueError(err)
		}
		k.vals[i] = v
	}
	k.vals[len(l.Order)] = row[0]
	return k, nil
}

// compare orders two rows.
func compare(l *planner.Local, a, b []any) int {
	for i, o := range l.Order {
		if c := codec.Compare(a[i], b[i]); c != 0 {
			if o.Desc {
				return -c
			}
			return c
		}
	}
	c := codec.Compare(a[len(l.Order)], b[len(l.Order)])
	if l.KeyDesc {
		return -c
	}
	return c
}

// keep is a heap that holds the first rows of an order, the last of them on top.
type keep struct {
	l    *planner.Local
	rows []orderKey
}

func (h *keep) Len() int           { return len(h.rows) }
func (h *keep) Less(i, j int) bool { return compare(h.l, h.rows[i].vals, h.rows[j].vals) > 0 }
func (h *keep) Swap(i, j int)      { h.rows[i], h.rows[j] = h.rows[j], h.rows[i] }
func (h *keep) Push(x any)         { h.rows = append(h.rows, x.(orderKey)) }
func (h *keep) Pop() any {
	x := h.rows[len(h.rows)-1]
	h.rows = h.rows[:len(h.rows)-1]
	return x
}

// top reads everything and gives it in order, keeping only as many rows as are wanted.
func top(l *planner.Local, src source, env *eval.Env, b bounds) source {
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

// collect gathers the rows behind the cursor: all, or the first of them.
func collect(l *planner.Local, src source, env *eval.Env, b bounds) ([]orderKey, error) {
	h := &keep{l: l}
	k := int64(-1)
	if b.limit >= 0 {
		k = b.limit + b.offset + 1 // one more, to know whether there is a next page
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
		if b.after != nil && compare(l, x.vals, b.after.vals) <= 0 {
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

// after drops what lies up to the cursor in a source that comes in order.
func after(l *planner.Local, src source, env *eval.Env, b bounds) source {
	if b.after == nil {
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
			if compare(l, x.vals, b.after.vals) > 0 {
				passed = true
				return row, nil
			}
		}
	}
}

// mark cuts an ordered source, and leaves the cursor of the last row when more follow.
func mark(l *planner.Local, src source, env *eval.Env, b bounds, rows *Rows) source {
	n, done := int64(0), false
	var last []any
	return func() ([]any, error) {
		if done {
			return nil, nil
		}
		for ; b.offset > 0; b.offset-- {
			if row, err := src(); err != nil || row == nil {
				done = true
				return nil, err
			}
		}
		if b.limit >= 0 && n == b.limit {
			done = true
			if last == nil {
				return nil, nil
			}
			more, err := src()
			if err != nil || more == nil {
				return nil, err
			}
			x, err := keyOf(l, last, env)
			if err != nil {
				return nil, err
			}
			if l.Near == nil {
				rows.cursor, err = writeCursor(l, x.vals, env)
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

// group is what is known of one group.
type group struct {
	keys []any
	aggs []eval.Agg
}

// groups reads everything and gives the returned items of each group that HAVING lets through.
func groups(l *planner.Local, src source, env *eval.Env) source {
	var list []*group
	read := false
	return func() ([]any, error) {
		if !read {
			read = true
			var err error
			if list, err = gather(l, src, env); err != nil {
				return nil, err
			}
		}
		for len(list) > 0 {
			g := list[0]
			list = list[1:]
			row, err := groupRow(l, g, env)
			if err != nil || row != nil {
				return row, err
			}
		}
		return nil, nil
	}
}

// gather forms the groups in order of first appearance; without GROUP BY there is always one.
func gather(l *planner.Local, src source, env *eval.Env) ([]*group, error) {
	var list []*group
	byKey := map[string]*group{}
	newGroup := func(keys []any) (*group, error) {
		g := &group{keys: keys, aggs: make([]eval.Agg, len(l.Aggs))}
		for i := range l.Aggs {
			a := &l.Aggs[i]
			var p any
			if a.P != nil {
				var err error
				if p, err = a.P(env); err != nil {
					return nil, valueError(err)
				}
			}
			agg, err := eval.New(a.Agg.Fn, a.Agg.T, a.Agg.Distinct, p)
			if err != nil {
				return nil, valueErrorAt(err, a.Agg.Sp)
			}
			g.aggs[i] = agg
		}
		list = append(list, g)
		return g, nil
	}
	if len(l.Group) == 0 {
		if _, err := newGroup(nil); err != nil {
			return nil, err
		}
	}
	var buf []byte
	for {
		row, err := src()
		if err != nil {
			return nil, err
		}
		if row == nil {
			return list, nil
		}
		env.Row = row
		g := (*group)(nil)
		if len(l.Group) == 0 {
			g = list[0]
		} else {
			keys := make([]any, len(l.Group))
			buf = buf[:0]
			for i, fn := range l.Group {
				if keys[i], err = fn(env); err != nil {
					return nil, valueError(err)
				}
				buf = codec.AppendIdentity(buf, keys[i])
			}
			if g = byKey[string(buf)]; g == nil {
				if g, err = newGroup(keys); err != nil {
					return nil, err
				}
				byKey[string(buf)] = g
			}
		}
		if err := addTo(l, g, env); err != nil {
			return nil, err
		}
	}
}

// addTo adds the current row to a group's aggregates.
func addTo(l *planner.Local, g *group, env *eval.Env) error {
	for i := range l.Aggs {
		a := &l.Aggs[i]
		var v any = true
		if a.X != nil {
			var err error
			if v, err = a.X(env); err != nil {
				return valueError(err)
			}
		}
		if err := g.aggs[i].Add(v); err != nil {
			return valueErrorAt(err, a.Agg.Sp)
		}
	}
	return nil
}

// groupRow gives the returned items of a group, or nil where HAVING does not hold.
func groupRow(l *planner.Local, g *group, env *eval.Env) ([]any, error) {
	env.Keys = g.keys
	env.Aggs = make([]any, len(g.aggs))
	for i, a := range g.aggs {
		v, err := a.Result()
		if err != nil {
			return nil, valueErrorAt(err, l.Aggs[i].Agg.Sp)
		}
		env.Aggs[i] = v
	}
	if l.Having != nil {
		ok, err := l.Having(env)
		if err != nil || !ok {
			return nil, valueError(err)
		}
	}
	out := make([]any, len(l.Items))
	for i, fn := range l.Items {
		v, err := fn(env)
		if err != nil {
			return nil, valueError(err)
		}
		out[i] = v
	}
	return out, nil
}

// distinct removes repeated rows when asked to, and orders by what is returned.
func distinct(l *planner.Local, src source, env *eval.Env) source {
	var rows []orderKey
	read := false
	seen := map[string]bool{}
	var buf []byte
	next := func() ([]any, error) {
		for {
			row, err := src()
			if err != nil || row == nil || !l.Distinct {
				return row, err
			}
			buf = buf[:0]
			for _, v := range row {
				buf = codec.AppendIdentity(buf, v)
			}
			if !seen[string(buf)] {
				seen[string(buf)] = true
				return row, nil
			}
		}
	}
	if len(l.Order) == 0 {
		return next
	}
	return func() ([]any, error) {
		if !read {
			read = true
			for {
				row, err := next()
				if err != nil {
					return nil, err
				}
				if row == nil {
					break
				}
				k := orderKey{row: row, vals: make([]any, len(l.Order))}
				env.Outs = row
				for i, o := range l.Order {
					if k.vals[i], err = o.X(env); err != nil {
						return nil, valueError(err)
					}
				}
				rows = append(rows, k)
			}
			sort.SliceStable(rows, func(i, j int) bool { return compareOuts(l, rows[i].vals, rows[j].vals) < 0 })
		}
		if len(rows) == 0 {
			return nil, nil
		}
		row := rows[0].row
		rows = rows[1:]
		return row, nil
	}
}

// compareOuts orders returned rows, which have no key.
func compareOuts(l *planner.Local, a, b []any) int {
	for i, o := range l.Order {
		if c := codec.Compare(a[i], b[i]); c != 0 {
			if o.Desc {
				return -c
			}
			return c
		}
	}
	return 0
}
