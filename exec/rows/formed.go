package rows

import (
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
)

// formed returns the rows of groups whose aggregates are known.
func formed(l *planner.Formed, src Source, env *eval.Env) Source {
	return func() ([]any, error) {
		for {
			g, err := src()
			if err != nil || g == nil {
				return nil, err
			}
			n := len(l.Aggregate.Aggregate.Group)
			if row, err := groupRow(l.Aggregate, g[:n], g[n:], env); row != nil || err != nil {
				return row, err
			}
		}
	}
}
