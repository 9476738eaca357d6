package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// assignAll runs SET items left to right on d, each seeing the results of those
// before it.
func (r *run) assignAll(d, old doc, sets []ir.Assign) error {
	for _, a := range sets {
		s := &scope{r: r, row: d, old: old}
		if err := s.assign(d, a); err != nil {
			return asFailure(err).in(a.Sp)
		}
	}
	return nil
}

func (s *scope) assign(d doc, a ir.Assign) error {
	name := a.Place.Prefix
	if a.Place.Col != nil {
		name = a.Place.Col.Name
	}
	var steps []any
	for _, part := range strings.Split(name, ".") {
		steps = append(steps, part)
	}
	inner, err := s.list(a.Place.Steps)
	if err != nil {
		return err
	}
	args, err := s.list(a.Args)
	if err != nil {
		return err
	}
	var value any
	if a.Value != nil {
		if value, err = s.eval(a.Value); err != nil {
			return err
		}
		if a.Op == "=" {
			t := a.Place.T
			if ir.IsCollection(t) {
				t = a.Place.Col.Type
			}
			if value, err = s.value(value, t, name, a.Sp); err != nil {
				return err
			}
		}
	}
	var taken any
	_, f := change(d, append(steps, inner...), func(was any) (v any, f *failure) {
		v, taken, f = result(a, was, value, args)
		return clone(v), f
	})
	if f != nil {
		return f
	}
	if a.As != nil {
		s.r.vars[a.As] = taken
	}
	return nil
}

// change replaces the value at the end of a path into a value. A null on the
// path becomes a map; a list has no element past its end.
func change(v any, steps []any, do func(any) (any, *failure)) (any, *failure) {
	if len(steps) == 0 {
		return do(v)
	}
	switch at := steps[0].(type) {
	case int64:
		xs, _ := v.([]any)
		i := at
		if i < 0 {
			i += int64(len(xs))
		}
		if i < 0 || i >= int64(len(xs)) {
			return nil, fail(lang.CodeIndexOutOfRange, "index %d of a list of %d", at, len(xs))
		}
		x, f := change(xs[i], steps[1:], do)
		xs[i] = x
		return xs, f
	case string:
		m, _ := v.(map[string]any)
		if m == nil {
			m = map[string]any{}
		}
		x, f := change(m[at], steps[1:], do)
		m[at] = x
		return m, f
	}
	return nil, fail(lang.CodeNullValue, "null as an index")
}

// result returns the new value of a place and what an operation removed from
// it.
func result(a ir.Assign, was, value any, args []any) (v, taken any, f *failure) {
	if ir.IsCollection(a.Place.T) {
		return collectionOp(a, was, value, args)
	}
	switch op := strings.TrimSuffix(a.Op, "="); {
	case a.Op == "=":
		return value, nil, nil
	case op != a.Op:
		if was == nil || value == nil {
			return nil, nil, nil
		}
		if a.Place.T.Kind == lang.KInt64 {
			v, f = arithLong(op, was.(int64), value.(int64))
			return v, nil, f
		}
		v, f = arith(lang.Op(op), was, value)
		return widen(v, a.Place.T), nil, f
	case a.Place.T.Kind == lang.KList:
		xs, _ := was.([]any)
		return listOp(a.Op, slices.Clone(xs), args)
	}
	m, _ := was.(map[string]any)
	if m == nil {
		m = map[string]any{}
	}
	return mapOp(a.Op, m, args)
}

func listOp(op string, xs, args []any) (v, taken any, f *failure) {
	n := int64(len(xs))
	if xs == nil {
		xs = []any{}
	}
	switch op {
	case "append":
		return append(xs, args[0]), nil, nil
	case "prepend":
		return append([]any{args[0]}, xs...), nil, nil
	case "extend":
		more, _ := args[0].([]any)
		return append(xs, more...), nil, nil
	case "clear":
		return []any{}, nil, nil
	case "remove":
		if i := slices.IndexFunc(xs, func(x any) bool { return equal(x, args[0]) }); i >= 0 {
			return slices.Delete(xs, i, i+1), nil, nil
		}
		return xs, nil, nil
	}
	at := make([]int64, len(args))
	for i, x := range args {
		if k, ok := x.(int64); ok {
			at[i] = k
			continue
		}
		if op != "insert" || i == 0 {
			return nil, nil, fail(lang.CodeNullValue, "%s: null where a number is needed", op)
		}
	}
	switch op {
	case "insert":
		return slices.Insert(xs, int(place(at[0], n)), args[1]), nil, nil
	case "remove_range":
		from, to := place(at[0], n), place(at[1], n)
		return slices.Delete(xs, int(from), int(max(from, to))), nil, nil
	case "pop":
		i := n - 1
		if len(at) > 0 {
			i = at[0]
		}
		if i < 0 {
			i += n
		}
		if i < 0 || i >= n {
			return xs, nil, nil
		}
		taken = xs[i]
		return slices.Delete(xs, int(i), int(i)+1), taken, nil
	}
	return nil, nil, fail(lang.CodeBadArgument, "judge: unknown operation %s", op)
}

// place normalizes an index to 0 … n, counting from the end if it is negative.
func place(i, n int64) int64 {
	if i < 0 {
		i += n
	}
	return min(max(i, 0), n)
}

func mapOp(op string, m map[string]any, args []any) (v, taken any, f *failure) {
	switch op {
	case "update":
		more, _ := args[0].(map[string]any)
		for k, x := range more {
			m[k] = x
		}
	case "clear":
		return map[string]any{}, nil, nil
	case "pop":
		if args[0] == nil {
			return m, nil, nil
		}
		k := fmt.Sprint(args[0])
		taken, ok := m[k]
		if !ok && len(args) > 1 {
			taken = args[1]
		}
		delete(m, k)
		return m, taken, nil
	case "popitem":
		var names []string
		for k := range m {
			names = append(names, k)
		}
		if len(names) == 0 {
			return m, nil, nil
		}
		k := slices.Max(names)
		taken = map[string]any{"key": k, "value": m[k]}
		delete(m, k)
	default:
		return nil, nil, fail(lang.CodeBadArgument, "judge: unknown operation %s", op)
	}
	return m, taken, nil
}
