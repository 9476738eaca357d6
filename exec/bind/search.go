package bind

import (
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
	"github.com/rql-lang/rql/search"
)

// asked returns what a script passes to Search: the index, the query and its parameters; nil if no document can match.
func (x *Binder) asked(a *planner.SearchArgs, env *eval.Env) ([]string, error) {
	q, err := Rendered(a.Query, a.Values, env, nil)
	if err != nil || q.None {
		return nil, err
	}
	return append([]string{x.keys.Prefix + a.Model.Search.Name, q.Text}, q.Params...), nil
}

// Rendered evaluates the values of a query and renders it. parts are the values of the partitions that it is restricted to.
func Rendered(q *plan.SearchQuery, fns []eval.Fn, env *eval.Env, parts []any) (*search.Rendered, error) {
	query := env.Query
	env.Query = true
	defer func() { env.Query = query }()
	values := make([]any, len(fns)+1)
	values[len(fns)] = parts
	for i, fn := range fns {
		v, err := fn(env)
		if err != nil {
			return nil, fail.Value(err)
		}
		values[i] = v
	}
	r, err := search.Render(q, values)
	return r, fail.Value(err)
}
