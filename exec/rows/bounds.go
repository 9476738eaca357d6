package rows

import (
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
)

// Bounds are the values of LIMIT, OFFSET and AFTER.
type Bounds struct {
	Limit  int64 // -1: no limit
	Offset int64
	After  *Position // nil: from the start
}

// BoundsOf evaluates LIMIT, OFFSET and AFTER.
func BoundsOf(l *planner.Local, env *eval.Env) (Bounds, error) {
	b := Bounds{Limit: -1}
	lim, c := planner.Op[planner.Limit](l), planner.Op[planner.Cursor](l)
	if c != nil {
		lim = &c.Limit
	}
	if lim == nil {
		return b, nil
	}
	var err error
	if b.Limit, err = number(lim.Limit, env, -1); err != nil {
		return b, err
	}
	if b.Offset, err = number(lim.Offset, env, 0); err != nil {
		return b, err
	}
	if c != nil && c.After != nil {
		b.After, err = readCursor(c, env)
	}
	return b, err
}

// number evaluates a LIMIT or OFFSET.
func number(fn eval.Fn, env *eval.Env, none int64) (int64, error) {
	if fn == nil {
		return none, nil
	}
	query := env.Query
	env.Query = false
	v, err := fn(env)
	env.Query = query
	if err != nil {
		return 0, fail.Value(err)
	}
	n, ok := v.(int64)
	if !ok || n < 0 {
		return 0, fail.Errorf(lang.CodeBadArgument, lang.Span{}, "LIMIT and OFFSET are whole numbers from 0")
	}
	return n, nil
}
