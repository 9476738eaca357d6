package eval

import (
	"fmt"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// Compile turns a checked expression into a function of an Env whose Row has
// the layout. It returns an error if the layout lacks a leaf, or if Go cannot
// compute the expression (full-text search, ttl).
func Compile(x ir.Expr, layout Layout) (Fn, error) {
	c := compiler{layout: layout}
	return c.expr(x)
}

// CompileCond compiles a condition: true if it is true, false if it is false or
// unknown. Null and values that are not a bool are false.
func CompileCond(x ir.Expr, layout Layout) (Cond, error) {
	c := compiler{layout: layout}
	cond, err := c.cond(x)
	if err != nil || !ir.MayFault(x) {
		return cond, err
	}
	return chosen(cond), nil
}

type compiler struct {
	layout      Layout
	inPredicate bool // the expression is an operand of a predicate: a fault makes the predicate unknown
}

// operand is an operand that is read without a call where possible.
type operand struct {
	slot  int // of Env.Row, or -1
	fn    Fn  // nil for a constant
	value any
	sp    lang.Span
}

func (o *operand) get(e *Env) (any, error) {
	if o.slot >= 0 {
		return e.Row[o.slot], nil
	}
	if o.fn == nil {
		return o.value, nil
	}
	return o.fn(e)
}

// sides compiles both sides of an operator.
func (c *compiler) sides(x *ir.Binary) (l, r operand, err error) {
	if l, err = c.operand(x.L); err == nil {
		r, err = c.operand(x.R)
	}
	return l, r, err
}

func (c *compiler) operand(x ir.Expr) (operand, error) {
	o := operand{slot: -1, sp: x.Span()}
	switch y := x.(type) {
	case *ir.Const:
		if y.Ord < 0 {
			o.value = y.Value
			return o, nil
		}
	case *ir.Col:
		if ir.LeafPath(y) != "" {
			var err error
			o.slot, err = c.layout.slot(y)
			return o, err
		}
	}
	var err error
	o.fn, err = c.expr(x)
	return o, err
}

func (c *compiler) operands(xs []ir.Expr) ([]operand, error) {
	out := make([]operand, len(xs))
	for i, x := range xs {
		var err error
		if out[i], err = c.operand(x); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *compiler) expr(x ir.Expr) (Fn, error) {
	switch x := x.(type) {
	case *ir.Const:
		return constant(x), nil
	case *ir.Param:
		return param(x), nil
	case *ir.Var:
		id := x.V.ID
		return func(e *Env) (any, error) { return at(e.Vars, id), nil }, nil
	case *ir.GroupKey:
		i := x.I
		return func(e *Env) (any, error) { return at(e.Keys, i), nil }, nil
	case *ir.AggRef:
		i := x.I
		return func(e *Env) (any, error) { return at(e.Aggs, i), nil }, nil
	case *ir.Output:
		i := x.I
		return func(e *Env) (any, error) { return at(e.Outs, i), nil }, nil
	case *ir.Elem:
		return func(e *Env) (any, error) { return e.elem, nil }, nil
	case *ir.Row, *ir.Old, *ir.Deref:
		return c.document(x)
	case *ir.Col:
		return c.col(x)
	case *ir.Referrers:
		return c.referrers(x)
	case *ir.Emb:
		return c.emb(x)
	case *ir.Member:
		return c.member(x)
	case *ir.At:
		return c.at(x)
	case *ir.Pluck:
		return c.pluck(x)
	case *ir.Key:
		return c.key(x)
	case *ir.FullKey:
		return c.fullKey(x)
	case *ir.KeyParts:
		return c.keyParts(x)
	case *ir.Unary:
		if x.Op == lang.OpSub {
			return c.negate(x)
		}
		return c.condition(x)
	case *ir.Binary:
		if isArithmetic(x.Op) {
			return c.arithmetic(x)
		}
		return c.condition(x)
	case *ir.IsNull, *ir.In:
		return c.condition(x)
	case *ir.List:
		return c.list(x)
	case *ir.Object:
		return c.object(x)
	case *ir.Convert:
		return c.convert(x)
	case *ir.Call:
		return c.call(x)
	}
	return nil, fmt.Errorf("an expression of kind %T cannot be computed here", x)
}

// at returns an element of a slice that may be shorter than expected.
func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

func constant(x *ir.Const) Fn {
	v := x.Value
	if x.Ord < 0 {
		return func(*Env) (any, error) { return v, nil }
	}
	fits := fitting(x.T)
	return func(e *Env) (any, error) {
		if e.Consts == nil {
			return v, nil
		}
		raw := at(e.Consts, x.Ord)
		if fits(raw) {
			return raw, nil
		}
		return e.bind(x, raw)
	}
}

func param(x *ir.Param) Fn {
	fits := fitting(x.T)
	return func(e *Env) (any, error) {
		raw := at(e.Params, x.Index)
		if fits(raw) {
			return raw, nil
		}
		return e.bind(x, raw)
	}
}

// bind converts a value to the type of the expression that it stands for, once per Env. A value that does not fit is an error,
// even in queries.
func (e *Env) bind(x ir.Expr, raw any) (any, error) {
	if v, ok := e.bound[x]; ok {
		return v, nil
	}
	v, err := codec.Convert(raw, codec.TypeOfValue(raw), x.Type())
	if err != nil {
		if f := asFault(err, x.Span()); f != nil {
			return nil, f
		}
		return nil, err
	}
	if e.bound == nil {
		e.bound = map[ir.Expr]any{}
	}
	e.bound[x] = v
	return v, nil
}

// fitting returns, for simple types, a quick test whether a value needs no conversion.
func fitting(t lang.Type) func(any) bool {
	switch t.Kind {
	case lang.KUnknown, lang.KNull, lang.KObject, lang.KRow:
		return func(any) bool { return true }
	}
	switch k := t.Scalar().Kind.Info(); k.Repr {
	case lang.ReprInt, lang.ReprLong:
		if k.Make == nil {
			return is[int64]
		}
		return func(v any) bool {
			x, ok := v.(lang.Integer)
			return ok && x.Kind().Info() == k || v == nil
		}
	case lang.ReprFloat:
		return is[float64]
	case lang.ReprBool:
		return is[bool]
	case lang.ReprBytes:
		return is[lang.Bytes]
	case lang.ReprGeo:
		return is[lang.Geo]
	case lang.ReprString:
		if t.Kind != lang.KEnum {
			return is[string]
		}
	}
	return func(v any) bool { return v == nil }
}

func is[T any](v any) bool {
	_, ok := v.(T)
	return ok || v == nil
}

func (c *compiler) list(x *ir.List) (Fn, error) {
	items, err := c.operands(x.Items)
	if err != nil {
		return nil, err
	}
	return func(e *Env) (any, error) {
		out := make([]any, len(items))
		for i := range items {
			var err error
			if out[i], err = items[i].get(e); err != nil {
				return nil, err
			}
		}
		return out, nil
	}, nil
}

func (c *compiler) object(x *ir.Object) (Fn, error) {
	items, err := c.operands(x.Items)
	if err != nil {
		return nil, err
	}
	names := x.Names
	return func(e *Env) (any, error) {
		out := make(map[string]any, len(items))
		for i := range items {
			v, err := items[i].get(e)
			if err != nil {
				return nil, err
			}
			out[names[i]] = v
		}
		return out, nil
	}, nil
}

func (c *compiler) convert(x *ir.Convert) (Fn, error) {
	o, err := c.operand(x.X)
	if err != nil {
		return nil, err
	}
	from, to := c.layout.Schema.Expand(x.X.Type()), c.layout.Schema.Expand(x.T)
	if to.Kind == lang.KFloat && from.Kind == lang.KInt {
		return func(e *Env) (any, error) {
			v, err := o.get(e)
			if i, ok := v.(int64); ok {
				return float64(i), err
			}
			return v, err
		}, nil
	}
	inPredicate := c.inPredicate
	return func(e *Env) (any, error) {
		v, err := o.get(e)
		if v == nil || err != nil {
			return nil, err
		}
		out, err := codec.Convert(v, from, to)
		if err != nil {
			return e.fail(err, x.Sp, inPredicate)
		}
		return out, nil
	}, nil
}
