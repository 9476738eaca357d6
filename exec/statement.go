package exec

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/importing"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/exec/schema"
	"github.com/rql-lang/rql/exec/stats"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
)

// run runs one plan, its subqueries first.
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
	case *ir.Print:
		return r.print(ctx, p)
	case *ir.Explain:
		if st.Profile {
			return r.profile(ctx, st)
		}
		return r.explain(ctx, st)
	case *ir.Define, *ir.Drop, *ir.DefineProcedure, *ir.DropProcedure:
		return schema.New(r.s.e.db, r.src, r.progress).Run(ctx, st)
	case *ir.Show:
		return r.show(ctx, st)
	case *ir.Verify:
		return r.verify(ctx, st)
	case *ir.Adopt:
		return r.adopt(ctx, st)
	case *ir.Import:
		return r.load(ctx, st)
	case *ir.Export:
		return r.export(ctx, p, st)
	}
	if pr := run.Profiling(ctx); pr != nil {
		list, err := r.count(ctx, p, nil)
		if err != nil {
			return nil, err
		}
		pr.Expected = append(pr.Expected, list...)
	}
	if step, ok := p.Step.(*planner.BlockStep); ok && step.Key != nil {
		return r.newJob(ctx, p).RunKeyed(ctx, r.blockSum(step))
	}
	rows, err := r.newJob(ctx, p).Execute(ctx)
	if err != nil && p.Refreshes {
		return r.withoutRefresh(ctx, p, err)
	}
	return rows, err
}

// let runs LET.
func (r *runner) let(ctx context.Context, p *planner.Plan, st *ir.Let) (*Rows, error) {
	var v any
	out := &Rows{Kind: "LET"}
	if p.Value != nil {
		var err error
		if v, err = p.Value(r.valueEnv(ctx)); err != nil {
			return nil, fail.InProcedure(fail.Value(err), st.In)
		}
		if v == nil && st.Required != "" {
			return nil, fail.InProcedure(fail.Errorf(lang.CodeNullValue, st.X.Span(), "%s", lua.RequiredText(st.Required)), st.In)
		}
	} else {
		rows, err := r.run(ctx, p.Let)
		if err != nil {
			return nil, err
		}
		if v, err = letValue(rows, st); err != nil {
			return nil, err
		}
		out.Report(rows)
	}
	r.vars[st.Var.ID] = v
	if st.Var.Top && st.Var.Name != "" {
		r.s.bind(st.Var.Name, variable{t: st.Var.Type, v: v})
	}
	return out, nil
}

// explain runs EXPLAIN.
func (r *runner) explain(ctx context.Context, st *ir.Explain) (*Rows, error) {
	p, err := run.Build(st.Stmt, r.c.Prog, r.s.e.db.Conn.Can())
	if err != nil {
		return nil, run.PlanError(err, -1)
	}
	expected, _, err := r.expect(ctx, p, nil)
	if err != nil {
		return nil, err
	}
	return rows.Strings("EXPLAIN", "plan", planner.Explain(p, r.c.Source, expected)), nil
}

// expect returns what the queries of a plan are expected to read, those of its subqueries first. unset are those before it whose
// values are not known, because nothing has run.
func (r *runner) expect(ctx context.Context, p *planner.Plan, unset []*ir.Let) ([]*planner.Expected, []*ir.Let, error) {
	var out []*planner.Expected
	before := func(p *planner.Plan) (err error) {
		var list []*planner.Expected
		list, unset, err = r.expect(ctx, p, unset)
		out = append(out, list...)
		return err
	}
	for _, pre := range p.Pre {
		if err := before(pre.Plan); err != nil {
			return nil, nil, err
		}
		if pre.Plan.Value != nil {
			if _, err := r.let(ctx, pre.Plan, pre.Let); err == nil {
				continue
			}
		}
		unset = append(unset, pre.Let)
	}
	if p.Let != nil {
		return out, unset, before(p.Let)
	}
	list, err := r.count(ctx, p, unset)
	return append(out, list...), unset, err
}

// count returns what the queries of a plan's own step are expected to read.
func (r *runner) count(ctx context.Context, p *planner.Plan, unset []*ir.Let) ([]*planner.Expected, error) {
	list, err := planner.Expect(p, r.c.Prog, unset)
	if err != nil {
		return nil, run.PlanError(err, -1)
	}
	return list, r.s.e.db.Expect(ctx, p, list, r.valueEnv(ctx))
}

// profile runs EXPLAIN PROFILE: it runs the statement and reports what it did.
func (r *runner) profile(ctx context.Context, st *ir.Explain) (*Rows, error) {
	pr := &run.Profile{}
	start := time.Now()
	if err := run.Needs(r.s.e.db.Conn.Caps, st.Stmt.Info().Uses, st.Sp); err != nil {
		return nil, err
	}
	p, err := planner.BuildProfile(st.Stmt, r.c.Prog, r.s.e.db.Conn.Can())
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
	out := rows.Strings("PROFILE", "plan", planner.Profiled(p, r.c.Source, &pr.Profile))
	out.Report(done)
	return out, nil
}

