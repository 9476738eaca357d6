package judge

import (
	"math"
	"math/big"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

func (s *scope) binary(x *ir.Binary) (any, error) {
	l, err := s.eval(x.L)
	if err != nil {
		return nil, err
	}
	r, err := s.eval(x.R)
	if err != nil {
		return nil, err
	}
	if x.Op == lang.OpEq {
		return equal(l, r), nil
	}
	if v, ok, f := test(x.Op, l, r); ok || f != nil {
		if f != nil {
			return nil, f.in(x.Span()) // a pattern that cannot be parsed
		}
		return v, nil
	}
	if l == nil || r == nil {
		return nil, nil
	}
	v, f := arith(x.Op, l, r)
	if f != nil {
		return s.fault(f, x)
	}
	return v, nil
}

// test evaluates the operators that return a bool and are false if a side is
// null; ok is false for any other operator.
func test(op lang.Op, l, r any) (v, ok bool, f *failure) {
	switch op {
	case lang.OpLt, lang.OpLe, lang.OpGt, lang.OpGe, lang.OpContains, lang.OpStarts, lang.OpEnds, lang.OpLike, lang.OpMatches, lang.OpSearch:
	default:
		return false, false, nil
	}
	if l == nil || r == nil {
		return false, true, nil
	}
	switch op {
	case lang.OpLt:
		v = compare(l, r) < 0
	case lang.OpLe:
		v = compare(l, r) <= 0
	case lang.OpGt:
		v = compare(l, r) > 0
	case lang.OpGe:
		v = compare(l, r) >= 0
	case lang.OpStarts:
		v = strings.HasPrefix(text(l), text(r))
	case lang.OpEnds:
		v = strings.HasSuffix(text(l), text(r))
	case lang.OpContains:
		v = contains(l, r)
	case lang.OpSearch:
		v = searched(text(l), text(r))
	default:
		v, f = matches(op, text(l), text(r))
	}
	return v, true, f
}

func contains(l, r any) bool {
	switch l := l.(type) {
	case []any:
		for _, x := range l {
			if equal(x, r) {
				return true
			}
		}
		return false
	case map[string]any:
		return l[text(r)] != nil
	}
	return strings.Contains(text(l), text(r))
}

// arith evaluates + - * / // % ** of two non-null values.
func arith(op lang.Op, l, r any) (any, *failure) {
	switch a := l.(type) {
	case string:
		if op == lang.OpMul {
			return repeat(a, r.(int64))
		}
		return capped(a + r.(string))
	case lang.Bytes:
		if b, ok := r.(lang.Bytes); ok {
			return raw(capped(string(a + b)))
		}
		return raw(repeat(string(a), r.(int64)))
	case []any:
		return append(append([]any{}, a...), r.([]any)...), nil
	case lang.Integer:
		if b, ok := r.(lang.Integer); ok && (op == lang.OpAdd || op == lang.OpSub) {
			return addWhole(op, a, b)
		}
		return scaled(op, a.(lang.Duration), r)
	}
	a, isInt := l.(int64)
	b, isInt2 := r.(int64)
	if isInt && isInt2 && op != lang.OpDiv {
		return arithInt(op, a, b)
	}
	return arithFloat(op, number(l), number(r))
}

// scaled is a duration multiplied or divided by a number, or divided by a
// duration.
func scaled(op lang.Op, a lang.Duration, r any) (any, *failure) {
	if b, ok := r.(lang.Duration); ok {
		return arithFloat(lang.OpDiv, float64(a), float64(b))
	}
	n := number(r)
	if op == lang.OpMul {
		return duration(float64(a) * n)
	}
	if n == 0 {
		return nil, fail(lang.CodeDivisionByZero, "division by zero")
	}
	return duration(float64(a) / n)
}

// arithInt computes with integers of any size and then checks whether the
// result is an int.
func arithInt(op lang.Op, a, b int64) (any, *failure) {
	x, y, z := big.NewInt(a), big.NewInt(b), new(big.Int)
	switch op {
	case lang.OpAdd:
		z.Add(x, y)
	case lang.OpSub:
		z.Sub(x, y)
	case lang.OpMul:
		z.Mul(x, y)
	case lang.OpPow:
		if b < 0 {
			return nil, fail(lang.CodeNegativeExponent, "%d ** %d: the exponent of an int is negative", a, b)
		}
		if b > 64 && a > 1 || b > 64 && a < -1 {
			return nil, fail(lang.CodeOverflow, "%d ** %d is beyond the range of int", a, b)
		}
		z.Exp(x, y, nil)
	default:
		if b == 0 {
			return nil, fail(lang.CodeDivisionByZero, "division by zero")
		}
		q, m := new(big.Int), new(big.Int)
		q.QuoRem(x, y, m)
		if m.Sign() != 0 && m.Sign() != y.Sign() { // toward minus infinity, the sign of the divisor
			q.Sub(q, big.NewInt(1))
			m.Add(m, y)
		}
		z = q
		if op == lang.OpMod {
			z = m
		}
	}
	if z.CmpAbs(big.NewInt(lang.MaxInt)) > 0 {
		return nil, fail(lang.CodeOverflow, "%s is beyond the range of int", z)
	}
	return z.Int64(), nil
}

// arithLong is + or - of two int64.
func arithLong(op string, a, b int64) (any, *failure) {
	z := big.NewInt(b)
	if op == "-" {
		z.Neg(z)
	}
	if z.Add(z, big.NewInt(a)); !z.IsInt64() {
		return nil, fail(lang.CodeOverflow, "%s is beyond the range of int64", z)
	}
	return z.Int64(), nil
}

func arithFloat(op lang.Op, a, b float64) (any, *failure) {
	if b == 0 && (op == lang.OpDiv || op == lang.OpFloorDiv || op == lang.OpMod) {
		return nil, fail(lang.CodeDivisionByZero, "division by zero")
	}
	switch op {
	case lang.OpAdd:
		return finite(a + b)
	case lang.OpSub:
		return finite(a - b)
	case lang.OpMul:
		return finite(a * b)
	case lang.OpDiv:
		return finite(a / b)
	case lang.OpFloorDiv:
		return finite(math.Floor(a / b))
	case lang.OpMod:
		m := math.Mod(a, b)
		if m != 0 && (m < 0) != (b < 0) {
			m += b
		}
		return finite(m)
	}
	return finite(math.Pow(a, b))
}

// finite rejects NaN and infinities; -0 becomes 0.
func finite(v float64) (any, *failure) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, fail(lang.CodeNotFinite, "the result is not a finite number")
	}
	if v == 0 {
		return 0.0, nil
	}
	return v, nil
}

