package exec

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/exec/schema"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
)

// runner is one run of one text.
type runner struct {
	s      *Session
	src    *lang.Source
	args   map[string]any
	each   func(*Rows) error
	target Target // what the rows of the last statement are read into; nil: anything
	fit    *fitted
	fitted cached // room for the program that fits the target
	c      *cached
	params []any
	few    [6]any   // room for params and vars
	taken  int      // of it
	first  *run.Job // room for the first job; nil where it is taken
	named  bool     // there may be names that statements bound before
	vars   []any
	alone  [1]*run.Job // stands for a statement that shares its trips with no other
}

// use makes a compiled program the one that runs, and converts the parameters and the session's names for it.
func (r *runner) use(c *cached) error {
	r.c = c
	if r.target != nil {
		fit, err := r.fitTo(c)
		if err != nil {
			return r.place(err, len(c.c.prog.Stmts)-1)
		}
		c, r.c = fit, fit
	}
	prog := c.c.prog
	r.named = prog.Vars > 0 && (len(prog.Stmts) != 1 || len(prog.TopVars) > 0 || len(prog.Stmts[0].Info().Pre) > 0)
	if r.params == nil && len(prog.Params) > 0 {
		r.params = r.room(len(prog.Params))
		for i, name := range prog.Params {
			v, err := codec.FromGo(r.args[name], lang.TypeUnknown)
			if err != nil {
				return r.place(paramError(name, err), 0)
			}
			r.params[i] = v
		}
	}
	if prog.Vars > 0 {
		vars := r.room(prog.Vars)
		copy(vars, r.vars)
		r.vars = vars
		for _, v := range prog.TopVars {
			if x, ok := r.s.vars[v.Name]; ok && v.ID < len(vars) {
				vars[v.ID] = x.v
			}
		}
	}
	return nil
}

// room gives room for n values: at first that of the runner itself.
func (r *runner) room(n int) []any {
	if n > len(r.few)-r.taken {
		return make([]any, n)
	}
	at := r.taken
	r.taken += n
	return r.few[at:r.taken:r.taken]
}

// paramError is a parameter whose value is no value of RQL.
func paramError(name string, err error) error {
	e := fail.Errorf(lang.CodeBadParam, lang.Span{}, "$%s: %s", name, fail.Message(err))
	e.Cause = err
	var c *codec.Error
	if errors.As(err, &c) {
		e.Code = c.Code
	}
	return e
}

// all runs every statement. Reads that follow one another share a round trip.
func (r *runner) all(ctx context.Context) error {
	var first error
	stmts := r.c.c.prog.Stmts
	for i := 0; i < len(stmts); i++ {
		together := r.alone[:]
		if len(stmts) > 1 {
			together = r.reads(ctx, i)
		}
		if len(together) > 1 {
			if err := r.send(ctx, together); err != nil {
				return r.place(err, i)
			}
		}
		for k, j := range together {
			err := r.one(ctx, i+k, j)
			if err == nil {
				continue
			}
			err = r.place(err, i+k)
			if !r.s.o.KeepGoing || ctx.Err() != nil {
				return err
			}
			if first == nil {
				first = err
			}
		}
		i += len(together) - 1
	}
	return first
}

// one gives the result of statement i: of a trip already made, or by running it now.
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

// maxTogether is how many reads travel together.
const maxTogether = 100

