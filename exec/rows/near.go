package rows

import (
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
)

// nearest returns the rows with the smallest distances, nearest first.
func nearest(n *planner.Nearest, src Source, env *eval.Env) Source {
	var rows Source
	return func() ([]any, error) {
		if rows == nil {
			k, err := Neighbours(n, env)
			if err != nil {
				return nil, err
			}
			rows = func() ([]any, error) { return nil, nil }
			if k > 0 {
				rows = top(n.By, measured(n, src, env), env, Bounds{Limit: k - 1})
			}
		}
		return rows()
	}
}

// Neighbours evaluates the number of rows that NEAREST asks for.
func Neighbours(n *planner.Nearest, env *eval.Env) (int64, error) {
	query := env.Query
	env.Query = false
	v, err := n.K(env)
	env.Query = query
	if err != nil {
		return 0, fail.Value(err)
	}
	k, ok := v.(int64)
	if !ok || k < 0 {
		return 0, fail.Errorf(lang.CodeBadArgument, lang.Span{}, "NEAREST takes a whole number from 0")
	}
	return k, nil
}

// measured removes the rows that have no distance.
func measured(n *planner.Nearest, src Source, env *eval.Env) Source {
	return func() ([]any, error) {
		for {
			row, err := src()
			if err != nil || row == nil {
				return nil, err
			}
			env.Row = row
			d, err := n.By.X[0](env)
			if err != nil {
				return nil, fail.Value(err)
			}
			if d != nil {
				return row, nil
			}
		}
	}
}
