package exec

import (
	"context"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// clearAway clears away the documents of a model whose time has come, in steps.
func (e *Engine) clearAway(ctx context.Context, m *ir.Model) error {
	schema := e.catalog.Schema()
	s, err := lua.NewSweep(schema, m)
	if err != nil {
		return err
	}
	b, err := e.prepared(s, schema)
	if err != nil {
		return err
	}
	for {
		r, err := e.conn.Run(ctx, s, &b.Args)
		if err != nil || r.Int(1) < lua.SweepStep {
			return err
		}
	}
}

// clearModel is clearAway of the model of a name.
func (e *Engine) clearModel(ctx context.Context, name string) error {
	if m := e.catalog.Schema().Model(name); m != nil {
		return e.clearAway(ctx, m)
	}
	return fail.ErrStale
}
