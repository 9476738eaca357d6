package eval

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

func TestAggregates(t *testing.T) {
	big := int64(lang.MaxInt)
	for _, c := range []struct {
		fn       string
		t        lang.Type
		distinct bool
		p        any
		vals     []any
		want     any
	}{
		{"count", lang.TypeInt, false, nil, []any{int64(1), nil, int64(1)}, int64(2)},
		{"count", lang.TypeInt, true, nil, []any{int64(1), nil, 1.0, "1"}, int64(2)},
		{"count", lang.TypeInt, false, nil, nil, int64(0)},
		{"sum", lang.TypeInt, false, nil, nil, int64(0)},
		{"sum", lang.TypeFloat, false, nil, nil, 0.0},
		{"sum", lang.TypeDuration, false, nil, []any{lang.Duration(5), lang.Duration(-7)}, lang.Duration(-2)},
		{"sum", lang.TypeInt, false, nil, []any{big, big, int64(3), -big, -big}, int64(3)},
		{"sum", lang.TypeFloat, false, nil, []any{1e100, 1.0, -1e100}, 1.0},
		{"sum", lang.TypeInt64, false, nil, []any{int64(1 << 62), int64(1<<62 - 1)}, int64(1<<63 - 1)},
		{"avg", lang.TypeFloat, false, nil, []any{int64(1), nil, int64(2)}, 1.5},
		{"avg", lang.TypeFloat, false, nil, []any{nil}, nil},
		{"avg", lang.TypeDuration, false, nil, []any{lang.Duration(1), lang.Duration(2)}, lang.Duration(2)},
		{"min", lang.TypeString, false, nil, []any{"b", nil, "a"}, "a"},
		{"max", lang.TypeString, false, nil, []any{"b", nil, "a"}, "b"},
		{"max", lang.TypeString, false, nil, nil, nil},
		{"collect", lang.ListOf(lang.TypeInt), false, nil, nil, []any{}},
		{"collect", lang.ListOf(lang.TypeInt), true, nil, []any{int64(2), nil, int64(1), int64(2)}, []any{int64(2), int64(1)}},
		{"percentile", lang.TypeInt, false, 50.0, []any{int64(15), int64(50), nil, int64(20), int64(40), int64(35)}, int64(35)},
		{"percentile", lang.TypeInt, false, int64(30), []any{int64(15), int64(50), int64(20), int64(40), int64(35)}, int64(20)},
		{"percentile", lang.TypeInt, false, 0.0, []any{int64(2), int64(1)}, int64(1)},
	} {
		a, err := New(c.fn, c.t, c.distinct, c.p)
		require.NoError(t, err)
		for _, v := range c.vals {
			require.NoError(t, a.Add(v))
		}
		got, err := a.Result()
		require.NoError(t, err)
		require.Equal(t, c.want, got, "%s %v", c.fn, c.vals)
	}
}

func TestSumsThatOverflow(t *testing.T) {
	for _, c := range []struct {
		t    lang.Type
		vals []any
		code lang.Code
	}{
		{lang.TypeInt, []any{int64(lang.MaxInt), int64(1)}, lang.CodeOverflow},
		{lang.TypeInt, []any{int64(-lang.MaxInt), int64(-1)}, lang.CodeOverflow},
		{lang.TypeInt64, []any{int64(-1 << 63), int64(-1)}, lang.CodeOverflow},
		{lang.TypeDuration, []any{lang.Duration(lang.MaxInt), lang.Duration(1)}, lang.CodeOverflow},
		{lang.TypeFloat, []any{1e308, 1e308}, lang.CodeNotFinite},
	} {
		a, err := New("sum", c.t, false, nil)
		require.NoError(t, err)
		for _, v := range c.vals {
			require.NoError(t, a.Add(v))
		}
		_, err = a.Result()
		var e *codec.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, c.code, e.Code)
	}
	// Over a list it is an error where rows are chosen, too.
	f, err := Compile(call("sum", lang.TypeInt, val([]any{int64(lang.MaxInt), int64(1)})), Layout{})
	require.NoError(t, err)
	_, err = f(&Env{Query: true})
	var fault *Fault
	require.ErrorAs(t, err, &fault)
}

func TestPercentileNeedsARank(t *testing.T) {
	for _, p := range []any{nil, -0.5, 100.5} {
		_, err := New("percentile", lang.TypeInt, false, p)
		var e *codec.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, lang.CodeBadArgument, e.Code)
	}
	_, err := New("median", lang.TypeInt, false, nil)
	require.Error(t, err)
}

// The sum of ints is that of 128 bits, whatever the order.
func TestSumHasNoOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var vals []any
	want := int64(0)
	for range 1000 {
		v := r.Int64N(lang.MaxInt)
		vals = append(vals, v, -v)
	}
	for range 10 {
		v := r.Int64N(1000)
		vals, want = append(vals, v), want+v
	}
	r.Shuffle(len(vals), func(i, j int) { vals[i], vals[j] = vals[j], vals[i] })
	a, err := New("sum", lang.TypeInt, false, nil)
	require.NoError(t, err)
	for _, v := range vals {
		require.NoError(t, a.Add(v))
	}
	got, err := a.Result()
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// What is known of a group makes the result that its values would.
func TestKnownAggregates(t *testing.T) {
	for fn, typ := range map[string]lang.Type{"count": lang.TypeInt, "sum": lang.TypeInt, "avg": lang.TypeFloat, "min": lang.TypeInt, "max": lang.TypeInt} {
		for _, vals := range [][]int64{nil, {0}, {-7, 3, 3}, {lang.MaxInt}, {-lang.MaxInt + 5, -3}, {1, 1, 0}} {
			a, err := New(fn, typ, false, nil)
			require.NoError(t, err)
			sum, least, greatest := int64(0), int64(0), int64(0)
			for i, v := range vals {
				require.NoError(t, a.Add(v))
				if i == 0 {
					least, greatest = v, v
				}
				sum, least, greatest = sum+v, min(least, v), max(greatest, v)
			}
			want, err := a.Result()
			require.NoError(t, err)
			got, err := Known(fn, typ, int64(len(vals)), sum, least, greatest)
			require.NoError(t, err)
			require.Equal(t, want, got, "%s %v", fn, vals)
		}
	}
}
