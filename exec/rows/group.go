package rows

import (
	"slices"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
)

// group is the state of one group.
type group struct {
	keys []any
	aggs []eval.Agg
}

// groups reads all rows and returns the items of each group that satisfies
// HAVING.
func groups(l *planner.Aggregate, src Source, env *eval.Env) Source {
	var list []*group
	read := false
	return func() ([]any, error) {
		if !read {
			read = true
			var err error
			if list, err = formGroups(l, src, env); err != nil {
				return nil, err
			}
		}
		for len(list) > 0 {
			g := list[0]
			list = list[1:]
			row, err := g.row(l, env)
			if err != nil || row != nil {
				return row, err
			}
		}
		return nil, nil
	}
}

// formGroups forms the groups in order of first appearance; without GROUP BY there is always one.
func formGroups(l *planner.Aggregate, src Source, env *eval.Env) ([]*group, error) {
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
					return nil, fail.Value(err)
				}
			}
			of := &l.Aggregate.Aggs[i]
			agg, err := eval.New(of.Fn, of.T, of.Distinct, p)
			if err != nil {
				return nil, fail.ValueAt(err, of.Sp)
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
		if len(l.Group) == 0 {
			if err := addTo(l, list[0], env); err != nil {
				return nil, err
			}
			continue
		}
		keys := make([]any, len(l.Group))
		for i, fn := range l.Group {
			if keys[i], err = fn(env); err != nil {
				return nil, fail.Value(err)
			}
		}
		for _, keys := range memberships(l, keys) {
			buf = buf[:0]
			for _, v := range keys {
				buf = codec.AppendIdentity(buf, v)
			}
			g := byKey[string(buf)]
			if g == nil {
				if g, err = newGroup(keys); err != nil {
					return nil, err
				}
				byKey[string(buf)] = g
			}
			if err := addTo(l, g, env); err != nil {
				return nil, err
			}
		}
	}
}

// memberships returns the keys of the groups that a row is in: one group, or one for each different element of a list.
func memberships(l *planner.Aggregate, keys []any) [][]any {
	if !l.Each {
		return [][]any{keys}
	}
	var out [][]any
	list, _ := keys[0].([]any)
	for i, v := range list {
		if v != nil && !slices.Contains(list[:i], v) { // refs, which are comparable
			out = append(out, []any{v})
		}
	}
	return out
}

// addTo adds the current row to a group's aggregates.
func addTo(l *planner.Aggregate, g *group, env *eval.Env) error {
	for i := range l.Aggs {
		a := &l.Aggs[i]
		var v any = true
		if a.X != nil {
			var err error
			if v, err = a.X(env); err != nil {
				return fail.Value(err)
			}
		}
		if err := g.aggs[i].Add(v); err != nil {
			return fail.ValueAt(err, l.Aggregate.Aggs[i].Sp)
		}
	}
	return nil
}

// row returns the items of the group, or nil if it does not satisfy HAVING.
func (g *group) row(l *planner.Aggregate, env *eval.Env) ([]any, error) {
	aggs := make([]any, len(g.aggs))
	for i, a := range g.aggs {
		v, err := a.Result()
		if err != nil {
			return nil, fail.ValueAt(err, l.Aggregate.Aggs[i].Sp)
		}
		aggs[i] = v
	}
	return groupRow(l, g.keys, aggs, env)
}

// counted returns the rows of groups that an index counted: their number is each of the aggregates.
func counted(l *planner.Counted, src Source, env *eval.Env) Source {
	return formed(l.Aggregate, func() ([]any, error) {
		g, err := src()
		if err != nil || g == nil {
			return nil, err
		}
		for range len(l.Aggregate.Aggregate.Aggs) - 1 {
			g = append(g, g[len(g)-1])
		}
		return g, nil
	}, env)
}

// formed returns the rows of groups whose aggregates are known: src gives the values of GROUP BY and behind them the aggregates.
func formed(l *planner.Aggregate, src Source, env *eval.Env) Source {
	return func() ([]any, error) {
		for {
			g, err := src()
			if err != nil || g == nil {
				return nil, err
			}
			n := len(l.Aggregate.Group)
			if row, err := groupRow(l, g[:n], g[n:], env); row != nil || err != nil {
				return row, err
			}
		}
	}
}

// groupRow returns the items of a group, or nil if it does not satisfy HAVING.
func groupRow(l *planner.Aggregate, keys, aggs []any, env *eval.Env) ([]any, error) {
	env.Keys, env.Aggs = keys, aggs
	if l.Having != nil {
		ok, err := l.Having(env)
		if err != nil || !ok {
			return nil, fail.Value(err)
		}
	}
	out := make([]any, len(l.Items))
	for i, fn := range l.Items {
		v, err := fn(env)
		if err != nil {
			return nil, fail.Value(err)
		}
		out[i] = v
	}
	return out, nil
}
