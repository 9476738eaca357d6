package eval

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// condition compiles an operator that returns a bool. As a value, unknown is
// null.
func (c *compiler) condition(x ir.Expr) (Fn, error) {
	cond, err := c.cond(x)
	if err != nil {
		return nil, err
	}
	inPredicate := c.inPredicate
	return func(e *Env) (any, error) {
		b, err := cond(e)
		if err == errUnknown && !inPredicate {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return b, nil
	}, nil
}

// chosen compiles a condition whose result is used as a decision: unknown is
// not true.
func chosen(cond Cond) Cond {
	return func(e *Env) (bool, error) {
		b, err := cond(e)
		if err == errUnknown {
			return false, nil
		}
		return b, err
	}
}

// cond compiles a condition of three-valued logic; the third value is
// errUnknown.
func (c *compiler) cond(x ir.Expr) (Cond, error) {
	switch x := x.(type) {
	case *ir.Unary:
		if x.Op == lang.OpNot {
			inner, err := c.cond(x.X)
			if err != nil {
				return nil, err
			}
			return not(inner), nil
		}
	case *ir.Binary:
		if x.Op == lang.OpAnd || x.Op == lang.OpOr {
			return c.logic(x)
		}
	}
	was := c.inPredicate
	c.inPredicate = true
	cond, err := c.predicate(x)
	c.inPredicate = was
	return cond, err
}

// predicate compiles a condition other than AND, OR and NOT.
func (c *compiler) predicate(x ir.Expr) (Cond, error) {
	switch x := x.(type) {
	case *ir.IsNull:
		return c.nullTest(x.X)
	case *ir.In:
		return c.in(x)
	case *ir.Binary:
		if !isArithmetic(x.Op) {
			return c.relation(x)
		}
	}
	o, err := c.operand(x)
	if err != nil {
		return nil, err
	}
	return func(e *Env) (bool, error) {
		v, err := o.get(e)
		return v == true && err == nil, err
	}, nil
}

func not(inner Cond) Cond {
	return func(e *Env) (bool, error) {
		b, err := inner(e)
		return !b && err == nil, err
	}
}

func (c *compiler) relation(x *ir.Binary) (Cond, error) {
	switch x.Op {
	case lang.OpEq, lang.OpNe, lang.OpLt, lang.OpLe, lang.OpGt, lang.OpGe:
		return c.comparison(x)
	case lang.OpContains, lang.OpStarts, lang.OpEnds, lang.OpIn:
		return c.contains(x)
	case lang.OpLike, lang.OpMatches:
		return c.pattern(x)
	case lang.OpSearch:
		return c.search(x)
	}
	return nil, fmt.Errorf("the operator %s cannot be computed here", x.Op)
}

// logic is AND and OR of three-valued logic. The right side is not evaluated if
// the left one decides.
func (c *compiler) logic(x *ir.Binary) (Cond, error) {
	l, err := c.cond(x.L)
	if err != nil {
		return nil, err
	}
	r, err := c.cond(x.R)
	if err != nil {
		return nil, err
	}
	decides := x.Op == lang.OpOr // the value of one side that decides the result whatever the other is
	return func(e *Env) (bool, error) {
		b, err := l(e)
		if err == errUnknown {
			if b, err = r(e); err == nil && b != decides {
				err = errUnknown
			}
			return b && err == nil, err
		}
		if b == decides || err != nil {
			return b && err == nil, err
		}
		return r(e)
	}, nil
}

// accepts is a set of bits: which results of a comparison the operator accepts.
type accepts uint8

const (
	less accepts = 1 << iota
	same
	greater
)

func acceptsOf(op lang.Op) accepts {
	switch op {
	case lang.OpLt:
		return less
	case lang.OpLe:
		return less | same
	case lang.OpGt:
		return greater
	case lang.OpGe:
		return greater | same
	}
	return same
}

func (a accepts) has(cmp int) bool { return a&(1<<(cmp+1)) != 0 }

func (c *compiler) comparison(x *ir.Binary) (Cond, error) {
	l, r, err := c.sides(x)
	if err != nil {
		return nil, err
	}
	lk, rk := x.L.Type().Scalar().Kind, x.R.Type().Scalar().Kind
	var cond Cond
	switch {
	case isInt(lk) && isInt(rk):
		cond = ordered[int64](l, r, x.Op)
	case lk == lang.KString && rk == lang.KString:
		cond = ordered[string](l, r, x.Op)
	case lk == lang.KFloat && rk == lang.KFloat:
		cond = ordered[float64](l, r, x.Op)
	case lk == lang.KDateTime && rk == lang.KDateTime:
		cond = ordered[lang.DateTime](l, r, x.Op)
	case x.Op == lang.OpEq || x.Op == lang.OpNe:
		cond = equalTo(l, r)
	default:
		cond = compared(l, r, acceptsOf(x.Op))
	}
	if x.Op == lang.OpNe {
		cond = not(cond)
	}
	return cond, nil
}

func isInt(k lang.Kind) bool { return k == lang.KInt || k == lang.KInt64 }

// ordered compares two values of one Go type; null equals null under = and !=,
// and makes every other comparison false.
func ordered[T int64 | float64 | string | lang.DateTime](l, r operand, op lang.Op) Cond {
	accept := acceptsOf(op)
	nulls := op == lang.OpEq || op == lang.OpNe
	return func(e *Env) (bool, error) {
		a, err := l.get(e)
		if err != nil {
			return false, err
		}
		b, err := r.get(e)
		if err != nil {
			return false, err
		}
		x, ok1 := a.(T)
		y, ok2 := b.(T)
		switch {
		case !ok1 || !ok2:
			return nulls && a == nil && b == nil, nil
		case x < y:
			return accept&less != 0, nil
		case x > y:
			return accept&greater != 0, nil
		}
		return accept&same != 0, nil
	}
}

// both evaluates both sides, whether or not the first is null: a fault in
// either counts.
func both(l, r *operand, e *Env) (a, b any, err error) {
	if a, err = l.get(e); err == nil {
		b, err = r.get(e)
	}
	return a, b, err
}

// compared is an ordering comparison between values of any ordered types.
func compared(l, r operand, accept accepts) Cond {
	return func(e *Env) (bool, error) {
		a, b, err := both(&l, &r, e)
		return err == nil && a != nil && b != nil && accept.has(codec.Compare(a, b)), err
	}
}

func (c *compiler) in(x *ir.In) (Cond, error) {
	o, err := c.operand(x.X)
	if err != nil {
		return nil, err
	}
	if x.List != nil {
		list, err := c.operand(x.List)
		if err != nil {
			return nil, err
		}
		return member(o, list), nil
	}
	items, err := c.operands(x.Items)
	if err != nil {
		return nil, err
	}
	if ir.MayFault(x) {
		return func(e *Env) (bool, error) {
			v, err := o.get(e)
			if err != nil {
				return false, err
			}
			list, _, err := values(items, e)
			return err == nil && holds(list, v), err
		}, nil
	}
	return func(e *Env) (bool, error) {
		v, err := o.get(e)
		if err != nil {
			return false, err
		}
		for i := range items {
			w, err := items[i].get(e)
			if err != nil {
				return false, err
			}
			if codec.Equal(v, w) {
				return true, nil
			}
		}
		return false, nil
	}, nil
}

// member reports whether a value is in a list; it is false for a null list.
func member(o, list operand) Cond {
	return func(e *Env) (bool, error) {
		v, err := o.get(e)
		if err != nil {
			return false, err
		}
		l, err := list.get(e)
		if err != nil {
			return false, err
		}
		items, _ := l.([]any)
		return holds(items, v), nil
	}
}

func holds(list []any, v any) bool {
	for _, w := range list {
		if codec.Equal(v, w) {
			return true
		}
	}
	return false
}

// contains is CONTAINS, STARTS WITH and ENDS WITH; false with null.
func (c *compiler) contains(x *ir.Binary) (Cond, error) {
	l, r, err := c.sides(x)
	if err != nil {
		return nil, err
	}
	if x.Op == lang.OpIn {
		return member(l, r), nil
	}
	op := x.Op
	return func(e *Env) (bool, error) {
		a, b, err := both(&l, &r, e)
		if a == nil || b == nil || err != nil {
			return false, err
		}
		switch a := a.(type) {
		case string:
			b, ok := b.(string)
			return ok && containsText(op, a, b), nil
		case lang.Bytes:
			b, ok := b.(lang.Bytes)
			return ok && containsText(op, string(a), string(b)), nil
		case map[string]any:
			k, ok := b.(string)
			return ok && a[k] != nil, nil
		}
		items, _ := a.([]any)
		return holds(items, b), nil
	}, nil
}

func containsText(op lang.Op, s, part string) bool {
	switch op {
	case lang.OpStarts:
		return strings.HasPrefix(s, part)
	case lang.OpEnds:
		return strings.HasSuffix(s, part)
	}
	return strings.Contains(s, part)
}

// pattern is LIKE and MATCHES. A constant pattern is compiled now, any other
// once for each Env. An invalid pattern is always an error.
func (c *compiler) pattern(x *ir.Binary) (Cond, error) {
	l, r, err := c.sides(x)
	if err != nil {
		return nil, err
	}
	if text, ok := r.value.(string); ok && r.fn == nil && r.slot < 0 {
		p, err := CompilePattern(x.Op, text)
		if err != nil {
			return nil, asFault(err, r.sp)
		}
		return func(e *Env) (bool, error) {
			v, err := l.get(e)
			s, ok := v.(string)
			return ok && err == nil && p.Match(s), err
		}, nil
	}
	return func(e *Env) (bool, error) {
		v, err := l.get(e)
		if err != nil {
			return false, err
		}
		w, err := r.get(e)
		if err != nil {
			return false, err
		}
		text, ok := w.(string)
		if !ok {
			return false, nil
		}
		p, err := e.compiled(x.Op, text, r.sp)
		if err != nil {
			return false, err
		}
		s, ok := v.(string)
		return ok && p.Match(s), nil
	}, nil
}

func (e *Env) compiled(op lang.Op, text string, sp lang.Span) (*Pattern, error) {
	key := string(op) + " " + text
	if p := e.patterns[key]; p != nil {
		return p, nil
	}
	p, err := CompilePattern(op, text)
	if err != nil {
		return nil, asFault(err, sp)
	}
	if e.patterns == nil {
		e.patterns = map[string]*Pattern{}
	}
	e.patterns[key] = p
	return p, nil
}
