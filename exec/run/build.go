package run

import (
	"errors"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// Build plans a statement, unless the server lacks what its models need.
func Build(st ir.Stmt, prog *ir.Program, caps planner.Caps) (*planner.Plan, error) {
	if err := Needs(caps, st.Info().Uses, st.Info().Sp); err != nil {
		return nil, err
	}
	if err := staying(st); err != nil {
		return nil, err
	}
	p, err := planner.Build(st, prog, caps)
	var n *planner.NeedsError
	if errors.As(err, &n) {
		return nil, fail.Errorf(lang.CodeNeeds, n.Span, "%s", n.Message).WithHint(n.Hint)
	}
	return p, err
}

// staying refuses a statement on the documents of a model that is being dropped.
func staying(st ir.Stmt) error {
	switch st.(type) {
	case *ir.Define, *ir.Drop, *ir.Verify, *ir.Show:
		return nil
	}
	for _, m := range st.Info().Uses {
		if m.Leaving {
			return fail.Errorf(lang.CodeStale, st.Info().Sp, "%s is being dropped", m.Name).
				WithHint("DROP MODEL " + m.Name + " goes on with one that was interrupted, the MODEL of " + m.Name + " takes it back")
		}
	}
	return nil
}

// Needs returns an error if the server cannot store documents of the models.
func Needs(caps planner.Caps, uses []*ir.Model, sp lang.Span) error {
	for _, m := range uses {
		if m.JSON && !caps.JSON {
			return fail.Errorf(lang.CodeNeeds, sp, "%s is STORED AS JSON, which this server does not support: it lacks JSON.SET", m.Name).
				WithHint("Redis 8, Redis Stack, servers with the RedisJSON module and mem:// have it; STORED AS HASH works on every server")
		}
	}
	return nil
}

// PlanError converts the error of a plan: a missing capability of the server, or a bug of this library.
func PlanError(err error, stmt int) error {
	if e, ok := fail.As(err); ok {
		return e
	}
	return &lang.Error{Code: lang.CodeServer, Message: err.Error(), Statement: stmt, Cause: err}
}