// The first and the last millisecond of the years 1 to 9999.
const (
	minTime = -62135596800000
	maxTime = 253402300799999
)

func datetime(ms int64) (any, *failure) {
	if ms < minTime || ms > maxTime {
		return nil, fail(lang.CodeOverflow, "a datetime outside the years 1 to 9999")
	}
	return lang.DateTime(ms), nil
}

// duration rounds to whole milliseconds, half away from zero.
func duration(ms float64) (any, *failure) {
	ms = math.Round(ms)
	if math.IsNaN(ms) || math.Abs(ms) > lang.MaxInt {
		return nil, fail(lang.CodeOverflow, "a duration beyond its range")
	}
	return lang.Duration(ms), nil
}

// capped rejects strings of more than 1 MiB; raw selects bytes instead of text.
func raw(v any, f *failure) (any, *failure) {
	if s, ok := v.(string); ok {
		return lang.Bytes(s), f
	}
	return v, f
}

func capped(s string) (any, *failure) {
	if len(s) > lang.MaxString {
		return nil, fail(lang.CodeStringTooLong, "a string of more than %d bytes", lang.MaxString)
	}
	return s, nil
}

func repeat(s string, n int64) (any, *failure) {
	if n <= 0 || s == "" {
		return "", nil
	}
	if n > lang.MaxString {
		return capped(strings.Repeat("x", lang.MaxString+1))
	}
	if int64(len(s))*n > lang.MaxString {
		return nil, fail(lang.CodeStringTooLong, "a string of more than %d bytes", lang.MaxString)
	}
	return strings.Repeat(s, int(n)), nil
}
