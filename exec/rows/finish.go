package rows

import (
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/planner"
)

// All says that the rows of a source come in the requested order.
const All = -1

// Finish applies the row operators of a FIND to the rows that were read, which come in the order of so many of its first terms.
func Finish(l *planner.Local, src Source, env *eval.Env, b Bounds, terms int, rows *Rows) Source {
	near := false
	for _, op := range l.Ops {
		switch op := op.(type) {
		case *planner.Nearest:
			src, near = nearest(op, src, env), true
		case *planner.Aggregate:
			src = groups(op, src, env)
		case *planner.Counted:
			src = counted(op, src, env)
		case *planner.Formed:
			src = formed(op.Aggregate, src, env)
		case *planner.Distinct:
			src = distinct(src)
		case *planner.Sort:
			switch {
			case op.Returned:
				src = sorted(op, src, env)
			case near:
				src = top(op, src, env, b)
			default:
				src = InOrder(op, src, env, b, terms)
			}
		case *planner.Limit:
			src = cut(src, b)
		case *planner.Cursor:
			src = mark(op, src, env, b, rows, near)
		case *planner.Refresh:
			src = given(op, src, env, rows)
		case *planner.Gather:
			src = rows.Gathering(op, src)
		case *planner.Project:
			src = Project(op, src, env)
		}
	}
	return src
}

// given calls Rows.Given for each document of a returned row whose expiration the read extends.
func given(op *planner.Refresh, src Source, env *eval.Env, rows *Rows) Source {
	return func() ([]any, error) {
		row, err := src()
		if err != nil || row == nil {
			return row, err
		}
		env.Row = row
		for i, r := range op.Of {
			keys, err := r.Keys(env)
			if err != nil {
				return nil, fail.Value(err)
			}
			Each(keys, func(key any) { rows.Given(i, key) })
		}
		return row, nil
	}
}

// Each calls f for a value, or for each item of a list. It skips null.
func Each(v any, f func(any)) {
	list, ok := v.([]any)
	if !ok && v != nil {
		f(v)
	}
	for _, x := range list {
		Each(x, f)
	}
}

// Project evaluates the projection.
func Project(p *planner.Project, src Source, env *eval.Env) Source {
	if p.Same {
		return src
	}
	return func() ([]any, error) {
		row, err := src()
		if err != nil || row == nil {
			return nil, err
		}
		out := make([]any, len(p.Items))
		if p.Direct != nil {
			for i, s := range p.Direct {
				out[i] = row[s]
			}
			return out, nil
		}
		env.Row = row
		for i, fn := range p.Items {
			if out[i], err = fn(env); err != nil {
				return nil, fail.Value(err)
			}
		}
		return out, nil
	}
}

// Returned projects the documents of a GET.
func Returned(l *planner.Local, docs [][]any, env *eval.Env, rows *Rows) Source {
	return Finish(l, List(docs), env, Bounds{Limit: -1}, 0, rows)
}

// cut applies OFFSET and LIMIT.
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
