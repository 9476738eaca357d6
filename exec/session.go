package exec

import (
	"context"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
)

// SessionOptions say in what circumstances texts are run.
type SessionOptions struct {
	Prompt     bool // LET may bind a name again
	Program    bool // the terminal program: IMPORT is allowed
	KeepGoing  bool // a failed statement does not end the script
	DryRun     bool // IMPORT reads and checks every record and writes nothing
	OpenImport func(file string) (RowSource, error)
	Progress   func(Progress) // nil: none
}

// Session runs texts one after the other; names bound by LET last as long as it does.
type Session struct {
	e    *Engine
	o    SessionOptions
	vars map[string]variable
}

// variable is the value of a LET name.
type variable struct {
	t lang.Type
	v any
}

// NewSession starts a session. It is for one goroutine.
func (e *Engine) NewSession(o SessionOptions) *Session {
	return &Session{e: e, o: o}
}

// maxStale is how often a statement is planned again because the catalog changed meanwhile.
const maxStale = 3

// MaxLetRows is how many rows a top-level LET keeps.
const MaxLetRows = 10000

func (s *Session) options() check.Options {
	o := check.Options{Prompt: s.o.Prompt, Program: s.o.Program}
	if len(s.vars) > 0 {
		o.Vars = make(map[string]lang.Type, len(s.vars))
		for n, v := range s.vars {
			o.Vars[n] = v.t
		}
	}
	return o
}

// bind gives a name a value.
func (s *Session) bind(name string, v variable) {
	if s.vars == nil {
		s.vars = map[string]variable{}
	}
	s.vars[name] = v
}

// Check parses and checks a text and runs nothing. The error is a *CheckError
// with everything that is wrong, or of the connection.
func (s *Session) Check(ctx context.Context, src *lang.Source, args map[string]any) error {
	_, err := s.e.compile(ctx, src, args, s.options())
	return err
}

// Run parses and checks the whole text and then runs its statements in order.
// each is called with the result of every statement as it comes, and pulls its
// rows. The first failed statement ends the run (with KeepGoing the run goes on and
// the first error is returned at the end). Errors: *CheckError when nothing was run, else *Error.
func (s *Session) Run(ctx context.Context, src *lang.Source, args map[string]any, each func(*Rows) error) error {
	c, err := s.e.compile(ctx, src, args, s.options())
	if err != nil {
		return err
	}
	r := &runner{s: s, src: src, args: args, each: each}
	if err := r.use(c); err != nil {
		return err
	}
	return r.all(ctx)
}

// call is one run of one text in a session of its own.
type call struct {
	src     lang.Source
	session Session
	runner  runner
}

// Run runs a text in a session of its own: see Session.Run.
func (e *Engine) Run(ctx context.Context, text string, args map[string]any, each func(*Rows) error) error {
	x := &call{session: Session{e: e}}
	x.src.Text = text
	x.runner = runner{s: &x.session, src: &x.src, args: args, each: each}
	c := e.cache.text(text, args, e.schema.Load())
	if c == nil {
		// What is compiled keeps its source for longer than this call lasts.
		var err error
		x.runner.src = lang.NewSource("", text)
		if c, err = e.compile(ctx, x.runner.src, args, check.Options{}); err != nil {
			return err
		}
	}
	if err := x.runner.use(c); err != nil {
		return err
	}
	return x.runner.all(ctx)
}

// runner is one run of one text.
type runner struct {
	s      *Session
	src    *lang.Source
	args   map[string]any
	each   func(*Rows) error
	c      *cached
	params []any
	few    [4]any // room for params
	vars   []any
	alone  [1]*job // stands for a statement that shares its trips with no other
}

