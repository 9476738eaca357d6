package eval

import (
	"math"
	"math/bits"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

func isArithmetic(op lang.Op) bool {
	switch op {
	case lang.OpAdd, lang.OpSub, lang.OpMul, lang.OpDiv, lang.OpFloorDiv, lang.OpMod, lang.OpPow:
		return true
	}
	return false
}

func (c *compiler) arithmetic(x *ir.Binary) (Fn, error) {
	l, r, err := c.sides(x)
	if err != nil {
		return nil, err
	}
	op, t := x.Op, x.T
	apply := func(a, b any) (any, error) { return Arith(op, a, b, t) }
	if appendsOne(x.L.Type(), x.R.Type()) {
		apply = func(a, b any) (any, error) {
			list, _ := a.([]any)
			return concat(list, []any{b}), nil
		}
	}
	inPredicate := c.inPredicate
	return func(e *Env) (any, error) {
		a, err := l.get(e)
		if err != nil {
			return nil, err
		}
		b, err := r.get(e)
		if err != nil {
			return nil, err
		}
		if a == nil || b == nil {
			return nil, nil
		}
		v, err := apply(a, b)
		if err != nil {
			return e.fail(err, x.Sp, inPredicate)
		}
		return v, nil
	}, nil
}

// appendsOne reports list + element, as opposed to list + list.
func appendsOne(l, r lang.Type) bool {
	if l.Kind != lang.KList {
		return false
	}
	return r.Kind != lang.KList || l.Elem != nil && l.Elem.Kind == lang.KList && l.Elem.Same(r)
}

func concat(a, b []any) []any {
	out := make([]any, 0, len(a)+len(b))
	return append(append(out, a...), b...)
}

func noOperator(op lang.Op) error {
	return faultf(lang.CodeBadConversion, "the operator "+string(op)+" does not accept these values")
}

// Arith computes a op b for two non-null values. The type is that of the result
// and distinguishes int from int64. The error is a *codec.Error with the code
// of the fault.
func Arith(op lang.Op, a, b any, t lang.Type) (any, error) {
	switch x := a.(type) {
	case int64:
		switch y := b.(type) {
		case int64:
			if t.Kind == lang.KInt64 {
				return arithLong(op, x, y)
			}
			return arithInt(op, x, y)
		case float64:
			return arithFloat(op, float64(x), y)
		}
	case float64:
		switch y := b.(type) {
		case float64:
			return arithFloat(op, x, y)
		case int64:
			return arithFloat(op, x, float64(y))
		}
	case string:
		return arithString(op, x, b)
	case lang.Bytes:
		if y, ok := b.(lang.Bytes); ok {
			b = string(y)
		}
		v, err := arithString(op, string(x), b)
		s, _ := v.(string)
		return lang.Bytes(s), err
	case lang.Integer:
		return arithInteger(op, x, b, t)
	case []any:
		if y, ok := b.([]any); ok && op == lang.OpAdd {
			return concat(x, y), nil
		}
	}
	return nil, noOperator(op)
}

func overflow() error {
	return faultf(lang.CodeOverflow, "the result is beyond ±9007199254740991, the range of int")
}

func byZero() error { return faultf(lang.CodeDivisionByZero, "division by zero") }

func checkInt(v int64) (any, error) {
	if v > lang.MaxInt || v < -lang.MaxInt {
		return nil, overflow()
	}
	return v, nil
}

func arithInt(op lang.Op, a, b int64) (any, error) {
	switch op {
	case lang.OpAdd:
		return checkInt(a + b)
	case lang.OpSub:
		return checkInt(a - b)
	case lang.OpMul:
		v, ok := mul(a, b)
		if !ok {
			return nil, overflow()
		}
		return checkInt(v)
	case lang.OpPow:
		return powInt(a, b)
	}
	if b == 0 {
		return nil, byZero()
	}
	switch op {
	case lang.OpDiv:
		return noMinusZero(float64(a) / float64(b)), nil
	case lang.OpFloorDiv:
		q := a / b
		if a%b != 0 && (a < 0) != (b < 0) {
			q--
		}
		return checkInt(q)
	case lang.OpMod:
		m := a % b
		if m != 0 && (m < 0) != (b < 0) {
			m += b
		}
		return m, nil
	}
	return nil, noOperator(op)
}

// mul multiplies unless the product exceeds 63 bits.
func mul(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}

func powInt(a, b int64) (any, error) {
	switch {
	case b < 0:
		return nil, faultf(lang.CodeNegativeExponent, "an int cannot be raised to a negative int; write float(x) ** y")
	case a == 1 || b == 0:
		return int64(1), nil
	case a == 0:
		return int64(0), nil
	case a == -1:
		return 1 - 2*(b&1), nil
	}
	v := int64(1)
	for range b { // at most 53 iterations: |a| >= 2
		w, ok := mul(v, a)
		if !ok || magnitude(w) > lang.MaxInt {
			return nil, overflow()
		}
		v = w
	}
	return v, nil
}

// arithLong is + and - of int64, its only arithmetic.
func arithLong(op lang.Op, a, b int64) (any, error) {
	v := a + b
	wrapped := (a >= 0) == (b >= 0) && (v >= 0) != (a >= 0)
	if op == lang.OpSub {
		v = a - b
		wrapped = (a >= 0) != (b >= 0) && (v >= 0) != (a >= 0)
	} else if op != lang.OpAdd {
		return nil, noOperator(op)
	}
	if wrapped {
		return nil, faultf(lang.CodeOverflow, "the result is beyond 64 bits, the range of int64")
	}
	return v, nil
}

func noMinusZero(f float64) float64 {
	if f == 0 {
		return 0
	}
	return f
}

func arithFloat(op lang.Op, a, b float64) (any, error) {
	var v float64
	switch op {
	case lang.OpAdd:
		v = a + b
	case lang.OpSub:
		v = a - b
	case lang.OpMul:
		v = a * b
	case lang.OpPow:
		v = math.Pow(a, b)
	case lang.OpDiv, lang.OpFloorDiv, lang.OpMod:
		if b == 0 {
			return nil, byZero()
		}
		v = divide(op, a, b)
	default:
		return nil, noOperator(op)
	}
	return finite(v)
}

// divide: // is the floor of the quotient, % the exact remainder with the sign
// of the divisor.
func divide(op lang.Op, a, b float64) float64 {
	switch op {
	case lang.OpDiv:
		return a / b
	case lang.OpFloorDiv:
		return math.Floor(a / b)
	}
	m := math.Mod(a, b)
	if m != 0 && (m < 0) != (b < 0) {
		m += b
	}
	return m
}

func finite(v float64) (any, error) {
	if v-v != 0 {
		return nil, faultf(lang.CodeNotFinite, "the result is infinite or NaN")
	}
	return noMinusZero(v), nil
}

func tooLong() error {
	return faultf(lang.CodeStringTooLong, "the string would be longer than 1 MiB")
}

func arithString(op lang.Op, a string, b any) (any, error) {
	switch y := b.(type) {
	case string:
		if op == lang.OpAdd {
			if len(a)+len(y) > lang.MaxString {
				return nil, tooLong()
			}
			return a + y, nil
		}
	case int64:
		if op == lang.OpMul {
			if y <= 0 || a == "" {
				return "", nil
			}
			if y > int64(lang.MaxString/len(a)) {
				return nil, tooLong()
			}
			return strings.Repeat(a, int(y)), nil
		}
	}
	return nil, noOperator(op)
}

// arithInteger is arithmetic of datetimes, durations and similar types: + and -
// of two of them, and for durations * and / as well.
func arithInteger(op lang.Op, a lang.Integer, b any, t lang.Type) (any, error) {
	if y, ok := b.(lang.Integer); ok {
		switch op {
		case lang.OpAdd:
			return integerOf(a.Number()+y.Number(), t)
		case lang.OpSub:
			return integerOf(a.Number()-y.Number(), t)
		}
	}
	if d, ok := a.(lang.Duration); ok {
		return arithDuration(op, d, b)
	}
	return nil, noOperator(op)
}

// integerOf converts a number to the Go type of a result.
func integerOf(n int64, t lang.Type) (any, error) {
	if err := codec.CheckInteger(n, t.Kind); err != nil {
		return nil, err
	}
	return t.Kind.Info().Value(n), nil
}

func arithDuration(op lang.Op, a lang.Duration, b any) (any, error) {
	switch y := b.(type) {
	case lang.Duration:
		if op == lang.OpDiv {
			if y == 0 {
				return nil, byZero()
			}
			return noMinusZero(float64(a) / float64(y)), nil
		}
	case int64, float64:
		switch op {
		case lang.OpMul:
			return scale(a, b)
		case lang.OpDiv:
			if y := toFloat(b); y != 0 {
				return roundInteger(float64(a)/y, lang.TypeDuration)
			}
			return nil, byZero()
		}
	}
	return nil, noOperator(op)
}

func toFloat(v any) float64 {
	switch x := v.(type) {
	case int64:
		return float64(x)
	case float64:
		return x
	}
	return 0
}

// scale multiplies a duration: exactly by an int, rounded to the millisecond by
// a float.
func scale(d lang.Duration, by any) (any, error) {
	if n, ok := by.(int64); ok {
		v, ok := mul(int64(d), n)
		if !ok {
			return nil, overflow()
		}
		return integerOf(v, lang.TypeDuration)
	}
	return roundInteger(float64(d)*toFloat(by), lang.TypeDuration)
}

// roundInteger rounds a number to the Go type of a result.
func roundInteger(f float64, t lang.Type) (any, error) {
	if f = math.Round(f); !(math.Abs(f) <= lang.MaxInt) {
		return nil, overflow()
	}
	return integerOf(int64(f), t)
}

func (c *compiler) negate(x *ir.Unary) (Fn, error) {
	o, err := c.operand(x.X)
	if err != nil {
		return nil, err
	}
	inPredicate := c.inPredicate
	return func(e *Env) (any, error) {
		v, err := o.get(e)
		if err != nil {
			return nil, err
		}
		switch n := v.(type) {
		case nil:
			return nil, nil
		case int64:
			if n == math.MinInt64 {
				return e.fail(overflow(), x.Sp, inPredicate)
			}
			return -n, nil
		case float64:
			return noMinusZero(-n), nil
		case lang.Integer:
			return n.Kind().Info().Value(-n.Number()), nil
		}
		return e.fail(noOperator(lang.OpSub), x.Sp, inPredicate)
	}, nil
}
