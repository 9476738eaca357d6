package judge

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// verdict is the result of a condition.
type verdict int

const (
	no verdict = iota
	unknown
	yes
)

func of(b bool) verdict {
	if b {
		return yes
	}
	return no
}

// condition reports an operator that returns a verdict.
func condition(x *ir.Binary) bool {
	switch x.Op {
	case lang.OpAdd, lang.OpSub, lang.OpMul, lang.OpDiv, lang.OpFloorDiv, lang.OpMod, lang.OpPow:
		return false
	}
	return true
}

// truth evaluates a condition used as a decision: unknown is not true.
func (s *scope) truth(x ir.Expr) (bool, error) {
	if x == nil {
		return true, nil
	}
	v, err := s.decide(x)
	return v == yes, err
}

// decided is the value of a condition: if it is unknown, null, or errUnknown in
// an operand of a comparison.
func (s *scope) decided(x ir.Expr) (any, error) {
	v, err := s.decide(x)
	switch {
	case err != nil:
		return nil, err
	case v != unknown:
		return v == yes, nil
	case s.compared:
		return nil, errUnknown
	}
	return nil, nil
}

// decide evaluates a condition by Kleene's logic: AND is the minimum of both
// sides, OR the maximum, NOT exchanges yes and no.
func (s *scope) decide(x ir.Expr) (verdict, error) {
	switch x := x.(type) {
	case *ir.Unary:
		if x.Op == lang.OpNot {
			v, err := s.decide(x.X)
			return yes - v, err
		}
	case *ir.Binary:
		if x.Op == lang.OpAnd || x.Op == lang.OpOr {
			return s.junction(x)
		}
	case *ir.Away: // the keys that were read for the plan are not used
		return s.decide(x.Cond)
	}
	inner := *s
	inner.compared = true
	var v any
	var err error
	switch x := x.(type) {
	case *ir.Binary:
		v, err = inner.binary(x)
	case *ir.In:
		v, err = inner.in(x)
	case *ir.IsNull:
		v, err = inner.eval(x.X)
		v = v == nil
	default:
		v, err = inner.eval(x)
	}
	if err == errUnknown {
		return unknown, nil
	}
	return of(v == true), err
}

func (s *scope) junction(x *ir.Binary) (verdict, error) {
	l, err := s.decide(x.L)
	if err != nil || x.Op == lang.OpAnd && l == no || x.Op == lang.OpOr && l == yes {
		return l, err // the rest is not evaluated
	}
	r, err := s.decide(x.R)
	if x.Op == lang.OpAnd {
		return min(l, r), err
	}
	return max(l, r), err
}

// fixed evaluates the parts of a statement's conditions that are the same for
// every document, before the first document is read: a fault there is an error.
func (r *run) fixed(st ir.Stmt) error {
	for _, x := range ir.Conditions(st) {
		var err error
		ir.FixedParts(x, func(x ir.Expr) {
			if err == nil {
				_, err = r.operand(x)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}
