package exec

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// all runs every statement. Consecutive reads share a round trip, and so do consecutive writes of one script each.
func (r *runner) all(ctx context.Context) error {
	if r.s.o.Checkpoint != nil {
		return r.resume(ctx, r.s.o.Checkpoint)
	}
	stmts, first := r.c.Prog.Stmts, 0
	if r.s.o.DryRun {
		first = max(0, len(stmts)-1)
	}
	for i := first; i < len(stmts); i++ {
		together := r.alone[:]
		if len(stmts) > 1 {
			n, err := r.creates(ctx, i)
			if n == 0 && err == nil {
				n, err = r.chain(ctx, i)
			}
			if err != nil {
				return err
			}
			if n > 0 {
				i += n - 1
				continue
			}
			together = r.reads(ctx, i)
		}
		if len(together) > 1 {
			if err := r.send(ctx, together); err != nil {
				return r.place(err, i)
			}
		}
		for k, j := range together {
			err := r.one(ctx, i+k, j)
			if err != nil {
				return r.place(err, i+k)
			}
		}
		i += len(together) - 1
	}
	return nil
}

// one delivers the result of statement i: from a round trip already made, or by running it now.
func (r *runner) one(ctx context.Context, i int, j *run.Job) error {
	if j != nil {
		err := j.Finish()
		if err == nil {
			return r.deliver(&j.Rows, i)
		}
		if err != fail.ErrStale {
			return err
		}
	}
	rows, err := r.statement(ctx, i)
	if err != nil {
		return err
	}
	return r.deliver(rows, i)
}

// reads prepares the consecutive reads from statement i on.
func (r *runner) reads(ctx context.Context, i int) []*run.Job {
	var jobs []*run.Job
	for ; i < len(r.c.Prog.Stmts) && len(jobs) < maxTogether; i++ {
		switch r.c.Prog.Stmts[i].(type) {
		case *ir.Find, *ir.Get, *ir.Count, *ir.Exists:
		default:
			i = len(r.c.Prog.Stmts)
			continue
		}
		p, err := r.c.Plan(i, r.s.e.db.Conn.Can())
		if err != nil || len(p.Pre) > 0 || p.Over != nil {
			break
		}
		jobs = append(jobs, r.newJob(ctx, p))
		if p.RefreshesLater() {
			break
		}
	}
	if len(jobs) < 2 {
		return r.alone[:]
	}
	return jobs
}

// send sends the first round trips of several reads as one. A read whose arguments are invalid keeps its error until its turn
// comes.
func (r *runner) send(ctx context.Context, jobs []*run.Job) error {
	var cmds []redis.Cmder
	db, brief := r.s.e.db, true
	if from := r.s.e.replicas; from != nil && !r.primary {
		db = from
	}
	c := db.Conn
	for _, j := range jobs {
		if err := j.Start(ctx, ""); err != nil {
			if ctx.Err() != nil {
				return err
			}
			j.Fail(err)
		}
		if cmds, brief = append(cmds, j.Cmds()...), brief && j.Brief(); j.InBucket() {
			c = db.Conn.Wide()
		}
	}
	switch {
	case len(cmds) == 0:
		return nil
	case brief:
		return c.Share(ctx, cmds)
	}
	return c.Pipeline(ctx, cmds)
}

// scatters reports whether a statement works in several partitions.
func scatters(p *planner.Plan) bool { return p.Over != nil || p.Let != nil && p.Let.Over != nil }

// statement runs statement i, and plans it again if the catalog has changed.
func (r *runner) statement(ctx context.Context, i int) (*Rows, error) {
	marked := false
	r.over = nil
	for t := r.s.e.db.Conn.Turns(); ; {
		p, err := r.c.Plan(i, r.s.e.db.Conn.Can())
		if err != nil {
			return nil, run.PlanError(err, i)
		}
		if r.over == nil && scatters(p) {
			r.over = &run.Over{}
		}
		var rows *Rows
		if len(p.Marks) > 0 {
			if err = r.s.e.db.Catalog.Mark(ctx, p.Marks); err == nil {
				marked, err = true, fail.ErrStale
			}
		} else if rows, err = r.run(ctx, p); marked && err == nil {
			r.s.e.evicts(ctx, rows)
		}
		if errors.Is(err, bind.ErrRefused) {
			if err = bind.Refusal(err); r.s.e.outdated(ctx) {
				err = fail.ErrStale
			}
		}
		if err != fail.ErrStale {
			return rows, err
		}
		if more, err := t.Next(ctx); err != nil {
			return nil, err
		} else if !more {
			return nil, fail.Errorf(lang.CodeStale, p.Stmt.Info().Sp, "the catalog changed each of %d times that the statement was planned", t.N)
		}
		if err := r.again(ctx, i); err != nil {
			return nil, err
		}
	}
}

// outdated reads the catalog again, and reports whether it differs from the one for which a document was rejected.
func (e *Engine) outdated(ctx context.Context) bool {
	changed, err := e.db.Catalog.Reload(ctx)
	return err == nil && changed
}

// again reads the catalog and compiles the text from statement i on. The statements before it have run, and the names that they
// bound belong to the session.
func (r *runner) again(ctx context.Context, i int) error {
	r.primary = true
	if _, err := r.s.e.db.Catalog.Reload(ctx); err != nil {
		return err
	}
	if r.block != nil {
		if err := r.block.again(ctx); err != nil {
			return err
		}
	}
	return r.compile(ctx, i)
}

// compile compiles the text from statement i on.
func (r *runner) compile(ctx context.Context, i int) error {
	c, err := r.s.e.cache.From(ctx, r.src, r.args, r.s.options(), i)
	if err != nil {
		return err
	}
	r.vars = nil
	return r.use(c)
}

// evicts warns, when a model gets its first documents that expire, if the server may evict them.
func (e *Engine) evicts(ctx context.Context, rows *Rows) {
	memory := conn.MemoryCmd(ctx)
	_ = e.db.Conn.Process(ctx, memory)
	if text := conn.EvictionText(memory); text != "" {
		rows.Warn(Warning{Code: lang.CodeMayEvict, Text: text})
	}
}
