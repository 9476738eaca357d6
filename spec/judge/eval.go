package judge

import (
	"errors"
	"fmt"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// scope is what an expression can refer to.
type scope struct {
	r         *run
	row, old  doc
	elem      any
	groupKeys []any
	aggs      []any
	outputs   []any
	// shown is set while rows are selected or projected: a fault is a warning
	// there, and its expression is null, or unknown. Elsewhere it is an error.
	shown bool
	// compared is set in the operands of a comparison, which a fault makes unknown.
	compared bool
	// restore is set while documents of a RESTORE are completed, which may have a REVISION.
	restore bool
}

// errUnknown propagates from a fault to the enclosing comparison.
var errUnknown = errors.New("judge: unknown")

// fault is an error of an operation.
func (s *scope) fault(f *failure, x ir.Expr) (any, error) {
	if !s.shown {
		return nil, f.in(x.Span())
	}
	s.r.warn(f.code)
	if s.compared {
		return nil, errUnknown
	}
	return nil, nil
}

// list evaluates several expressions.
func (s *scope) list(xs []ir.Expr) ([]any, error) {
	out := make([]any, len(xs))
	for i, x := range xs {
		v, err := s.eval(x)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// nullable converts a nil document to a plain null.
func nullable(d doc) any {
	if d == nil {
		return nil
	}
	return d
}

func (s *scope) eval(x ir.Expr) (any, error) {
	switch x := x.(type) {
	case *ir.Const:
		return clone(x.Value), nil
	case *ir.Param:
		v, err := fit(s.r.params[x.Name], x.T)
		if err != nil {
			return nil, asFailure(err).in(x.Sp)
		}
		if x.T.Kind == lang.KJSON {
			v = jsonOf(v, typeOf(v))
		}
		return v, nil
	case *ir.Var:
		return s.r.vars[x.V], nil
	case *ir.Row:
		return s.bare(s.row, x.T.Model), nil
	case *ir.Old:
		return s.bare(s.old, x.T.Model), nil
	case *ir.Elem:
		return s.elem, nil
	case *ir.GroupKey:
		return s.groupKeys[x.I], nil
	case *ir.AggRef:
		return s.aggs[x.I], nil
	case *ir.Output:
		return s.outputs[x.I], nil
	case *ir.Col:
		if x.Col.Coll != nil {
			return s.ask(x)
		}
	case *ir.Call:
		return s.call(x)
	case *ir.Binary:
		if condition(x) {
			return s.decided(x)
		}
		return s.binary(x)
	case *ir.In, *ir.IsNull, *ir.Away:
		return s.decided(x)
	case *ir.List:
		return s.list(x.Items)
	case *ir.Object:
		return s.object(x)
	case *ir.Pluck:
		return s.pluck(x)
	case *ir.Referrers:
		return s.referrers(x)
	case *ir.FullKey:
		return s.fullKey(x)
	case *ir.KeyParts:
		return s.keyParts(x)
	case *ir.Unary:
		if x.Op == lang.OpNot {
			return s.decided(x)
		}
	}
	return s.step(x)
}

// step evaluates expressions with one operand.
func (s *scope) step(x ir.Expr) (any, error) {
	kids := ir.Children(x)
	if len(kids) == 0 {
		return nil, fmt.Errorf("judge: unknown expression %T", x)
	}
	v, err := s.eval(kids[0])
	if err != nil {
		return nil, err
	}
	switch x := x.(type) {
	case *ir.Deref:
		if v == nil {
			return nil, nil
		}
		return s.bare(s.r.referred(x, v), x.Target.Name), nil
	case *ir.Col:
		d, _ := v.(doc)
		if x.Col.Presence {
			return path(d, x.Col.Name) != nil, nil
		}
		return path(d, x.Col.Name), nil
	case *ir.Emb:
		d, _ := v.(doc)
		return path(d, x.Prefix), nil
	case *ir.Member:
		d, _ := v.(doc)
		return d[x.Name], nil
	case *ir.At:
		i, err := s.eval(x.I)
		if err != nil {
			return nil, err
		}
		return at(v, i), nil
	case *ir.Unary:
		return negate(v), nil
	case *ir.Convert:
		v, err := s.converted(v, x)
		if err != nil {
			return s.fault(asFailure(err), x)
		}
		return v, nil
	case *ir.Key:
		if d, ok := v.(doc); ok {
			return d[s.r.schema.Model(x.X.Type().Model).Key.Name], nil
		}
		return v, nil
	}
	return nil, fmt.Errorf("judge: unknown expression %T", x)
}

func (s *scope) object(x *ir.Object) (any, error) {
	out := make(map[string]any, len(x.Names))
	for i, name := range x.Names {
		v, err := s.eval(x.Items[i])
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

func (s *scope) pluck(x *ir.Pluck) (any, error) {
	v, err := s.eval(x.X)
	xs, ok := v.([]any)
	if err != nil || !ok {
		return nil, err
	}
	out := make([]any, len(xs))
	for i, e := range xs {
		inner := *s
		inner.elem = e
		if out[i], err = inner.eval(x.Body); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// in is a sequence of `=`: null is found if the list contains null.
func (s *scope) in(x *ir.In) (any, error) {
	v, err := s.eval(x.X)
	if err != nil {
		return nil, err
	}
	var items []any
	if x.List != nil {
		l, err := s.eval(x.List)
		if err != nil {
			return nil, err
		}
		items, _ = l.([]any)
	} else if items, err = s.list(x.Items); err != nil {
		return nil, err
	}
	for _, item := range items {
		if equal(v, item) {
			return true, nil
		}
	}
	return false, nil
}

// at reads a member of a list or map; a missing one is null.
func at(v, i any) any {
	switch v := v.(type) {
	case []any:
		n, ok := i.(int64)
		if !ok {
			return nil
		}
		if n < 0 {
			n += int64(len(v))
		}
		if n < 0 || n >= int64(len(v)) {
			return nil
		}
		return v[n]
	case map[string]any:
		if k, ok := i.(string); ok {
			return v[k]
		}
	}
	return nil
}

func negate(v any) any {
	switch v := v.(type) {
	case int64:
		return -v
	case float64:
		return 0 - v
	case lang.Integer:
		return v.Kind().Info().Value(-v.Number())
	}
	return nil
}
