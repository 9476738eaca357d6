package exec

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"

	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/planner"
)

// runner is one run of one text.
type runner struct {
	s         *scope
	src       *lang.Source
	args      map[string]any
	to        Receiver
	target    compile.Target // destination of the last statement's rows; nil: none
	fit       *compile.Fitted
	fitted    compile.Text // storage for the program that is fitted to the target
	c         *compile.Text
	params    []any
	small     [6]any   // storage for params and vars
	taken     int      // number of used elements of small
	first     *run.Job // storage for the first job; nil once it is used
	named     bool     // earlier statements may have bound names
	vars      []any
	guard     *script.Guard // of a run that saves its position
	single    int           // statements before this one run one by one
	unchained int           // statements before this one are not chained
	primary   bool          // the statement was planned again, perhaps because a replica is behind
	block     *atomic       // the batch that this runs as one block; nil: none
	over      *run.Over     // what a statement over several partitions did before it was planned again
	alone     [1]*run.Job   // represents a statement that does not share its round trips
}

// Receiver receives the results of statements.
type Receiver interface {
	// Receive is called with the result of each statement, and reads its rows.
	Receive(rows *Rows) error
}

// Each is a function as a Receiver.
type Each func(*Rows) error

// Receive implements Receiver.
func (f Each) Receive(rows *Rows) error { return f(rows) }

// use sets the compiled program to run, and converts the parameters and the session's names for it.
func (r *runner) use(c *compile.Text) error {
	r.c = c
	if r.target != nil {
		fit, err := r.fitTo(c)
		if err != nil {
			return r.place(err, len(c.Prog.Stmts)-1)
		}
		c, r.c = fit, fit
	}
	prog := c.Prog
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

// room returns storage for n values: the runner's own until it is used up.
func (r *runner) room(n int) []any {
	if n > len(r.small)-r.taken {
		return make([]any, n)
	}
	at := r.taken
	r.taken += n
	return r.small[at:r.taken:r.taken]
}

// paramError returns the error for a parameter whose Go value has no RQL type.
func paramError(name string, err error) error {
	e := fail.Errorf(lang.CodeBadParam, lang.Span{}, "$%s: %s", name, fail.Message(err))
	e.Cause = err
	var c *codec.Error
	if errors.As(err, &c) {
		e.Code = c.Code
	}
	return e
}

// progress reports the progress of long work.
func (r *runner) progress(p run.Progress) {
	if r.s.o.Progress != nil {
		r.s.o.Progress(p)
	}
}

// place adds the statement and its source to an error.
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
		c.Span = r.c.Prog.Stmts[i].Info().Sp
	}
	c.Span = compile.Respan(r.c.Source, r.src, c.Span)
	return c.Locate()
}

// blockSum returns a checksum that distinguishes blocks with the same key.
func (r *runner) blockSum(step *planner.BlockStep) string {
	o := step.Key.X
	if o.In != nil {
		sum := sha1.Sum([]byte(o.In.Def))
		return hex.EncodeToString(sum[:])
	}
	return parser.Sum(r.src.Slice(compile.Respan(r.c.Source, r.src, o.Body)))
}

// valueEnv returns the environment for a value that is computed in Go. A path may follow a ref of a row that a name holds; the
// document is then fetched.
func (r *runner) valueEnv(ctx context.Context) *eval.Env {
	env := &eval.Env{}
	r.setEnv(ctx, env, true)
	return env
}

// newJob returns a run of a plan.
func (r *runner) newJob(ctx context.Context, p *planner.Plan) *run.Job {
	j := r.first
	if r.first = nil; j == nil {
		j = &run.Job{}
	}
	r.begin(ctx, j, p)
	return j
}

// begin makes a job that did not run a run of a plan.
func (r *runner) begin(ctx context.Context, j *run.Job, p *planner.Plan) {
	j.Begin(ctx, r.database(p), p)
	j.Guard, j.Over = r.guard, r.over
	r.setEnv(ctx, &j.Env, r.refers(p))
}

// database returns the database in which a plan runs: one that reads from replicas, if the plan only reads, and no replica was behind.
func (r *runner) database(p *planner.Plan) *run.Database {
	if db := r.s.e.replicas; db != nil && !r.primary {
		switch p.Stmt.(type) {
		case *ir.Find, *ir.Get, *ir.Count, *ir.Exists:
			return db
		}
	}
	return r.s.e.db
}

// refers reports whether a path in the statement of a plan may follow a ref.
func (r *runner) refers(p *planner.Plan) bool {
	step, ok := p.Step.(*planner.BlockStep)
	return p.Refs || r.named || ok && step.Key != nil
}

// setEnv sets the environment for the values of a statement. refs says that a path may follow a ref.
func (r *runner) setEnv(ctx context.Context, env *eval.Env, refs bool) {
	env.Params, env.Consts, env.Vars, env.Now = r.params, r.c.Consts, r.vars, r.s.instant()
	if refs {
		env.Deref = func(m *ir.Model, key any) (map[string]any, error) { return r.s.e.db.Fetch(ctx, m, key) }
	}
}

// fitTo fits the compiled program to the target of the run.
func (r *runner) fitTo(c *compile.Text) (*compile.Text, error) {
	f, err := c.Fit(r.target, r.s.e.db.Conn.Can())
	if err != nil {
		return nil, err
	}
	if r.fit = f; f.Program == c.Program {
		return c, nil
	}
	r.fitted = compile.Text{Program: f.Program, Consts: c.Consts}
	return &r.fitted, nil
}

// maxTogether is the maximum number of statements that share a round trip.
const maxTogether = 100

// deliver passes a result to the caller.
func (r *runner) deliver(rows *Rows, i int) error {
	rows.Statement = i
	rows.Text = r.src.Slice(compile.Respan(r.c.Source, r.src, r.c.Prog.Stmts[i].Info().Sp))
	rows.Items, _ = compile.Returned(r.c.Prog.Stmts[i])
	defer rows.Close()
	if err := r.to.Receive(rows); err != nil {
		return err
	}
	if rows.Err() == nil {
		// Rows that the caller did not read are not needed; warnings and counts are final.
		return nil
	}
	return rows.Err()
}
