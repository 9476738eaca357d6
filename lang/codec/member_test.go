package codec

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

func TestMemberExamples(t *testing.T) {
	enum := lang.Type{Kind: lang.KEnum, Values: []string{"a", "b"}}
	ref := lang.Type{Kind: lang.KRef, Model: "Team", Elem: &lang.TypeInt}
	for _, c := range []struct {
		v    any
		t    lang.Type
		want string
	}{
		{nil, lang.TypeInt, "!"},
		{int64(0), lang.TypeInt, "a0"},
		{int64(30), lang.TypeInt, "b30"},
		{int64(-1), lang.TypeInt, "Z8"},
		{int64(-10), lang.TypeInt, "Y89"},
		{int64(lang.MaxInt), lang.TypeInt, "p9007199254740991"},
		{int64(-lang.MaxInt), lang.TypeInt, "K0000000000000000"},
		{int64(-1e15), lang.TypeInt, "K8007199254740991"},
		{int64(-1e15), lang.TypeInt64, "K8999999999999999"},
		{int64(math.MinInt64), lang.TypeInt64, "H0776627963145224191"},
		{lang.DateTime(1500), lang.TypeDateTime, "d1500"},
		{0.0, lang.TypeFloat, "5"},
		{1.0, lang.TypeFloat, "6110110000000000000"},
		{-1.0, lang.TypeFloat, "4109910000000000000"},
		{"a\x00b\x01", lang.TypeString, "'a\x01\x01b\x01\x02"},
		{lang.Bytes("\xff"), lang.TypeBytes, "'\xff"},
		{"b", enum, "'b"},
		{true, lang.TypeBool, "t"},
		{false, lang.TypeBool, "f"},
		{int64(7), ref, "a7"},
	} {
		got, err := Member(c.v, c.t)
		require.NoError(t, err)
		require.Equal(t, c.want, got, "%v as %s", c.v, c.t)
	}
	for _, c := range []struct {
		v    any
		t    lang.Type
		code lang.Code
	}{
		{math.NaN(), lang.TypeFloat, lang.CodeNotFinite},
		{int64(lang.MaxInt + 1), lang.TypeInt, lang.CodeOverflow},
		{"x", lang.TypeInt, lang.CodeBadConversion},
		{"\xff", lang.TypeString, lang.CodeInvalidUTF8},
	} {
		_, err := Member(c.v, c.t)
		requireCode(t, c.code, err)
	}
}

func requireCode(t *testing.T, code lang.Code, err error) {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, code, e.Code, e.Message)
}

// randomValues gives values of a type among which the hard ones are frequent.
func randomValues(r *rand.Rand, t lang.Type, n int) []any {
	out := make([]any, n)
	for i := range out {
		switch t.Kind {
		case lang.KInt, lang.KDuration:
			v := r.Int64N(lang.MaxInt+1) >> r.IntN(53)
			if r.IntN(2) == 0 {
				v = -v
			}
			if out[i] = v; t.Kind == lang.KDuration {
				out[i] = lang.Duration(v)
			}
		case lang.KInt64:
			out[i] = int64(r.Uint64()) >> r.IntN(64)
		case lang.KFloat:
			f := math.Float64frombits(r.Uint64())
			switch r.IntN(4) {
			case 0:
				f = math.Float64frombits(r.Uint64() & (1<<52 - 1) >> r.IntN(52)) // subnormal
			case 1:
				f = math.Nextafter(float64(r.IntN(100)), float64(r.IntN(3)-1)*1e300)
			}
			if f-f != 0 {
				f = math.MaxFloat64
			}
			if r.IntN(2) == 0 {
				f = -f
			}
			out[i] = f
		case lang.KBytes:
			b := make([]byte, r.IntN(6))
			for j := range b {
				b[j] = "\x00\x01\x02ab\xff'"[r.IntN(7)]
			}
			out[i] = lang.Bytes(b)
		case lang.KBool:
			out[i] = r.IntN(2) == 0
		}
		if t.Null && r.IntN(10) == 0 {
			out[i] = nil
		}
	}
	return out
}

func sign(n int) int { return min(max(n, -1), 1) }

func TestMemberKeepsOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, typ := range []lang.Type{lang.TypeInt, lang.TypeInt64, lang.TypeDuration, lang.TypeFloat, lang.TypeBytes, lang.TypeBool} {
		typ = typ.OrNull()
		vals := randomValues(r, typ, 3000)
		slices.SortFunc(vals, Compare)
		members := make([]string, len(vals))
		for i, v := range vals {
			m, err := Member(v, typ)
			require.NoError(t, err)
			require.NotContains(t, m, "\x00")
			members[i] = m + "\x00"
		}
		for i := 1; i < len(vals); i++ {
			want, got := Compare(vals[i-1], vals[i]), strings.Compare(members[i-1], members[i])
			require.Equal(t, sign(want), got, "%s: %v %v", typ, vals[i-1], vals[i])
		}
		for range 3000 { // also far from each other
			i, j := r.IntN(len(vals)), r.IntN(len(vals))
			require.Equal(t, sign(Compare(vals[i], vals[j])), strings.Compare(members[i], members[j]))
		}
	}
}

