package codec

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

func TestCompareIsTheOrderOfKinds(t *testing.T) {
	ascending := []any{
		nil, false, true, math.Inf(-1), int64(math.MinInt64), -1.5, int64(-1), 0.0, int64(1), 1.5, int64(1<<53 + 1), float64(1<<53 + 2), int64(math.MaxInt64), float64(1 << 63),
		lang.DateTime(-5), lang.DateTime(1), lang.Duration(0), "", "a", "a\x00", "b", lang.Bytes(""), lang.Bytes("\xff"),
		[]any{}, []any{int64(1)}, []any{int64(1), int64(0)}, []any{int64(2)}, map[string]any{"a": int64(1)}, map[string]any{"a": int64(2)}, map[string]any{"b": nil},
	}
	for i, a := range ascending {
		for j, b := range ascending {
			require.Equal(t, sign(i-j), Compare(a, b), "%v %v", a, b)
			require.Equal(t, i == j, Equal(a, b), "%v %v", a, b)
			require.Equal(t, i == j, string(AppendIdentity(nil, a)) == string(AppendIdentity(nil, b)), "%v %v", a, b)
		}
	}
}

func TestEqualAcrossIntAndFloat(t *testing.T) {
	deep := func(n any) any { return map[string]any{"a": []any{n, nil}, "b": "x"} }
	for _, c := range []struct {
		a, b any
		want bool
	}{
		{int64(2), 2.0, true},
		{int64(1<<53 + 1), float64(1 << 53), false},
		{deep(int64(1)), deep(1.0), true},
		{deep(int64(1)), deep("1"), false},
		{map[string]any{"a": nil}, map[string]any{}, false},
		{[]any{}, map[string]any{}, false},
		{"a", lang.Bytes("a"), false},
		{lang.DateTime(1), int64(1), false},
	} {
		require.Equal(t, c.want, Equal(c.a, c.b), "%v %v", c.a, c.b)
		require.Equal(t, c.want, Equal(c.b, c.a))
		require.Equal(t, c.want, string(AppendIdentity(nil, c.a)) == string(AppendIdentity(nil, c.b)))
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		i, f := int64(r.Uint64())>>r.IntN(64), math.Float64frombits(r.Uint64())
		if r.IntN(2) == 0 {
			f = float64(i)
		}
		if math.IsNaN(f) {
			continue
		}
		require.Equal(t, Compare(i, f), -Compare(f, i))
		require.Equal(t, Compare(i, f) == 0, string(AppendIdentity(nil, i)) == string(AppendIdentity(nil, f)))
	}
}

type base struct {
	ID   string `rql:"id,omitempty"`
	Skip int    `json:"-"`
}

type named struct{ X int }

type person struct {
	base
	*named
	Inner named   `rql:"inner"`
	Name  *string `json:"name"`
	Ages  []uint8 `json:"ages"`
	Zero  int     `json:"zero,omitzero"`
	When  time.Time
	priv  int
}

