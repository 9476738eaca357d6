package exec

import (
	"context"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/planner"
)

// withoutRefresh runs a block again that does nothing but read, and whose refreshes the server refused.
func (r *runner) withoutRefresh(ctx context.Context, p *planner.Plan, err error) (*Rows, error) {
	x, ok := fail.As(err)
	if !ok || !p.Refreshes || x.Code != lang.CodeReadOnly && x.Code != lang.CodeDenied {
		return nil, err
	}
	caps := p.Caps
	caps.NoRefresh = true
	calm, again := run.Build(p.Stmt, r.c.c.prog, caps)
	if again != nil {
		return nil, err
	}
	j := r.newJob(ctx, calm)
	rows, again := j.Execute(ctx)
	if again != nil {
		return nil, again
	}
	j.NotRefreshed(err)
	return rows, nil
}
