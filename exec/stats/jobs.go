package stats

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Jobs returns a row for each model over whose documents a MODEL or ALTER is working in steps, in whatever program, or was before it
// was interrupted. It takes one round trip.
func Jobs(ctx context.Context, c *conn.Conn, schema *ir.Schema) (*rows.Rows, error) {
	now := redis.NewTimeCmd(ctx, "time")
	cmds := []redis.Cmder{now}
	for _, name := range schema.Names() {
		cmds = append(cmds, redis.NewSliceCmd(ctx, "hmget", c.Keys.Job(schema.Model(name)), "work", "place", "of", "since", "from"))
	}
	if err := c.Pipeline(ctx, cmds); err != nil {
		return nil, err
	}
	var list [][]any
	for i, name := range schema.Names() {
		vals := cmds[1+i].(*redis.SliceCmd).Val()
		if len(vals) != 5 || vals[0] == nil {
			continue
		}
		text, _ := vals[1].(string)
		place, _ := script.ParsePlace(text)
		of := number(vals[2])
		done := place.Affected
		if place.Statement > 0 { // the last step is done, and the definition not yet complete
			done = of
		}
		rate, left := pace(done-number(vals[4]), of-done, now.Val().UnixMilli()-number(vals[3]))
		list = append(list, []any{name, vals[0], done, of, rate, left})
	}
	out := rows.New("SHOW", ir.JobColumns(), list)
	out.Types = []lang.Type{lang.TypeString, lang.TypeString, lang.TypeInt, lang.TypeInt, lang.TypeInt.OrNull(), lang.TypeDuration.OrNull()}
	return out, nil
}

// number reads a field of a job.
func number(v any) int64 {
	text, _ := v.(string)
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

// pace returns how many documents a second are done, and how long the rest takes, of so many in so many milliseconds; null before the
// first step.
func pace(done, rest, ms int64) (rate, left any) {
	if done <= 0 || ms <= 0 {
		return nil, nil
	}
	return done * 1000 / ms, lang.Duration(max(rest, 0) * ms / done)
}