func TestFromGo(t *testing.T) {
	name := "Ann"
	at := time.Date(2026, 11, 23, 14, 0, 0, 1_999_999, time.FixedZone("", 3600))
	before := time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	for _, c := range []struct {
		v    any
		t    lang.Type
		want any
	}{
		{int8(-3), lang.TypeUnknown, int64(-3)},
		{uint32(3), lang.TypeFloat, 3.0},
		{float32(0.5), lang.TypeUnknown, 0.5},
		{math.Copysign(0, -1), lang.TypeUnknown, 0.0},
		{&name, lang.TypeString, "Ann"},
		{(*int)(nil), lang.TypeInt, nil},
		{[]byte("ab"), lang.TypeUnknown, lang.Bytes("ab")},
		{"ab", lang.TypeBytes, lang.Bytes("ab")},
		{at, lang.TypeUnknown, lang.DateTime(at.UnixMilli())},
		{before, lang.TypeUnknown, lang.DateTime(-1)},
		{-time.Nanosecond, lang.TypeUnknown, lang.Duration(-1)},
		{"2026-11-23", lang.TypeDateTime, lang.DateTime(1795392000000)},
		{"1h30m", lang.TypeDuration, lang.Duration(5_400_000)},
		{[]int{1, 2}, lang.ListOf(lang.TypeFloat), []any{1.0, 2.0}},
		{[]string(nil), lang.ListOf(lang.TypeString), []any{}},
		{map[string]int{"a": 1}, lang.MapOf(lang.TypeInt), map[string]any{"a": int64(1)}},
		{[4]byte{1, 2, 3, 4}, lang.TypeUnknown, lang.Bytes("\x01\x02\x03\x04")},
		{time.Monday, lang.TypeUnknown, int64(1)},
		{person{Name: &name, When: before, priv: 1}, lang.TypeUnknown,
			map[string]any{"name": "Ann", "ages": []any(nil), "When": lang.DateTime(-1), "inner": map[string]any{"X": int64(0)}}},
		{&person{base: base{ID: "u"}, named: &named{2}, Ages: []byte{}, Zero: 1, When: before}, lang.TypeUnknown,
			map[string]any{"id": "u", "X": int64(2), "name": nil, "ages": lang.Bytes(""), "zero": int64(1), "When": lang.DateTime(-1), "inner": map[string]any{"X": int64(0)}}},
	} {
		got, err := FromGo(c.v, c.t)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}

type circle struct{ Next *circle }

func TestFromGoRefuses(t *testing.T) {
	loop := &circle{}
	loop.Next = loop
	for _, c := range []struct {
		v    any
		t    lang.Type
		code lang.Code
	}{
		{int64(lang.MaxInt + 1), lang.TypeInt, lang.CodeOverflow},
		{uint64(math.MaxUint64), lang.TypeInt64, lang.CodeOverflow},
		{math.NaN(), lang.TypeUnknown, lang.CodeNotFinite},
		{1.5, lang.TypeInt, lang.CodeBadConversion},
		{"\xff", lang.TypeString, lang.CodeInvalidUTF8},
		{[]any{"\xff"}, lang.TypeUnknown, lang.CodeInvalidUTF8},
		{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), lang.TypeDateTime, lang.CodeOverflow},
		{"tomorrow", lang.TypeDateTime, lang.CodeBadConversion},
		{"c", lang.Type{Kind: lang.KEnum, Values: []string{"a"}}, lang.CodeBadConversion},
		{[]*int{nil}, lang.ListOf(lang.TypeInt), lang.CodeNullValue},
		{map[float64]int{1: 1}, lang.TypeUnknown, lang.CodeBadParam},
		{make(chan int), lang.TypeUnknown, lang.CodeBadParam},
		{loop, lang.TypeUnknown, lang.CodeBadParam},
		{map[string]any{"town": "x"}, address, lang.CodeUnknownField},
		{map[string]any{}, address, lang.CodeNullValue},
	} {
		_, err := FromGo(c.v, c.t)
		requireCode(t, c.code, err)
	}
}

func TestTypeOf(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, "null"}, {(*string)(nil), "null"}, {1, "int"}, {int64(1 << 60), "int64"}, {1.5, "float"}, {"", "string"}, {[]byte{}, "bytes"},
		{time.Now(), "datetime"}, {time.Second, "duration"}, {[]int{}, "list<int>"}, {[]any{1, 2.5}, "list<float>"}, {[]any{}, "list<unknown>"},
		{[]any{1, nil}, "list<int?>"}, {[]time.Time{}, "list<datetime>"}, {[]any{1, "a"}, "list<unknown>"}, {map[string]int{}, "object"}, {person{}, "object"},
		{[]person{}, "list<object>"}, {[]int64{1, 1 << 60}, "list<int64>"},
	} {
		require.Equal(t, c.want, TypeOf(c.v).String(), "%#v", c.v)
	}
}

func TestToGo(t *testing.T) {
	got := ToGo(map[string]any{"a": []any{lang.DateTime(1500), lang.Duration(-2), lang.Bytes("x"), int64(1)}, "b": nil})
	require.Equal(t, map[string]any{"a": []any{time.UnixMilli(1500).UTC(), -2 * time.Millisecond, []byte("x"), int64(1)}, "b": nil}, got)
	require.Equal(t, time.Duration(maxNanoMS)*time.Millisecond, ToGo(lang.Duration(maxNanoMS)))
	require.Equal(t, []any{lang.Duration(maxNanoMS + 1), lang.Duration(-lang.MaxInt)}, ToGo([]any{lang.Duration(maxNanoMS + 1), lang.Duration(-lang.MaxInt)}))
}

