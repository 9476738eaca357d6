package run

import (
	"context"
	"time"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// firstRows is the number of documents in the first step if the time of steps is limited: their cost is not known yet.
const firstRows = 16

// Pacer sends the steps of one statement, and decides how many documents each of them takes.
type Pacer struct {
	Rows  int           // maximum for the next step
	Took  time.Duration // how long the last step occupied the server; 0: unknown
	most  int           // maximum for any step
	timed bool          // each step is timed, even if the time is not limited
	on    *conn.Conn
	rest  time.Duration
}

// NewPacer starts a statement that runs in steps.
func (db *Database) NewPacer() *Pacer {
	return db.newPacer(plan.StepRows)
}

// NewUpkeepPacer starts work over all documents of a model that has changed.
func (db *Database) NewUpkeepPacer() *Pacer {
	return db.newPacer(plan.UpkeepRows)
}

func (db *Database) newPacer(most int) *Pacer {
	p := &Pacer{on: db.Conn, Rows: most, most: most}
	if db.Conn.Pace.MaxBlock > 0 {
		p.Rows = firstRows
	}
	return p
}

// Run sends a step of n documents, after the pause that the previous one requires. again says that it was too much for a script
// and did nothing; it is to be tried again with fewer.
func (p *Pacer) Run(ctx context.Context, s *lua.Script, b *script.Args, n int) (r script.Reply, again bool, err error) {
	if err := wait(ctx, p.rest); err != nil {
		return nil, false, err
	}
	b.Reseed()
	if p.timed || p.on.Pace.Limited() {
		r, p.Took, err = p.on.Timed(ctx, s, b)
		p.rest = p.on.Pace.Rest(p.Took)
	} else {
		r, err = p.on.Run(ctx, s, b)
	}
	if less := fail.Smaller(err, n); less > 0 {
		p.Rows = less
		return nil, true, nil
	}
	if p.on.Pace.MaxBlock > 0 && p.Took > 0 && err == nil {
		p.Rows = min(p.on.Pace.Next(n, p.Took), p.most)
	}
	return r, false, err
}

// wait waits for d, or until the context ends.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return fail.Ended(ctx)
	case <-t.C:
		return nil
	}
}