// withoutRefresh repeats a read-only block after the server refused to refresh expirations.
func (r *runner) withoutRefresh(ctx context.Context, p *planner.Plan, err error) (*Rows, error) {
	x, ok := fail.As(err)
	if !ok || !p.Refreshes || x.Code != lang.CodeReadOnly && x.Code != lang.CodeDenied {
		return nil, err
	}
	caps := p.Caps
	caps.NoRefresh = true
	calm, again := run.Build(p.Stmt, r.c.Prog, caps)
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

// load runs IMPORT.
func (r *runner) load(ctx context.Context, st *ir.Import) (*Rows, error) {
	o := importing.Options{Open: r.s.o.OpenImport, Match: r.s.o.MatchImport, Create: r.s.o.CreateExport, DryRun: r.s.o.DryRun, Progress: r.progress, Text: r.src, Schema: st.Schema}
	o.Env = eval.Env{Params: r.params, Consts: r.c.Consts, Vars: r.vars, Now: r.s.e.db.Instant()}
	return importing.Run(ctx, r.s.e.db, st, o)
}

// export runs EXPORT. It writes rows to the file one by one; the file gets its name when it is complete.
func (r *runner) export(ctx context.Context, p *planner.Plan, st *ir.Export) (*Rows, error) {
	if r.s.o.CreateExport == nil {
		return nil, fail.Errorf(lang.CodeNotAllowed, st.Sp, "EXPORT writes a file: only the program rql runs it")
	}
	wrong := func(err error) error {
		return &lang.Error{Code: lang.CodeImport, Message: err.Error(), Span: st.Sp, Statement: -1, Cause: err}
	}
	name, err := r.fileName(ctx, st.File)
	if err != nil {
		return nil, err
	}
	found, err := r.run(ctx, p.Let)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	file, err := r.s.o.CreateExport(name, st.With, found.Columns, found.Types)
	if err != nil {
		return nil, wrong(err)
	}
	defer file.Abort()
	n := int64(0)
	for found.Next() {
		if err := file.Write(found.Values()); err != nil {
			return nil, wrong(err)
		}
		if n++; n%1000 == 0 {
			r.progress(run.Progress{What: "export " + name, Rows: n})
		}
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	if err := file.Commit(); err != nil {
		return nil, wrong(err)
	}
	out := &Rows{Kind: "EXPORT"}
	out.Report(found)
	out.Count(n)
	return out, nil
}

// fileName evaluates the name of the file of an EXPORT.
func (r *runner) fileName(ctx context.Context, x ir.Expr) (string, error) {
	fn, err := eval.Compile(x, eval.Layout{Schema: r.c.Prog.Schema})
	if err != nil {
		return "", fmt.Errorf("compile the name of a file: %w", err)
	}
	v, err := fn(r.valueEnv(ctx))
	if err != nil {
		return "", fail.Value(err)
	}
	if name, ok := v.(string); ok && name != "" {
		return name, nil
	}
	return "", fail.Errorf(lang.CodeNullValue, x.Span(), "the name of a file may not be null or empty")
}

// show runs SHOW, on the catalog as it is now: another program may have changed it since it was read.
func (r *runner) show(ctx context.Context, st *ir.Show) (*Rows, error) {
	if _, err := r.s.e.db.Catalog.Reload(ctx); err != nil {
		return nil, err
	}
	schema := r.s.e.db.Catalog.Schema()
	switch st.What {
	case "STATS":
		return stats.Show(ctx, r.s.e.db.Conn, schema, st.Memory)
	case "JOBS":
		return stats.Jobs(ctx, r.s.e.db.Conn, schema)
	case "MODELS":
		return rows.Strings("SHOW", "model", schema.Names()), nil
	case "PROCEDURES":
		return rows.Strings("SHOW", "procedure", schema.Procedures()), nil
	case "PROCEDURE":
		if p := schema.Procedure(st.Proc.Name); p != nil {
			return rows.Strings("SHOW", "procedure", []string{p.Def}), nil
		}
	case "PARTITIONS":
		if m := schema.Model(st.Model.Name); m != nil && m.Celled() {
			return r.s.e.db.ShowParts(ctx, m)
		}
	default:
		if m := schema.Model(st.Model.Name); m != nil {
			return rows.Strings("SHOW", "model", []string{shown(m)}), nil
		}
	}
	return nil, fail.ErrStale // it was dropped: the next plan says so
}

// shown returns the definition of a model, with the INDEXED BY that was chosen if it does not declare one.
func shown(m *ir.Model) string {
	if m.Search == nil || m.IndexedBy != "" {
		return m.Def
	}
	decl := *m.Decl
	decl.Options = append(slices.Clone(decl.Options), &lang.OptionDecl{Kind: "INDEXED", Word: "SEARCH"})
	return lang.Print(&decl)
}