func TestConvertToJSON(t *testing.T) {
	rec := lang.Type{Kind: lang.KRecord, Cols: []lang.Col{{Name: "at", Type: lang.TypeDateTime}, {Name: "n", Type: lang.TypeInt64}, {Name: "b", Type: lang.TypeBytes.OrNull()}}}
	v, err := Convert(map[string]any{"at": lang.DateTime(5), "n": int64(7), "b": nil}, rec, lang.TypeJSON)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"at": int64(5), "n": "7", "b": nil}, v)
	v, err = Convert([]any{lang.Bytes("a"), lang.Duration(3)}, lang.ListOf(lang.TypeUnknown), lang.TypeJSON)
	require.NoError(t, err)
	require.Equal(t, []any{"YQ==", int64(3)}, v)
	v, err = Convert(map[string]any{"street": "a", "zip": nil, "seen": nil}, address, lang.TypeJSON)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"street": "a"}, v)
}

func TestParseDateTime(t *testing.T) {
	for text, want := range map[string]int64{
		"1970-01-01": 0, "1970-01-01T00:01": 60000, "1970-01-01 00:00:01": 1000, "1970-01-01T00:00:00.1239": 123, "1970-01-01T00:00:00.5Z": 500,
		"1970-01-01T01:00:00+01:00": 0, "1969-12-31T23:30:00-00:30": 0, "0001-01-01": int64(MinDateTime), "9999-12-31T23:59:59.999Z": int64(MaxDateTime), "2024-02-29": 1709164800000,
	} {
		d, err := ParseDateTime(text)
		require.NoError(t, err, text)
		require.Equal(t, lang.DateTime(want), d, text)
		back, err := ParseDateTime(FormatDateTime(d))
		require.NoError(t, err)
		require.Equal(t, d, back)
	}
	for _, text := range []string{"", "1970", "1970-1-1", "1970-13-01", "2023-02-29", "1970-01-01T", "1970-01-01T24:00", "1970-01-01T00:60", "1970-01-01T00:00:60",
		"1970-01-01T00:00:00.", "1970-01-01X00:00", "1970-01-01T00:00z", "1970-01-01T00:00+1:00", "0000-12-31", "0001-01-01T00:00+01:00", "+970-01-01", "1970-01-01Z"} {
		_, err := ParseDateTime(text)
		requireCode(t, lang.CodeBadConversion, err)
	}
}

func TestParseDateTimeAs(t *testing.T) {
	d, err := ParseDateTimeAs("23.11.2026 07:08:09", "DD.MM.YYYY HH:mm:ss")
	require.NoError(t, err)
	require.Equal(t, "2026-11-23T07:08:09Z", FormatDateTime(d))
	d, err = ParseDateTimeAs("2026T005", "YYYYTSSS")
	require.NoError(t, err)
	require.Equal(t, "2026-01-01T00:00:00.005Z", FormatDateTime(d))
	for _, c := range []struct {
		s, format string
		code      lang.Code
	}{
		{"2026", "YYYYMM", lang.CodeBadConversion}, {"202613", "YYYYMM", lang.CodeBadConversion}, {"2026 ", "YYYY", lang.CodeBadConversion},
		{"11", "MM", lang.CodeBadArgument}, {"2026 x", "YYYY x", lang.CodeBadArgument}, {"26", "YY", lang.CodeBadArgument},
	} {
		_, err := ParseDateTimeAs(c.s, c.format)
		requireCode(t, c.code, err)
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]int64{"1w2d3h4m5s6ms": 788645006, "90m": 5400000, "-1h30m": -5400000, "0s": 0, "6ms": 6} {
		d, err := ParseDuration(text)
		require.NoError(t, err, text)
		require.Equal(t, lang.Duration(want), d)
		back, err := ParseDuration(FormatDuration(d))
		require.NoError(t, err)
		require.Equal(t, d, back)
	}
	require.Equal(t, "1w2d3h4m5s6ms", FormatDuration(788645006))
	require.Equal(t, "-1h30m", FormatDuration(-5400000))
	require.Equal(t, "0s", FormatDuration(0))
	for _, text := range []string{"", "-", "1", "h", "1.5h", "1m1h", "1h1h", "1y", "1h 30m", "+1h", "1M"} {
		_, err := ParseDuration(text)
		requireCode(t, lang.CodeBadConversion, err)
	}
	for _, text := range []string{"9007199254740992ms", "99999999w", "9007199254740991ms1ms"} {
		_, err := ParseDuration(text)
		require.Error(t, err)
	}
}
