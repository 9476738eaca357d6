package eval

import (
	"fmt"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// call compiles a function call. Functions that do not evaluate all their
// arguments, or that accept null, are handled here; the others are in tables of
// functions on values.
func (c *compiler) call(x *ir.Call) (Fn, error) {
	args, err := c.operands(x.Args)
	if err != nil {
		return nil, err
	}
	switch x.Fn {
	case "now":
		return func(e *Env) (any, error) { return e.Now, nil }, nil
	case "uuid":
		return newID, nil
	case "coalesce":
		return coalesce(args, x.T), nil
	case "score":
		return scored(args), nil
	case "when":
		return c.when(x, args)
	case "count", "sum", "avg", "collect", "percentile":
		return ofList(x, args), nil
	case "min", "max":
		if len(args) == 1 {
			return ofList(x, args), nil
		}
		return extreme(args, x), nil
	}
	if len(args) == 1 {
		if f := unary(x); f != nil {
			return call1(f, args[0], x.Sp, c.inPredicate), nil
		}
	}
	if f := nary(x); f != nil {
		return callN(f, args, x.Sp, c.inPredicate), nil
	}
	return nil, fmt.Errorf("the function %s cannot be computed here", x.Fn)
}

// call1 calls a function of one value; of null it is null.
func call1(f func(any) (any, error), arg operand, sp lang.Span, inPredicate bool) Fn {
	return func(e *Env) (any, error) {
		v, err := arg.get(e)
		if v == nil || err != nil {
			return nil, err
		}
		out, err := f(v)
		if err != nil {
			return e.fail(err, sp, inPredicate)
		}
		return out, nil
	}
}

// callN calls a function of several values; it is null if any of them is null.
func callN(f func([]any) (any, error), args []operand, sp lang.Span, inPredicate bool) Fn {
	return func(e *Env) (any, error) {
		vals, null, err := values(args, e)
		if null || err != nil {
			return nil, err
		}
		out, err := f(vals)
		if err != nil {
			return e.fail(err, sp, inPredicate)
		}
		return out, nil
	}
}

// values evaluates all of some operands, whether or not one is null: an error
// in any of them counts.
func values(args []operand, e *Env) (vals []any, null bool, err error) {
	vals = make([]any, len(args))
	for i := range args {
		if vals[i], err = args[i].get(e); err != nil {
			return nil, false, err
		}
		null = null || vals[i] == nil
	}
	return vals, null, nil
}

func newID(e *Env) (any, error) {
	if e.UUID != nil {
		return e.UUID(), nil
	}
	return RandomUUID(e.Now), nil
}

// as converts an int where a float is expected: when, coalesce, min and max may
// mix them.
func as(v any, t lang.Type) any {
	if i, ok := v.(int64); ok && t.Kind == lang.KFloat {
		return float64(i)
	}
	return v
}

func coalesce(args []operand, t lang.Type) Fn {
	return func(e *Env) (any, error) {
		for i := range args {
			if v, err := args[i].get(e); v != nil || err != nil {
				return as(v, t), err
			}
		}
		return nil, nil
	}
}

// when evaluates only the branch that it returns. Without an else it is null.
// An unknown condition counts as not true; inside an operand of a predicate it
// makes that operand unknown.
func (c *compiler) when(x *ir.Call, args []operand) (Fn, error) {
	conds := make([]Cond, 0, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		cond, err := c.cond(x.Args[i])
		if err != nil {
			return nil, err
		}
		if !c.inPredicate && ir.MayFault(x.Args[i]) {
			cond = chosen(cond)
		}
		conds = append(conds, cond)
	}
	return func(e *Env) (any, error) {
		for i, cond := range conds {
			ok, err := cond(e)
			if err != nil {
				return nil, err
			}
			if ok {
				v, err := args[2*i+1].get(e)
				return as(v, x.T), err
			}
		}
		if len(args)%2 == 0 {
			return nil, nil
		}
		v, err := args[len(args)-1].get(e)
		return as(v, x.T), err
	}, nil
}

// extreme is min or max of several values.
func extreme(args []operand, x *ir.Call) Fn {
	want := 1
	if x.Fn == "min" {
		want = -1
	}
	return func(e *Env) (any, error) {
		vals, null, err := values(args, e)
		if null || err != nil {
			return nil, err
		}
		var best any
		for _, v := range vals {
			if best == nil || codec.Compare(v, best) == want {
				best = v
			}
		}
		return as(best, x.T), nil
	}
}

// ofList is an aggregate over the elements of a list; of null it is null.
func ofList(x *ir.Call, args []operand) Fn {
	return func(e *Env) (any, error) {
		v, err := args[0].get(e)
		if err != nil {
			return nil, err
		}
		list, ok := v.([]any)
		if !ok {
			return nil, nil
		}
		var p any
		if len(args) > 1 {
			if p, err = args[1].get(e); err != nil {
				return nil, err
			}
		}
		out, err := overList(x.Fn, x.T, p, list)
		if f := asFault(err, x.Sp); f != nil {
			return nil, f // overflow of a sum is an error everywhere
		}
		return out, err
	}
}

func overList(fn string, t lang.Type, p any, list []any) (any, error) {
	agg, err := New(fn, t, false, p)
	if err != nil {
		return nil, err
	}
	for _, v := range list {
		if err := agg.Add(v); err != nil {
			return nil, err
		}
	}
	return agg.Result()
}
