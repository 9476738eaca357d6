package rows

import (
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
)

// Bounds are the values of LIMIT, OFFSET and AFTER.
type Bounds struct {
	Limit  int64 // -1: all
	Offset int64
	After  *Position // nil: from the start
}

// Number computes a LIMIT or OFFSET.
func Number(fn eval.Fn, env *eval.Env, none int64) (int64, error) {
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

// Finish turns leaves into the rows of a FIND: grouped, filtered, ordered, cut and projected.
// ordered says that the source already comes in the order asked for.
func Finish(l *planner.Local, src Source, env *eval.Env, b Bounds, ordered bool, rows *Rows) Source {
	if l.Near != nil {
		src = nearest(l.Near, src, env)
		ordered = false
	}
	switch {
	case l.Grouped:
		return cut(distinct(l, groups(l, src, env), env), b)
	case l.Distinct:
		return cut(distinct(l, Project(l, src, env), env), b)
	case len(l.Order) > 0 && !ordered:
		return Project(l, mark(l, top(l, src, env, b), env, b, rows), env)
	case len(l.Order) > 0:
		return Project(l, mark(l, after(l, src, env, b), env, b, rows), env)
	}
	return Project(l, cut(src, b), env)
}

// Project computes the returned items.
func Project(l *planner.Local, src Source, env *eval.Env) Source {
	if l.Same {
		return src
	}
	return func() ([]any, error) {
		row, err := src()
		if err != nil || row == nil {
			return nil, err
		}
		out := make([]any, len(l.Items))
		if l.Direct != nil {
			for i, s := range l.Direct {
				out[i] = row[s]
			}
			return out, nil
		}
		env.Row = row
		for i, fn := range l.Items {
			if out[i], err = fn(env); err != nil {
				return nil, fail.Value(err)
			}
		}
		return out, nil
	}
}

// cut skips and limits.
func cut(src Source, b Bounds) Source {
	if b.Offset == 0 && b.Limit < 0 {
		return src
	}
	skip, left := b.Offset, b.Limit
	return func() ([]any, error) {
		if left == 0 {
			return nil, nil
		}
		for ; skip > 0; skip-- {
			if row, err := src(); err != nil || row == nil {
				return nil, err
			}
		}
		if left > 0 {
			left--
		}
		return src()
	}
}
