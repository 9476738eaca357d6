package exec

import (
	"context"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// letValue returns the value of a statement's result for the name that LET binds to it.
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
		if st.Of != nil && len(list) > ir.MaxAway {
			return nil, fail.Errorf(lang.CodeTooLarge, st.Sp, "more than %d documents of %s satisfy this condition, whose keys are read first", ir.MaxAway, st.Of.Name).
				WithHint("narrow it, or copy the field into the documents that refer to " + st.Of.Name)
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

// print evaluates PRINT.
func (r *runner) print(ctx context.Context, p *planner.Plan) (*Rows, error) {
	env := r.valueEnv(ctx)
	row := make([]any, len(p.Values))
	for i, value := range p.Values {
		var err error
		if row[i], err = value(env); err != nil {
			return nil, fail.Value(err)
		}
	}
	out := rows.New("PRINT", p.Columns, [][]any{row})
	out.Types = p.Types
	return out, nil
}

// ensure evaluates a top-level ENSURE.
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
	e.Reason = st.Code
	e.Message, e.Hint = fail.Describe(lang.CodeEnsureFailed, "", st.Text, text)
	return nil, e
}
