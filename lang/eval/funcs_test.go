package eval

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

func at2026(t *testing.T) lang.DateTime {
	d, err := codec.ParseDateTime("2026-11-23T14:05:06.789Z") // a Monday
	require.NoError(t, err)
	return d
}

func args(vals ...any) []ir.Expr {
	out := make([]ir.Expr, len(vals))
	for i, v := range vals {
		out[i] = val(v)
	}
	return out
}

func TestTextFunctions(t *testing.T) {
	for _, c := range []struct {
		fn   string
		args []any
		want any
	}{
		{"len", []any{"añ😀"}, int64(3)},
		{"len", []any{lang.Bytes("añ")}, int64(3)},
		{"len", []any{[]any{nil, int64(1)}}, int64(2)},
		{"lower", []any{"AÑz"}, "aÑz"},
		{"upper", []any{"añZ"}, "AñZ"},
		{"trim", []any{" \t\n\v\f\ra b\u00a0 "}, "a b\u00a0"},
		{"substr", []any{"añ😀b", int64(1)}, "ñ😀b"},
		{"substr", []any{"añ😀b", int64(1), int64(2)}, "ñ😀"},
		{"substr", []any{"añ😀b", int64(-2), int64(9)}, "😀b"},
		{"substr", []any{"ab", int64(-9), int64(1)}, "a"},
		{"substr", []any{"ab", int64(5)}, ""},
		{"substr", []any{"ab", int64(0), int64(-1)}, ""},
		{"substr", []any{"ab", nil}, nil},
		{"replace", []any{"aaa", "a", "bc"}, "bcbcbc"},
		{"replace", []any{"aaa", "", "b"}, "aaa"},
		{"hex", []any{"00fF"}, lang.Bytes("\x00\xff")},
		{"string", []any{int64(-5)}, "-5"},
		{"string", []any{1e15}, "1e+15"},
		{"string", []any{lang.Duration(5_400_000)}, "1h30m"},
		{"string", []any{lang.DateTime(1500)}, "1970-01-01T00:00:01.500Z"},
	} {
		require.Equal(t, c.want, of(t, call(c.fn, lang.TypeString, args(c.args...)...)), "%s(%v)", c.fn, c.args)
	}
	require.Equal(t, `{"a":[1,null]}`, of(t, call("string", lang.TypeString, typed(map[string]any{"a": []any{int64(1), nil}}, lang.TypeJSON))))
	requireFault(t, lang.CodeBadConversion, call("hex", lang.TypeBytes, val("0g")))
	requireFault(t, lang.CodeInvalidUTF8, call("string", lang.TypeString, val(lang.Bytes("\xff"))))
	requireFault(t, lang.CodeStringTooLong, call("replace", lang.TypeString, args(strings.Repeat("a", 1<<19), "a", "bcd")...))
}

func TestNumberFunctions(t *testing.T) {
	for _, c := range []struct {
		fn   string
		args []any
		want any
	}{
		{"abs", []any{int64(-5)}, int64(5)},
		{"abs", []any{-5.5}, 5.5},
		{"round", []any{2.5}, int64(3)},
		{"round", []any{-2.5}, int64(-3)},
		{"round", []any{0.49999999999999994}, int64(0)},
		{"round", []any{2.675, int64(2)}, 2.68},
		{"round", []any{-0.05, int64(1)}, -0.1},
		{"round", []any{int64(1250), int64(-2)}, int64(1300)},
		{"round", []any{int64(7), int64(3)}, int64(7)},
		{"floor", []any{-0.5}, int64(-1)},
		{"ceil", []any{-0.5}, int64(0)},
		{"sqrt", []any{2.25}, 1.5},
		{"int", []any{"+007"}, int64(7)},
		{"int", []any{3.0}, int64(3)},
		{"int64", []any{"-9223372036854775808"}, int64(math.MinInt64)},
		{"float", []any{"-1.5e3"}, -1500.0},
		{"float", []any{int64(2)}, 2.0},
		{"min", []any{int64(3), 2.5, int64(9)}, 2.5},
		{"max", []any{"a", "b"}, "b"},
		{"max", []any{int64(1), nil}, nil},
	} {
		require.Equal(t, c.want, of(t, call(c.fn, lang.TypeUnknown, args(c.args...)...)), "%s(%v)", c.fn, c.args)
	}
	for _, c := range []struct {
		fn   string
		arg  any
		code lang.Code
	}{
		{"sqrt", -1.0, lang.CodeNotFinite}, {"round", 1e16, lang.CodeOverflow}, {"int", "9007199254740992", lang.CodeOverflow},
		{"int", "1.5", lang.CodeBadConversion}, {"int", 1.5, lang.CodeBadConversion}, {"int", "99999999999999999999", lang.CodeOverflow},
		{"float", "1e999", lang.CodeNotFinite}, {"float", "0x1", lang.CodeBadConversion}, {"float", ".5", lang.CodeBadConversion},
	} {
		requireFault(t, c.code, call(c.fn, lang.TypeInt, val(c.arg)))
	}
	require.Equal(t, []any{int64(2), int64(3)}, of(t, call("range", lang.ListOf(lang.TypeInt), args(int64(2), int64(3))...)))
	require.Equal(t, []any{}, of(t, call("range", lang.ListOf(lang.TypeInt), args(int64(3), int64(2))...)))
	requireFault(t, lang.CodeBadArgument, call("range", lang.ListOf(lang.TypeInt), args(int64(0), int64(lang.MaxInt))...))
	require.Equal(t, 3.0, of(t, call("max", lang.TypeFloat, args(int64(3), 2.5)...)))
}

