package exec

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
)

// nearest gives the rows with the least distance, nearest first.
func nearest(n *planner.LocalNear, src source, env *eval.Env) source {
	var rows source
	return func() ([]any, error) {
		if rows == nil {
			k, err := neighbours(n, env)
			if err != nil {
				return nil, err
			}
			rows = func() ([]any, error) { return nil, nil }
			if k > 0 {
				rows = top(n.By, measured(n, src, env), env, bounds{limit: k - 1})
			}
		}
		return rows()
	}
}

// neighbours is the number behind NEAREST.
func neighbours(n *planner.LocalNear, env *eval.Env) (int64, error) {
	query := env.Query
	env.Query = false
	v, err := n.K(env)
	env.Query = query
	if err != nil {
		return 0, valueError(err)
	}
	k, ok := v.(int64)
	if !ok || k < 0 {
		return 0, errorf(lang.CodeBadArgument, lang.Span{}, "NEAREST takes a whole number from 0")
	}
	return k, nil
}

// measured leaves out the rows that have no distance.
func measured(n *planner.LocalNear, src source, env *eval.Env) source {
	return func() ([]any, error) {
		for {
			row, err := src()
			if err != nil || row == nil {
				return nil, err
			}
			env.Row = row
			d, err := n.By.Order[0].X(env)
			if err != nil {
				return nil, valueError(err)
			}
			if d != nil {
				return row, nil
			}
		}
	}
}
