package run

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// Expect counts what the queries of a plan are expected to read, in one round trip, and three more for a candidate in runs. What cannot be
// counted is noted in Why; only a lost connection is an error.
func (db *Database) Expect(ctx context.Context, p *planner.Plan, list []*planner.Expected, env *eval.Env) error {
	if pr := Profiling(ctx); pr != nil {
		start := time.Now()
		pr.apart = true
		defer func() { pr.apart, pr.aside = false, pr.aside+time.Since(start) }()
	}
	if len(list) == 0 {
		return nil
	}
	in, unknown := db.expected(ctx, p, env)
	var cmds []redis.Cmder
	var read []func()
	for _, x := range list {
		if x.Why != "" {
			continue
		}
		if unknown != nil {
			x.Why = unknown.Error()
			continue
		}
		if err := wanted(x, env); err != nil {
			x.Why = err.Error()
			continue
		}
		x.Counts = make([]int64, len(x.Scans))
		for _, part := range in {
			c, finish, err := part.counting(ctx, x, env)
			if err != nil {
				x.Why = err.Error()
				break
			}
			cmds, read = append(cmds, c...), append(read, finish)
		}
	}
	for at := 0; at < len(cmds); at += scatterTrip {
		if err := in[0].Conn.Scatter(ctx, cmds[at:min(at+scatterTrip, len(cmds))]); conn.IsConnection(err) {
			return conn.ServerError(err, false, "")
		}
	}
	for _, f := range read {
		f()
	}
	for _, x := range list {
		if x.Why == "" && len(in) > 0 {
			if err := in[0].reached(ctx, x, len(in) == 1, env); conn.IsConnection(err) {
				return conn.ServerError(err, false, "")
			}
		}
	}
	return nil
}

// reached counts what a candidate in runs reads, as a script does that chooses: up to the end of the run in which the last row is expected.
func (db *Database) reached(ctx context.Context, x *planner.Expected, whole bool, env *eval.Env) error {
	x.Reached = x.Query.Reach(x.Counts, x.Top)
	if x.Reached == 0 || !whole {
		return nil
	}
	c := x.Query.Cands[0]
	key, n := db.scanned(c.Scans[0]), x.Reached
	ranges, err := db.Binder.Ranges(x.Scans[0][0].Args, env)
	if err != nil {
		return err
	}
	lists := counts(ctx, nil, key, ranges)
	if err := db.Conn.Scatter(ctx, lists); err != nil {
		return err
	}
	before := int64(0)
	for i := range lists {
		if c.Rev {
			i = len(lists) - 1 - i
		}
		lo, hi, of := ranges[2*i], ranges[2*i+1], lists[i].(*redis.IntCmd).Val()
		if before+of < n {
			before += of
			continue
		}
		args := []any{"zrangebylex", key, lo, hi, "limit", n - before - 1, 1}
		if c.Rev {
			args = []any{"zrevrangebylex", key, hi, lo, "limit", n - before - 1, 1}
		}
		last := redis.NewStringSliceCmd(ctx, args...)
		if err := db.Conn.Scatter(ctx, []redis.Cmder{last}); err != nil || len(last.Val()) == 0 {
			return err
		}
		run := leadingValues(last.Val()[0], c.Lead+c.Runs)
		if c.Rev {
			lo = "[" + run + "\x00"
		} else {
			hi = "(" + run + "\x01"
		}
		count := redis.NewIntCmd(ctx, "zlexcount", key, lo, hi)
		err := db.Conn.Scatter(ctx, []redis.Cmder{count})
		x.Reached = before + count.Val()
		return err
	}
	return nil
}

// expected returns the partitions in which the queries of a plan are expected to read.
func (db *Database) expected(ctx context.Context, p *planner.Plan, env *eval.Env) ([]*Database, error) {
	if p.Over == nil {
		in, _, err := db.partition(p, env)
		return []*Database{in}, err
	}
	j := &task{db: db, p: p}
	j.Env = *env
	units, err := j.units(ctx)
	in := make([]*Database, len(units))
	for i, u := range units {
		in[i] = u.db
	}
	return in, err
}

// counting returns the commands that count the entries of a query's candidates, and what reads their replies.
func (db *Database) counting(ctx context.Context, x *planner.Expected, env *eval.Env) ([]redis.Cmder, func(), error) {
	all := redis.NewIntCmd(ctx, "zcard", db.Conn.Keys.IDs(x.Query.Model))
	cmds := []redis.Cmder{all}
	of := make([][]redis.Cmder, len(x.Scans))
	for i, scans := range x.Scans {
		for j := range scans {
			sc := x.Query.Cands[i].Scans[j]
			if scans[j].Args == nil {
				n, err := lookedUp(&scans[j], env)
				if err != nil {
					return nil, nil, err
				}
				x.Counts[i] += n
				continue
			}
			ranges, err := db.Binder.Ranges(scans[j].Args, env)
			if err != nil {
				return nil, nil, err
			}
			of[i] = counts(ctx, of[i], db.scanned(sc), ranges)
		}
		cmds = append(cmds, of[i]...)
	}
	return cmds, func() {
		x.Documents += all.Val()
		for _, c := range cmds {
			if c.Err() != nil {
				x.Why = c.Err().Error()
			}
		}
		for i, list := range of {
			for _, c := range list {
				x.Counts[i] += c.(*redis.IntCmd).Val()
			}
		}
	}, nil
}

// scanned returns the key that a scan walks.
func (db *Database) scanned(sc *plan.Scan) string {
	if sc.Index != nil {
		return db.Conn.Keys.Index(sc.Model, sc.Index)
	}
	return db.Conn.Keys.IDs(sc.Model)
}

// counts appends the commands that count the entries in ranges of a sorted set.
func counts(ctx context.Context, cmds []redis.Cmder, key string, ranges []string) []redis.Cmder {
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i] == bind.Lowest && ranges[i+1] == bind.Highest {
			cmds = append(cmds, redis.NewIntCmd(ctx, "zcard", key))
		} else {
			cmds = append(cmds, redis.NewIntCmd(ctx, "zlexcount", key, ranges[i], ranges[i+1]))
		}
	}
	return cmds
}

// lookedUp returns the number of documents that a scan looks up by their keys, or by a unique value.
func lookedUp(sc *planner.ExpectedScan, env *eval.Env) (int64, error) {
	if sc.Keys == nil {
		return 1, nil
	}
	v, err := sc.Keys(env)
	switch v := v.(type) {
	case nil:
		return 0, err
	case []any:
		return int64(len(v)), err
	}
	return 1, err
}

// wanted computes after how many documents a query ends.
func wanted(x *planner.Expected, env *eval.Env) error {
	l := rows.Bounds{Limit: -1}
	var err error
	sorted := len(x.Query.Order) > 0
	switch {
	case x.Local != nil:
		if l, err = rows.BoundsOf(x.Local, env); !x.Local.Free() {
			l.Limit = -1
		}
		sorted = planner.Op[planner.Sort](x.Local) != nil
	case x.Limit != nil:
		l, err = rows.BoundsOf(&planner.Local{Ops: []planner.RowOp{&planner.Limit{Limit: x.Limit, Offset: x.Skip}}}, env)
	}
	switch {
	case x.Exist:
		x.Want = 1
	case l.Limit < 0:
	case sorted:
		x.Top = l.Limit + l.Offset + 1 // the row behind the last says whether there are more
	default:
		x.Want = l.Limit + l.Offset
	}
	return err
}
