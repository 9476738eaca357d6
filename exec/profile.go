package exec

import (
	"context"
	"time"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// profile runs a statement and says what it did.
func (r *runner) profile(ctx context.Context, st *ir.Explain) (*Rows, error) {
	pr := &run.Profile{}
	start := time.Now()
	if err := run.Needs(r.s.e.db.Conn.Caps, st.Stmt.Info().Uses, st.Sp); err != nil {
		return nil, err
	}
	p, err := planner.BuildProfile(st.Stmt, r.c.c.prog, r.s.e.db.Conn.Can())
	if err != nil {
		return nil, run.PlanError(err, -1)
	}
	pr.Planned = time.Since(start)
	start = time.Now()
	done, err := r.run(conn.Watched(ctx, pr), p)
	if err != nil {
		return nil, err
	}
	for done.Next() {
		pr.Rows++
	}
	if done.Err() != nil {
		return nil, done.Err()
	}
	pr.Ended(time.Since(start))
	pr.Affected = done.Affected()
	out := rows.Strings("PROFILE", "plan", planner.Profiled(p, r.c.c.src, &pr.Profile))
	out.Report(done)
	return out, nil
}
