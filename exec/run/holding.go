package run

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/planner"
)

// holding returns the partition of the only document that may have a value of a UNIQUE GLOBAL, or none if there is no entry for it. known is
// false if the value is null, which is exempt. The entry may be of a document without the value, so the statement asks that document
// for it; no other can have it then.
func (j *task) holding(ctx context.Context, of *planner.ScanArgs) (list []*unit, known bool, err error) {
	sc := of.Scan
	values, types := make([]any, len(of.Bounds)), make([]lang.Type, len(of.Bounds))
	for i := range of.Bounds {
		types[i] = sc.Bounds[i].T
		if values[i], err = of.Bounds[i].X(&j.Env); err != nil {
			return nil, false, fail.Value(err)
		}
	}
	value, ok, err := codec.UniqueField(values, types)
	if err != nil || !ok {
		return nil, false, fail.Value(err)
	}
	c := &claim{m: sc.Model, i: slices.Index(sc.Model.Uniques, sc.Index), keys: j.db.Conn.Keys, value: value}
	entries := c.keys.Bucket(c.bucket()).Entries(c.m, sc.Index)
	cmd := redis.NewStringCmd(ctx, "hget", entries, value)
	switch err := j.db.Conn.Bucket(c.bucket()).Process(ctx, cmd); {
	case err == redis.Nil:
		return nil, true, nil
	case err != nil:
		return nil, false, conn.ServerError(err, false, entries)
	}
	c.entry = cmd.Val()
	if err := j.db.owner(c); err != nil {
		return nil, false, err
	}
	u, err := c.from.unit(c.m)
	return []*unit{u}, true, err
}
