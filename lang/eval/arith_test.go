package eval

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

func TestArithmetic(t *testing.T) {
	day := lang.Duration(86_400_000)
	for _, c := range []struct {
		op      lang.Op
		a, b    any
		t       lang.Type
		want    any
		orFault lang.Code
	}{
		{lang.OpFloorDiv, int64(-7), int64(2), lang.TypeInt, int64(-4), ""},
		{lang.OpMod, int64(-7), int64(2), lang.TypeInt, int64(1), ""},
		{lang.OpMod, int64(7), int64(-2), lang.TypeInt, int64(-1), ""},
		{lang.OpDiv, int64(7), int64(2), lang.TypeFloat, 3.5, ""},
		{lang.OpDiv, int64(7), int64(0), lang.TypeFloat, nil, lang.CodeDivisionByZero},
		{lang.OpAdd, int64(lang.MaxInt), int64(1), lang.TypeInt, nil, lang.CodeOverflow},
		{lang.OpMul, int64(1 << 27), int64(1 << 26), lang.TypeInt, nil, lang.CodeOverflow},
		{lang.OpPow, int64(2), int64(52), lang.TypeInt, int64(1 << 52), ""},
		{lang.OpPow, int64(2), int64(53), lang.TypeInt, nil, lang.CodeOverflow},
		{lang.OpPow, int64(2), int64(-1), lang.TypeInt, nil, lang.CodeNegativeExponent},
		{lang.OpPow, int64(-1), int64(lang.MaxInt), lang.TypeInt, int64(-1), ""},
		{lang.OpFloorDiv, -7.5, int64(2), lang.TypeFloat, -4.0, ""},
		{lang.OpMod, -7.5, 2.0, lang.TypeFloat, 0.5, ""},
		{lang.OpMul, -1.0, 0.0, lang.TypeFloat, 0.0, ""},
		{lang.OpPow, -1.0, 0.5, lang.TypeFloat, nil, lang.CodeNotFinite},
		{lang.OpMul, 1e300, 1e300, lang.TypeFloat, nil, lang.CodeNotFinite},
		{lang.OpAdd, int64(1 << 62), int64(1 << 62), lang.TypeInt64, nil, lang.CodeOverflow},
		{lang.OpSub, int64(-1 << 63), int64(1), lang.TypeInt64, nil, lang.CodeOverflow},
		{lang.OpAdd, "ab", "c", lang.TypeString, "abc", ""},
		{lang.OpMul, "ab", int64(-1), lang.TypeString, "", ""},
		{lang.OpMul, "ab", int64(1 << 20), lang.TypeString, nil, lang.CodeStringTooLong},
		{lang.OpAdd, lang.DateTime(0), day, lang.TypeDateTime, lang.DateTime(day), ""},
		{lang.OpSub, lang.DateTime(5), lang.DateTime(7), lang.TypeDuration, lang.Duration(-2), ""},
		{lang.OpAdd, codec.MaxDateTime, lang.Duration(1), lang.TypeDateTime, nil, lang.CodeOverflow},
		{lang.OpDiv, day, lang.Duration(3_600_000), lang.TypeFloat, 24.0, ""},
		{lang.OpMul, lang.Duration(3), 0.5, lang.TypeDuration, lang.Duration(2), ""},
		{lang.OpDiv, lang.Duration(-3), int64(2), lang.TypeDuration, lang.Duration(-2), ""},
		{lang.OpMul, lang.Duration(lang.MaxInt), int64(2), lang.TypeDuration, nil, lang.CodeOverflow},
		{lang.OpAdd, []any{int64(1)}, []any{int64(2)}, lang.ListOf(lang.TypeInt), []any{int64(1), int64(2)}, ""},
		{lang.OpAdd, []any{int64(1)}, int64(2), lang.ListOf(lang.TypeInt), []any{int64(1), int64(2)}, ""},
		{lang.OpAdd, nil, int64(2), lang.TypeInt, nil, ""},
	} {
		x := bin(c.op, val(c.a), val(c.b), c.t)
		if c.orFault != "" {
			requireFault(t, c.orFault, x)
			continue
		}
		require.Equal(t, c.want, of(t, x), "%v %s %v", c.a, c.op, c.b)
	}
	nested := typed([]any{[]any{int64(1)}}, lang.ListOf(lang.ListOf(lang.TypeInt)))
	require.Equal(t, []any{[]any{int64(1)}, []any{int64(2)}}, of(t, bin(lang.OpAdd, nested, val([]any{int64(2)}), nested.Type())))
}

func TestNegation(t *testing.T) {
	minus := func(v any, typ lang.Type) ir.Expr {
		return &ir.Unary{Base: ir.Base{T: typ}, Op: lang.OpSub, X: typed(v, typ)}
	}
	require.Equal(t, int64(-5), of(t, minus(int64(5), lang.TypeInt)))
	require.Equal(t, 0.0, of(t, minus(0.0, lang.TypeFloat)))
	require.Equal(t, lang.Duration(5), of(t, minus(lang.Duration(-5), lang.TypeDuration)))
	require.Nil(t, of(t, minus(nil, lang.TypeInt.OrNull())))
	requireFault(t, lang.CodeOverflow, minus(int64(-1<<63), lang.TypeInt64))
}

// The ints agree with integers of any size.
func TestIntArithmeticAgreesWithBig(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	limit := big.NewInt(lang.MaxInt)
	pick := func() int64 {
		v := r.Int64N(lang.MaxInt+1) >> r.IntN(53)
		if r.IntN(2) == 0 {
			return -v
		}
		return v
	}
	for range 20_000 {
		a, b := pick(), pick()
		x, y := big.NewInt(a), big.NewInt(b)
		for _, op := range []lang.Op{lang.OpAdd, lang.OpSub, lang.OpMul, lang.OpFloorDiv, lang.OpMod} {
			z := new(big.Int)
			switch op {
			case lang.OpAdd:
				z.Add(x, y)
			case lang.OpSub:
				z.Sub(x, y)
			case lang.OpMul:
				z.Mul(x, y)
			default:
				if b == 0 {
					continue
				}
				m := new(big.Int)
				z.DivMod(x, y, m) // Euclid's: the remainder is not negative
				if m.Sign() != 0 && b < 0 {
					z.Sub(z, big.NewInt(1))
					m.Add(m, y)
				}
				if op == lang.OpMod {
					z = m
				}
			}
			got, err := Arith(op, a, b, lang.TypeInt)
			if z.CmpAbs(limit) > 0 {
				var e *codec.Error
				require.True(t, errors.As(err, &e) && e.Code == lang.CodeOverflow, "%d %s %d", a, op, b)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, z.Int64(), got, "%d %s %d", a, op, b)
		}
	}
}