func TestEntriesAndKeys(t *testing.T) {
	types := []lang.Type{lang.TypeString, lang.TypeInt.OrNull()}
	e, err := Entry([]any{"admin", nil}, types, int64(12), lang.TypeInt)
	require.NoError(t, err)
	require.Equal(t, "'admin\x00!\x00b12", e)
	id, err := SplitMember(e, 2, lang.TypeInt)
	require.NoError(t, err)
	require.Equal(t, int64(12), id)

	e, err = Entry([]any{"x"}, types[:1], "u\x00 1", lang.TypeString)
	require.NoError(t, err)
	id, err = SplitMember(e, 1, lang.TypeString)
	require.NoError(t, err)
	require.Equal(t, "u\x00 1", id)

	_, err = SplitMember("'x", 1, lang.TypeString)
	requireCode(t, lang.CodeBadValue, err)
	_, err = Entry([]any{strings.Repeat("x", 1025)}, types[:1], "u", lang.TypeString)
	requireCode(t, lang.CodeIndexedTooLong, err)
	_, err = Entry([]any{strings.Repeat("x", 1024)}, types[:1], "u", lang.TypeString)
	require.NoError(t, err)

	f, ok, err := UniqueField([]any{"a", int64(1)}, types)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "'a\x00a1", f)
	_, ok, err = UniqueField([]any{"a", nil}, types)
	require.NoError(t, err)
	require.False(t, ok)
}

func TestKeyMemberRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, typ := range []lang.Type{lang.TypeInt, lang.TypeInt64} {
		for _, v := range append(randomValues(r, typ, 500), int64(0), int64(-lang.MaxInt), int64(-1e15)) {
			m, err := KeyMember(v, typ)
			require.NoError(t, err)
			back, err := ParseKeyMember(m, typ)
			require.NoError(t, err)
			require.Equal(t, v, back)
		}
	}
	for _, bad := range []string{"", "a", "a12", "b1", "Z", "Zx", "5", "'a", "a-1"} {
		_, err := ParseKeyMember(bad, lang.TypeInt)
		requireCode(t, lang.CodeBadValue, err)
	}
}

func TestListMembers(t *testing.T) {
	list := lang.ListOf(lang.TypeString)
	for _, c := range []struct {
		v    any
		want []string
	}{
		{nil, []string{"!"}},
		{[]any{}, []string{`"`}},
		{[]any{"b", "a", "b"}, []string{"'b", "'a"}},
	} {
		got, err := ListMembers(c.v, list)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}

func TestParseMember(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	enum := lang.Type{Kind: lang.KEnum, Values: []string{"a", "b"}}
	for _, typ := range []lang.Type{lang.TypeInt, lang.TypeInt64, lang.TypeDuration, lang.TypeFloat, lang.TypeBytes, lang.TypeBool} {
		for _, v := range append(randomValues(r, typ, 3000), nil) {
			m, err := Member(v, typ)
			require.NoError(t, err)
			back, err := ParseMember(m, typ.OrNull())
			require.NoError(t, err, "%s: %v as %q", typ, v, m)
			require.Equal(t, v, back)
		}
	}
	for v, typ := range map[any]lang.Type{"a\x00\x01\x02é": lang.TypeString, "": lang.TypeString, "b": enum, lang.DateTime(-1500): {Kind: lang.KDateTime, Variant: "s"},
		math.MaxFloat64: lang.TypeFloat, -5e-324: lang.TypeFloat, int64(7): {Kind: lang.KRef, Model: "Team", Elem: &lang.TypeInt}} {
		m, err := Member(v, typ)
		require.NoError(t, err)
		back, err := ParseMember(m, typ)
		require.NoError(t, err)
		require.Equal(t, v, back)
	}
	for m, typ := range map[string]lang.Type{"": lang.TypeInt, "'x": lang.TypeInt, "x": lang.TypeString, "'\x01": lang.TypeString, "'\x01\x03": lang.TypeString, "'\xff": lang.TypeString,
		"'c": enum, "6": lang.TypeFloat, "7110110000000000000": lang.TypeFloat, "b": lang.TypeBool, "g0": {Kind: lang.KGeo}} {
		_, err := ParseMember(m, typ)
		requireCode(t, lang.CodeBadValue, err)
	}
}
