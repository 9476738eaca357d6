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
	var cmds []redis.Cmder
	for _, name := range schema.Names() {
		cmds = append(cmds, redis.NewSliceCmd(ctx, "hmget", c.Keys.Job(schema.Model(name)), "work", "place", "of"))
	}
	if len(cmds) > 0 {
		if err := c.Pipeline(ctx, cmds); err != nil {
			return nil, err
		}
	}
	var list [][]any
	for i, name := range schema.Names() {
		vals := cmds[i].(*redis.SliceCmd).Val()
		if len(vals) != 3 || vals[0] == nil {
			continue
		}
		text, _ := vals[1].(string)
		place, _ := script.ParsePlace(text)
		of, _ := strconv.ParseInt(vals[2].(string), 10, 64)
		done := place.Affected
		if place.Statement > 0 { // the last step is done, and the definition not yet complete
			done = of
		}
		list = append(list, []any{name, vals[0], done, of})
	}
	out := rows.New("SHOW", ir.JobColumns(), list)
	out.Types = []lang.Type{lang.TypeString, lang.TypeString, lang.TypeInt, lang.TypeInt}
	return out, nil
}