// reads prepares the reads that stand one after the other from statement i on.
func (r *runner) reads(ctx context.Context, i int) []*run.Job {
	var jobs []*run.Job
	for ; i < len(r.c.c.prog.Stmts) && len(jobs) < maxTogether; i++ {
		switch r.c.c.prog.Stmts[i].(type) {
		case *ir.Find, *ir.Get, *ir.Count, *ir.Exists:
		default:
			i = len(r.c.c.prog.Stmts)
			continue
		}
		p, err := r.c.c.plan(i, r.s.e.db.Conn.Can())
		if err != nil || len(p.Pre) > 0 {
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

// send makes the first trips of several reads in one. A read whose arguments
// are at fault keeps its error for when its turn comes.
func (r *runner) send(ctx context.Context, jobs []*run.Job) error {
	var cmds []redis.Cmder
	for _, j := range jobs {
		if err := j.Start(ctx, ""); err != nil {
			if ctx.Err() != nil {
				return err
			}
			j.Fail(err)
		}
		cmds = append(cmds, j.Cmds()...)
	}
	if len(cmds) == 0 {
		return nil
	}
	return r.s.e.db.Conn.Pipeline(ctx, cmds)
}

// deliver gives a result to the caller.
func (r *runner) deliver(rows *Rows, i int) error {
	rows.Statement = i
	rows.Text = r.src.Slice(respan(r.c.c.src, r.src, r.c.c.prog.Stmts[i].Info().Sp))
	rows.Items, _ = returned(r.c.c.prog.Stmts[i])
	defer rows.Close()
	if err := r.each(rows); err != nil {
		return err
	}
	if rows.Err() == nil {
		// What the caller left is not needed; warnings and counts are final.
		return nil
	}
	return rows.Err()
}

// statement runs statement i, planning again when the catalog changed under it.
func (r *runner) statement(ctx context.Context, i int) (*Rows, error) {
	for t := r.s.e.db.Conn.Turns(); ; {
		p, err := r.c.c.plan(i, r.s.e.db.Conn.Can())
		if err != nil {
			return nil, run.PlanError(err, i)
		}
		var rows *Rows
		if len(p.Marks) > 0 {
			if err = r.s.e.db.Catalog.Mark(ctx, p.Marks); err == nil {
				err = fail.ErrStale
			}
		} else {
			rows, err = r.run(ctx, p)
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

// again reads the catalog and compiles the text from statement i on: those
// before it have run, and the names that they bound are the session's.
func (r *runner) again(ctx context.Context, i int) error {
	if _, err := r.s.e.db.Catalog.Reload(ctx); err != nil {
		return err
	}
	c, err := r.s.e.compileFrom(ctx, r.src, r.args, r.s.options(), i)
	if err != nil {
		return err
	}
	r.vars = nil
	return r.use(c)
}

// run carries out one plan, its subqueries first.
func (r *runner) run(ctx context.Context, p *planner.Plan) (*Rows, error) {
	for _, pre := range p.Pre {
		if _, err := r.run(ctx, pre.Plan); err != nil {
			return nil, err
		}
	}
	switch st := p.Stmt.(type) {
	case *ir.Let:
		return r.let(ctx, p, st)
	case *ir.Ensure:
		return r.ensure(ctx, p, st)
	case *ir.Explain:
		if st.Profile {
			return r.profile(ctx, st)
		}
		return r.explain(st)
	case *ir.Define, *ir.Drop, *ir.DefineProcedure, *ir.DropProcedure:
		return schema.New(r.s.e.db, r.src, r.tell).Run(ctx, st)
	case *ir.Show:
		if st.Proc != nil || st.What == "PROCEDURES" {
			return r.showProcedures(st), nil
		}
		return r.show(st), nil
	case *ir.Verify:
		return r.verify(ctx, st)
	case *ir.Import:
		return r.load(ctx, st)
	}
	if step, ok := p.Step.(*planner.BlockStep); ok && step.Once != nil {
		return r.newJob(ctx, p).Once(ctx, r.blockSum(step))
	}
	rows, err := r.newJob(ctx, p).Execute(ctx)
	if err != nil && p.Refreshes {
		return r.withoutRefresh(ctx, p, err)
	}
	return rows, err
}

// tell says how far long work is.
func (r *runner) tell(p run.Progress) {
	if r.s.o.Progress != nil {
		r.s.o.Progress(p)
	}
}

// explain prints a plan.
func (r *runner) explain(st *ir.Explain) (*Rows, error) {
	p, err := run.Build(st.Stmt, r.c.c.prog, r.s.e.db.Conn.Can())
	if err != nil {
		return nil, run.PlanError(err, -1)
	}
	return rows.Strings("EXPLAIN", "plan", planner.Explain(p, r.c.c.src)), nil
}

// place gives an error its statement and source.
func (r *runner) place(err error, i int) error {
	var ce *CheckError
	if errors.As(err, &ce) {
		return err
	}
	e, ok := fail.As(err)
	if !ok {
		return err
	}
	c := *e
	if c.Statement < 0 {
		c.Statement = i
	}
	if c.Source == nil {
		c.Source = r.src
	}
	if c.Span == (lang.Span{}) && i >= 0 {
		c.Span = r.c.c.prog.Stmts[i].Info().Sp
	}
	c.Span = respan(r.c.c.src, r.src, c.Span)
	return c.Locate()
}

// blockSum tells a block from another one under the same key.
func (r *runner) blockSum(step *planner.BlockStep) string {
	o := step.Once.X
	if o.In != nil {
		sum := sha1.Sum([]byte(o.In.Def))
		return hex.EncodeToString(sum[:])
	}
	return parser.Sum(r.src.Slice(respan(r.c.c.src, r.src, o.Body)))
}
