package exec

import (
	"context"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
)

// let binds a name.
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
			return nil, fail.Errorf(lang.CodeTooLarge, st.Sp, "a LET keeps at most %d rows", MaxLetRows)
		}
	}
	if rows.Err() != nil {
		return nil, rows.Err()
	}
	if len(rows.Columns) == 0 {
		return rows.Affected(), nil
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
		return nil, fail.Value(err)
	}
	if v == true {
		return &Rows{Kind: "ENSURE"}, nil
	}
	text := ""
	if p.Message != nil {
		m, err := p.Message(env)
		if err != nil {
			return nil, fail.Value(err)
		}
		text, _ = m.(string)
	}
	e := fail.Errorf(lang.CodeEnsureFailed, st.Cond.Span(), "")
	e.Message, e.Hint = fail.Describe(lang.CodeEnsureFailed, "", st.Text, text)
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
func (r *runner) newJob(ctx context.Context, p *planner.Plan) *run.Job {
	j := r.first
	if r.first = nil; j == nil {
		j = &run.Job{}
	}
	j.Begin(ctx, r.s.e.db, p)
	step, ok := p.Step.(*planner.BlockStep)
	r.setEnv(ctx, &j.Env, p.Refs || r.named || ok && step.Once != nil)
	return j
}

// setEnv sets what the values of a statement are computed from; refs says that
// a path may lead through one.
func (r *runner) setEnv(ctx context.Context, env *eval.Env, refs bool) {
	env.Params, env.Consts, env.Vars, env.Now = r.params, r.c.consts, r.vars, r.s.e.db.Instant()
	if refs {
		env.Deref = func(m *ir.Model, key any) (map[string]any, error) { return r.s.e.db.Fetch(ctx, m, key) }
	}
}
