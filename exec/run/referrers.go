package run

import (
	"slices"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// The documents that refer to a row by a backlink may be in any partition. They are found after the rows, those of all rows that wait at
// once, by a FIND in all partitions with the keys of these rows.

// foundKey identifies what a query over a backlink found of one document, by its key, or its full key.
type foundKey struct {
	of  *ir.Column
	key any
}

// keyOf returns the key by which documents elsewhere refer to the row in the environment, or to a document of its partition.
func (g *gatherer) keyOf(of *ir.Column, key any) foundKey {
	if of.Coll.Apart.To.Celled() {
		part, _ := ir.PartOf(g.in().Conn.Keys.Cell)
		text, _ := ir.KeyText(key)
		key = ir.JoinKey(part, text)
	}
	return foundKey{of, key}
}

// referring returns what a backlink of a document leads to.
func (g *gatherer) referring(of *ir.Column, key any) (any, error) {
	return g.found[g.keyOf(of, key)], nil
}

// referrers finds what the backlinks of the rows that wait lead to.
func (g *gatherer) referrers() error {
	g.found = map[foundKey]any{}
	for _, r := range g.op.Referrers {
		var keys []any
		for _, row := range g.rows {
			g.j.Env.Row = row
			key, err := r.Key(&g.j.Env)
			if err != nil {
				return fail.Value(err)
			}
			k := g.keyOf(r.Col, key)
			if _, known := g.found[k]; key != nil && !known {
				g.found[k], keys = nil, append(keys, k.key)
			}
		}
		if len(keys) == 0 {
			continue
		}
		if err := g.refer(r, keys); err != nil {
			return err
		}
	}
	return nil
}

// apart returns a job of a part of the statement that is a statement of its own.
func (g *gatherer) apart(p *planner.Plan) *Job {
	j, sub := g.j, &Job{}
	sub.Begin(g.ctx, j.db.On(j.db.Conn.Home()), p)
	sub.Rows.Under(&j.Rows)
	sub.Env = j.Env
	sub.Env.Warner, sub.Env.Deref, sub.Env.Referrers, sub.Env.Row = j, g.named, nil, nil
	return sub
}

// refer finds the documents that refer to any of the keys, and what the query gives of those of each.
func (g *gatherer) refer(r *planner.Referrers, keys []any) error {
	sub := g.apart(r.Plan)
	sub.Env.Query = false
	sub.Env.Vars = with(sub.Env.Vars, r.Col.Coll.Apart.Keys, keys)
	list, err := sub.Execute(g.ctx)
	if err != nil {
		return err
	}
	defer list.Close()
	if r.Found == nil {
		return g.numbers(r, keys, list)
	}
	h, err := g.holding(r, keys)
	for err == nil && list.Next() {
		err = h.add(list.Values())
	}
	if err == nil {
		err = list.Err()
	}
	if err != nil {
		return err
	}
	return h.finish(g, keys)
}

// numbers reads how many documents refer to each key.
func (g *gatherer) numbers(r *planner.Referrers, keys []any, list *rows.Rows) error {
	n := map[any]int64{}
	for list.Next() {
		row := list.Values()
		n[row[0]] = row[1].(int64)
	}
	for _, key := range keys {
		var v any = n[key]
		if r.Col.Type.Kind == lang.KBool {
			v = n[key] > 0
		}
		g.found[foundKey{r.Col, key}] = v
	}
	return list.Err()
}

// held are the documents that refer to each of some keys, as rows of a query.
type held struct {
	r    *planner.Referrers
	job  *Job
	bd   rows.Bounds
	most int // rows to keep of each key; -1: all
	of   map[any][][]any
}

// heldMore is how many more rows than needed are kept of a key before they are cut.
const heldMore = 100

func (g *gatherer) holding(r *planner.Referrers, keys []any) (*held, error) {
	h := &held{r: r, job: g.apart(r.Found), most: -1, of: map[any][][]any{}}
	h.job.Env.Query = true
	h.job.gathering(g.ctx)
	var err error
	l := r.Found.Local
	if h.bd, err = rows.BoundsOf(l, &h.job.Env); err == nil && h.bd.Limit >= 0 && l.Free() {
		h.most = int(min(h.bd.Limit+h.bd.Offset, 1<<30))
	}
	for _, key := range keys {
		h.of[key] = nil
	}
	return h, err
}

// add keeps a document for each key to which it refers.
func (h *held) add(row []any) error {
	list, many := row[h.r.Ref].([]any)
	if !many {
		return h.keep(row[h.r.Ref], row)
	}
	for i, key := range list {
		if slices.Contains(list[:i], key) {
			continue
		}
		if err := h.keep(key, row); err != nil {
			return err
		}
	}
	return nil
}

// keep adds a row to those of a key. Where only the first are wanted, others are dropped now and then.
func (h *held) keep(key any, row []any) error {
	list, wanted := h.of[key]
	if !wanted {
		return nil
	}
	list = append(list, row)
	if h.most >= 0 && len(list) > 2*h.most+heldMore {
		if sort := planner.Op[planner.Sort](h.r.Found.Local); sort != nil {
			var err error
			if list, err = all(rows.InOrder(sort, rows.List(list), &h.job.Env, rows.Bounds{Limit: int64(h.most)}, 0)); err != nil {
				return err
			}
		}
		list = list[:h.most:h.most]
	}
	h.of[key] = list
	return nil
}

// finish makes the lists. The documents elsewhere that their rows read are read for all of them at once.
func (h *held) finish(g *gatherer, keys []any) error {
	l := h.r.Found.Local
	ops := l.Ops
	at := slices.IndexFunc(ops, func(op planner.RowOp) bool { _, is := op.(*planner.Gather); return is })
	if at >= 0 { // behind it is the projection
		if err := h.each(keys, ops[:at]); err != nil {
			return err
		}
		if err := h.together(keys, ops[at:at+2]); err != nil {
			return err
		}
		ops = ops[at+2:]
	}
	if err := h.each(keys, ops); err != nil {
		return err
	}
	for _, key := range keys {
		list := make([]any, len(h.of[key]))
		for i, row := range h.of[key] {
			obj := make(map[string]any, len(row))
			for k, it := range l.Items {
				obj[it.Name] = row[k]
			}
			list[i] = obj
		}
		g.found[foundKey{h.r.Col, key}] = list
	}
	return nil
}

// each applies row operators to the rows of each key.
func (h *held) each(keys []any, ops []planner.RowOp) error {
	for _, key := range keys {
		list, err := h.through(ops, h.of[key])
		if err != nil {
			return err
		}
		h.of[key] = list
	}
	return nil
}

// together applies row operators that give a row for each to the rows of all keys.
func (h *held) together(keys []any, ops []planner.RowOp) error {
	var list [][]any
	for _, key := range keys {
		list = append(list, h.of[key]...)
	}
	list, err := h.through(ops, list)
	if err != nil {
		return err
	}
	for _, key := range keys {
		n := len(h.of[key])
		h.of[key], list = list[:n:n], list[n:]
	}
	return nil
}

// through applies row operators to rows.
func (h *held) through(ops []planner.RowOp, list [][]any) ([][]any, error) {
	l := *h.r.Found.Local
	l.Ops = ops
	return all(rows.Finish(&l, rows.List(list), &h.job.Env, h.bd, 0, &h.job.Rows))
}

// all reads the rows of a source.
func all(src rows.Source) (list [][]any, err error) {
	for {
		row, err := src()
		if row == nil || err != nil {
			return list, err
		}
		list = append(list, row)
	}
}

// with returns the values of names with another one for v.
func with(vars []any, v *ir.Variable, value any) []any {
	out := make([]any, max(len(vars), v.ID+1))
	copy(out, vars)
	out[v.ID] = value
	return out
}

// keysWithin returns the values of names in a partition: lists of full keys are those of the keys in it.
func keysWithin(p *planner.Plan, vars []any, in keyspace.Keys) []any {
	for _, v := range p.Within {
		full, _ := vars[v.ID].([]any)
		keys := []any{}
		for _, x := range full {
			text, _ := x.(string)
			part, id, ok := ir.SplitKey(text)
			if !ok || ir.Cell(part) != in.Cell {
				continue
			}
			if key, err := codec.Parse(id, v.Within.Key.Type.NotNull()); err == nil {
				keys = append(keys, key)
			}
		}
		vars = with(vars, v, keys)
	}
	return vars
}
