package exec

import (
	"context"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// clearAway clears away the documents of a model whose time has come, in steps.
func (e *Engine) clearAway(ctx context.Context, m *ir.Model) error {
	for {
		n, err := e.sweep(ctx, m, lua.SweepStep)
		if err != nil || n < lua.SweepStep {
			return err
		}
	}
}

// sweep looks at most documents of a model whose time has come, clears away those that are gone, and says how many it looked at.
func (e *Engine) sweep(ctx context.Context, m *ir.Model, most int64) (int64, error) {
	schema := e.catalog.Schema()
	s, err := lua.NewSweep(schema, m)
	if err != nil {
		return 0, err
	}
	b, err := e.prepared(s, schema)
	if err != nil {
		return 0, err
	}
	b.Set(plan.RunDue, most)
	r, err := e.conn.Run(ctx, s, &b.Args)
	if err != nil {
		return 0, err
	}
	return r.Int(1), nil
}

// clearModel is clearAway of the model of a name.
func (e *Engine) clearModel(ctx context.Context, name string) error {
	if m := e.catalog.Schema().Model(name); m != nil {
		return e.clearAway(ctx, m)
	}
	return fail.ErrStale
}