// round(x, digits) rounds the decimal text of x.
func TestRoundDigitsAgreesWithRationals(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		f := math.Float64frombits(r.Uint64())
		if r.IntN(2) == 0 {
			f = float64(r.IntN(2_000_001)-1_000_000) / math.Pow10(r.IntN(8))
		}
		at := int64(r.IntN(20) - 8)
		if f-f != 0 {
			continue
		}
		want, ok := new(big.Rat).SetString(string(codec.AppendFloat(nil, f)))
		require.True(t, ok)
		scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(max(at, -at)), nil))
		if at < 0 {
			scale.Inv(scale)
		}
		want.Mul(want, scale)
		want.Add(want, big.NewRat(int64(want.Sign()), 2))
		want.SetInt(new(big.Int).Quo(want.Num(), want.Denom()))
		exact, _ := want.Quo(want, scale).Float64()
		got, err := roundAt(f, at)
		require.NoError(t, err)
		require.Equal(t, exact, got+0, "%v %d", f, at)
	}
}

func TestTimeFunctions(t *testing.T) {
	d := at2026(t)
	for fn, want := range map[string]int64{"year": 2026, "month": 11, "day": 23, "hour": 14, "minute": 5, "second": 6, "weekday": 1} {
		require.Equal(t, want, of(t, call(fn, lang.TypeInt, val(d))), fn)
	}
	require.Equal(t, int64(7), of(t, call("weekday", lang.TypeInt, val(d-lang.DateTime(86_400_000)))))
	for unit, want := range map[string]string{"year": "2026-01-01T00:00:00Z", "month": "2026-11-01T00:00:00Z", "week": "2026-11-23T00:00:00Z", "day": "2026-11-23T00:00:00Z",
		"hour": "2026-11-23T14:00:00Z", "minute": "2026-11-23T14:05:00Z", "second": "2026-11-23T14:05:06Z"} {
		v := of(t, call("date_trunc", lang.TypeDateTime, args(unit, d)...))
		require.Equal(t, want, codec.FormatDateTime(v.(lang.DateTime)))
	}
	require.Equal(t, lang.DateTime(-86_400_000), of(t, call("date_trunc", lang.TypeDateTime, args("day", lang.DateTime(-1))...)))
	requireFault(t, lang.CodeBadArgument, call("date_trunc", lang.TypeDateTime, args("fortnight", d)...))

	require.Equal(t, lang.DateTime(0), of(t, call("datetime", lang.TypeDateTime, val("1970-01-01"))))
	require.Equal(t, lang.DateTime(0), of(t, call("datetime", lang.TypeDateTime, args("01.01.1970", "DD.MM.YYYY")...)))
	require.Equal(t, lang.Duration(3_600_000), of(t, call("duration", lang.TypeDuration, val("1h"))))
	requireFault(t, lang.CodeBadConversion, call("datetime", lang.TypeDateTime, val("soon")))
	requireFault(t, lang.CodeBadArgument, call("datetime", lang.TypeDateTime, args("1970", "YY")...))
	requireFault(t, lang.CodeBadConversion, call("duration", lang.TypeDuration, val("1 hour")))
	require.Equal(t, d, compute(t, call("now", lang.TypeDateTime), Layout{}, &Env{Now: d}))
}

func TestChoice(t *testing.T) {
	fault := bin(lang.OpFloorDiv, val(int64(1)), val(int64(0)), lang.TypeInt)
	null := typed(nil, lang.TypeInt.OrNull())
	require.Equal(t, int64(2), of(t, call("coalesce", lang.TypeInt, null, val(int64(2)), fault)))
	require.Nil(t, of(t, call("coalesce", lang.TypeInt, null, null)))
	require.Equal(t, int64(1), of(t, call("when", lang.TypeInt, val(true), val(int64(1)), fault)))
	require.Equal(t, int64(3), of(t, call("when", lang.TypeInt, null, fault, val(false), fault, val(int64(3)))))
	require.Nil(t, of(t, call("when", lang.TypeInt, val(false), val(int64(1)))))
	require.Equal(t, 1.0, of(t, call("when", lang.TypeFloat, val(true), val(int64(1)), val(2.5))))
}

func TestUUID(t *testing.T) {
	require.Equal(t, "0199b1f3-8e57-7aab-accd-0102030405ff",
		NewUUID(0x0199b1f38e57, [10]byte{0xfa, 0xab, 0xec, 0xcd, 1, 2, 3, 4, 5, 0xff}))
	id := call("uuid", lang.TypeString)
	a, b := compute(t, id, Layout{}, &Env{Now: 1}), compute(t, id, Layout{}, &Env{Now: 1})
	require.NotEqual(t, a, b)
	require.Regexp(t, `^00000000-0001-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, a)
	require.Equal(t, "x", compute(t, id, Layout{}, &Env{UUID: func() string { return "x" }}))
}