// use makes a compiled program the one that runs, and converts the parameters and the session's names for it.
func (r *runner) use(c *cached) error {
	r.c = c
	prog := c.c.prog
	if r.params == nil && len(prog.Params) > 0 {
		r.params = append(r.few[:0], make([]any, len(prog.Params))...)
		for i, name := range prog.Params {
			v, err := codec.FromGo(r.args[name], lang.TypeUnknown)
			if err != nil {
				return r.place(paramError(name, err), 0)
			}
			r.params[i] = v
		}
	}
	if prog.Vars > 0 {
		vars := make([]any, prog.Vars)
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

// paramError is a parameter whose value is no value of RQL.
func paramError(name string, err error) error {
	e := errorf(lang.CodeBadParam, lang.Span{}, "$%s: %s", name, messageOf(err))
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
func (r *runner) one(ctx context.Context, i int, j *job) error {
	if j != nil {
		err := j.trip.finish()
		if err == nil {
			return r.deliver(j.rows, i)
		}
		if err != errStale {
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
func (r *runner) reads(ctx context.Context, i int) []*job {
	var jobs []*job
	for ; i < len(r.c.c.prog.Stmts) && len(jobs) < maxTogether; i++ {
		switch r.c.c.prog.Stmts[i].(type) {
		case *ir.Find, *ir.Get, *ir.Count, *ir.Exists:
		default:
			i = len(r.c.c.prog.Stmts)
			continue
		}
		p, err := r.c.c.plan(i, r.s.e.caps)
		if err != nil || len(p.Pre) > 0 {
			break
		}
		jobs = append(jobs, r.newJob(ctx, p))
	}
	if len(jobs) < 2 {
		return r.alone[:]
	}
	return jobs
}

// send makes the first trips of several reads in one. A read whose arguments
// are at fault keeps its error for when its turn comes.
func (r *runner) send(ctx context.Context, jobs []*job) error {
	var cmds []redis.Cmder
	for _, j := range jobs {
		if err := j.start(ctx); err != nil {
			if ctx.Err() != nil {
				return err
			}
			j.trip = trip{finish: func() error { return err }}
		}
		cmds = append(cmds, j.trip.cmds...)
	}
	if len(cmds) == 0 {
		return nil
	}
	return r.s.e.pipeline(ctx, cmds)
}

// deliver gives a result to the caller.
func (r *runner) deliver(rows *Rows, i int) error {
	rows.Statement = i
	rows.Text = r.src.Slice(respan(r.c.c.src, r.src, r.c.c.prog.Stmts[i].Info().Sp))
	defer rows.Close()
	if err := r.each(rows); err != nil {
		return err
	}
	if rows.err == nil {
		// What the caller left is not needed; warnings and counts are final.
		return nil
	}
	return rows.err
}

// statement runs statement i, planning again when the catalog changed under it.
func (r *runner) statement(ctx context.Context, i int) (*Rows, error) {
	for try := 0; ; try++ {
		p, err := r.c.c.plan(i, r.s.e.caps)
		if err != nil {
			return nil, &Error{Code: lang.CodeServer, Message: err.Error(), Statement: i, Cause: err}
		}
		rows, err := r.run(ctx, p)
		if err != errStale {
			return rows, err
		}
		if try == maxStale {
			return nil, errorf(lang.CodeStale, p.Stmt.Info().Sp, "the catalog changed each of %d times that the statement was planned", maxStale+1)
		}
		if err := r.again(ctx, i); err != nil {
			return nil, err
		}
	}
}

// again reads the catalog and compiles the text from statement i on: those
// before it have run, and the names that they bound are the session's.
func (r *runner) again(ctx context.Context, i int) error {
	if _, err := r.s.e.reload(ctx); err != nil {
		return err
	}
	c, err := r.s.e.compileFrom(r.src, r.args, r.s.options(), i)
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
		return r.explain(st)
	case *ir.Define:
		return r.change(func() (*Rows, error) { return r.define(ctx, st) })
	case *ir.Drop:
		return r.change(func() (*Rows, error) { return r.drop(ctx, st) })
	case *ir.DefineProcedure:
		return r.change(func() (*Rows, error) { return r.defineProcedure(ctx, st.Proc.Name, st.Proc, st.Sp) })
	case *ir.DropProcedure:
		return r.change(func() (*Rows, error) { return r.defineProcedure(ctx, st.Proc.Name, nil, st.Sp) })
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
		return r.once(ctx, p, step, r.valueEnv(ctx))
	}
	return r.newJob(ctx, p).execute(ctx)
}

// let binds a name.
func (r *runner) let(ctx context.Context, p *planner.Plan, st *ir.Let) (*Rows, error) {
	var v any
	out := &Rows{Kind: "LET"}
	if p.Value != nil {
		var err error
		if v, err = p.Value(r.valueEnv(ctx)); err != nil {
			return nil, inProcedure(valueError(err), st.In)
		}
		if v == nil && st.Required != "" {
			return nil, inProcedure(errorf(lang.CodeNullValue, st.X.Span(), "%s", lua.RequiredText(st.Required)), st.In)
		}
	} else {
		rows, err := r.run(ctx, p.Let)
		if err != nil {
			return nil, err
		}
		if v, err = letValue(rows, st); err != nil {
			return nil, err
		}
		out.affected, out.warnings = rows.affected, rows.warnings
	}
	r.vars[st.Var.ID] = v
	if st.Var.Top && st.Var.Name != "" {
		r.s.bind(st.Var.Name, variable{t: st.Var.Type, v: v})
	}
	return out, nil
}

// letValue is what a statement's result is to the name that takes it.
func letValue(rows *Rows, st *ir.Let) (any, error) {
	defer rows.Close()
	var list []any
	for rows.Next() {
		row := rows.Values()
		switch {
		case st.Pluck || rows.Scalar || rows.Kind == "COUNT" || rows.Kind == "EXISTS":
			list = append(list, row[0])
		default:
			obj := make(map[string]any, len(row))
			for i, c := range rows.Columns {
				obj[c] = row[i]
			}
			list = append(list, obj)
		}
		if len(list) > MaxLetRows {
			return nil, errorf(lang.CodeTooLarge, st.Sp, "a LET keeps at most %d rows", MaxLetRows)
		}
	}
	if rows.err != nil {
		return nil, rows.err
	}
	if len(rows.Columns) == 0 {
		return rows.affected, nil
	}
	many := st.Var.Type.Kind == lang.KList
	if rows.Scalar && (rows.Kind == "ATOMIC" || rows.Kind == "CALL") {
		many = false
	}
	if many {
		if list == nil {
			list = []any{}
		}
		return list, nil
	}
	if len(list) == 0 {
		return nil, nil
	}
	return list[0], nil
}

// ensure asks a top-level ENSURE.
func (r *runner) ensure(ctx context.Context, p *planner.Plan, st *ir.Ensure) (*Rows, error) {
	env := r.valueEnv(ctx)
	v, err := p.Value(env)
	if err != nil {
		return nil, valueError(err)
	}
	if v == true {
		return &Rows{Kind: "ENSURE"}, nil
	}
	text := ""
	if p.Message != nil {
		m, err := p.Message(env)
		if err != nil {
			return nil, valueError(err)
		}
		text, _ = m.(string)
	}
	e := errorf(lang.CodeEnsureFailed, st.Cond.Span(), "")
	e.Message, e.Hint = describe(lang.CodeEnsureFailed, "", st.Text, text)
	return nil, e
}

// valueEnv is the environment of a value that is computed here: a path may
// lead through a ref of a row that a name holds, whose document is then fetched.
func (r *runner) valueEnv(ctx context.Context) *eval.Env {
	env := &eval.Env{}
	r.setEnv(ctx, env, true)
	return env
}

// newJob makes a run of a plan.
func (r *runner) newJob(ctx context.Context, p *planner.Plan) *job {
	j := &job{e: r.s.e, p: p, schema: r.s.e.schema.Load()}
	j.begin(&j.ownEnv)
	r.setEnv(ctx, j.env, p.Refs || len(r.vars) > 0)
	return j
}

// setEnv sets what the values of a statement are computed from; refs says that
// a path may lead through one.
func (r *runner) setEnv(ctx context.Context, env *eval.Env, refs bool) {
	env.Params, env.Consts, env.Vars, env.Now = r.params, r.c.consts, r.vars, instant()
	if !refs {
		return
	}
	env.Deref = func(m *ir.Model, key any) (map[string]any, error) {
		id, ok := keyText(key)
		if !ok {
			return nil, nil
		}
		args := []any{"hmget", r.s.e.keys.doc(m, id)}
		for _, c := range m.Columns {
			args = append(args, c.Name)
		}
		cmd := redis.NewSliceCmd(ctx, args...)
		if err := r.s.e.process(ctx, cmd); err != nil {
			return nil, documentError(err, r.s.e.keys.doc(m, id), nil)
		}
		if cmd.Val()[m.KeyColumn().Slot] == nil {
			return nil, nil
		}
		j := &job{e: r.s.e}
		row, err := j.decode(cmd.Val(), m.Columns, m, id)
		if err != nil {
			return nil, err
		}
		return documentMap(m, row, r.s.e.schema.Load())
	}
}

// documentMap makes an object of the columns of a document.
func documentMap(m *ir.Model, row []any, schema *ir.Schema) (map[string]any, error) {
	fn, err := eval.Compile(&ir.Row{Base: ir.Base{T: lang.Type{Kind: lang.KRow, Model: m.Name}}}, eval.ModelLayout(schema, m))
	if err != nil {
		return nil, err
	}
	v, err := fn(&eval.Env{Row: row})
	obj, _ := v.(map[string]any)
	return obj, err
}

// explain prints a plan.
func (r *runner) explain(st *ir.Explain) (*Rows, error) {
	p, err := planner.Build(st.Stmt, r.c.c.prog, r.s.e.caps)
	if err != nil {
		return nil, &Error{Code: lang.CodeServer, Message: err.Error(), Statement: -1, Cause: err}
	}
	var list [][]any
	for _, line := range planner.Explain(p, r.c.c.src) {
		list = append(list, []any{line})
	}
	rows := sliceRows("EXPLAIN", []string{"plan"}, list)
	rows.Types = []lang.Type{lang.TypeString}
	return rows, nil
}

// place gives an error its statement and source.
func (r *runner) place(err error, i int) error {
	var ce *CheckError
	if errors.As(err, &ce) {
		return err
	}
	e, ok := asError(err)
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
	return &c
}

// Models lists the models of the catalog, for completion.
func (s *Session) Models() []string { return s.e.Schema().Names() }

// Fields lists the fields of a model, for completion.
func (s *Session) Fields(model string) []string {
	m := s.e.Schema().Model(model)
	if m == nil {
		for _, n := range s.e.Schema().Names() {
			if strings.EqualFold(n, model) {
				m = s.e.Schema().Model(n)
			}
		}
	}
	if m == nil {
		return nil
	}
	var out []string
	for _, f := range m.Fields {
		out = append(out, f.Name)
	}
	return out
}
