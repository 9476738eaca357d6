package codec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

func variant(k lang.Kind, v string) lang.Type { return lang.Type{Kind: k, Variant: v} }

func TestTextAndBack(t *testing.T) {
	enum := lang.Type{Kind: lang.KEnum, Values: []string{"a", "b"}}
	for _, c := range []struct {
		v    any
		t    lang.Type
		text string
	}{
		{int64(-42), lang.TypeInt, "-42"},
		{int64(math.MinInt64), lang.TypeInt64, "-9223372036854775808"},
		{true, lang.TypeBool, "1"},
		{false, lang.TypeBool, "0"},
		{"é\x00", lang.TypeString, "é\x00"},
		{lang.Bytes("\xff\x00"), lang.TypeBytes, "\xff\x00"},
		{"b", enum, "b"},
		{lang.DateTime(-1), lang.TypeDateTime, "-1"},
		{lang.Duration(60000), lang.TypeDuration, "60000"},
		{0.1, lang.TypeFloat, "0.1"},
		{lang.DateTime(1500), variant(lang.KDateTime, "iso"), "1970-01-01T00:00:01.500Z"},
		{lang.DateTime(2000), variant(lang.KDateTime, "s"), "2"},
		{lang.Duration(2), variant(lang.KDuration, "ns"), "2000000"},
		{true, variant(lang.KBool, "text"), "true"},
		{[]any{int64(1), int64(2)}, lang.ListOf(lang.TypeInt), "[1,2]"},
		{map[string]any{"b": "x", "a": "y"}, lang.MapOf(lang.TypeString), `{"a":"y","b":"x"}`},
	} {
		text, err := Text(c.v, c.t)
		require.NoError(t, err)
		require.Equal(t, c.text, text)
		back, err := Parse(text, c.t)
		require.NoError(t, err)
		require.Equal(t, c.v, back)
	}
}

// The right sides are what C's printf gives for the loop over 15, 16, 17 digits.
func TestFloatText(t *testing.T) {
	for f, want := range map[float64]string{
		1e15: "1e+15", 1e-7: "1e-07", 0.0001: "0.0001", 0.00001: "1e-05", 123456: "123456", 1e14: "100000000000000",
		1.5e300: "1.5e+300", 5e-324: "4.94065645841247e-324", 0.30000000000000004: "0.30000000000000004", 1.0 / 3: "0.3333333333333333",
		-2.5: "-2.5", math.Copysign(0, -1): "0", math.MaxFloat64: "1.7976931348623157e+308", 1 << 53: "9007199254740992", 999999999999999: "999999999999999",
	} {
		got, err := Text(f, lang.TypeFloat)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	r := rand.New(rand.NewPCG(9, 10))
	for _, v := range randomValues(r, lang.TypeFloat, 5000) {
		f := v.(float64)
		want := ""
		for _, prec := range []int{15, 16, 17} {
			if want = fmt.Sprintf("%.*g", prec, f); want == "-0" {
				want = "0"
			}
			if back, err := strconv.ParseFloat(want, 64); err == nil && back == f {
				break
			}
		}
		got, err := Text(f, lang.TypeFloat)
		require.NoError(t, err)
		require.Equal(t, want, got)
		back, err := Parse(got, lang.TypeFloat)
		require.NoError(t, err)
		require.Equal(t, f, back)
	}
}

func TestTextRefuses(t *testing.T) {
	for _, c := range []struct {
		v    any
		t    lang.Type
		code lang.Code
	}{
		{nil, lang.TypeInt, lang.CodeNullValue},
		{math.Inf(1), lang.TypeFloat, lang.CodeNotFinite},
		{int64(lang.MaxInt + 1), lang.TypeInt, lang.CodeOverflow},
		{MaxDateTime + 1, lang.TypeDateTime, lang.CodeOverflow},
		{"\xff", lang.TypeString, lang.CodeInvalidUTF8},
		{"c", lang.Type{Kind: lang.KEnum, Values: []string{"a"}}, lang.CodeBadConversion},
		{[]any{nil}, lang.ListOf(lang.TypeInt), lang.CodeNullValue},
		{"x", lang.ListOf(lang.TypeInt), lang.CodeBadConversion},
		{lang.Duration(maxNanoMS + 1), variant(lang.KDuration, "ns"), lang.CodeOverflow},
	} {
		_, err := Text(c.v, c.t)
		requireCode(t, c.code, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		t     lang.Type
		texts []string
	}{
		{lang.TypeInt, []string{"", "-", "+1", "01", "-0", "1.0", "1e3", " 1", "0x1", "9007199254740992", "99999999999999999999"}},
		{lang.TypeInt64, []string{"9223372036854775808", "-9223372036854775809", "00"}},
		{lang.TypeFloat, []string{"", "nan", "inf", "0x1p4", "1e", ".5", "1_0", "1e999", " 1", "--1"}},
		{lang.TypeBool, []string{"true", "", "2"}},
		{lang.TypeString, []string{"\xff"}},
		{lang.TypeDateTime, []string{"253402300800000", "x"}},
		{lang.Type{Kind: lang.KEnum, Values: []string{"a"}}, []string{"A", ""}},
		{variant(lang.KDateTime, "iso"), []string{"yesterday"}},
		{variant(lang.KDateTime, "s"), []string{"1.", ".5", "1e3", "+1", "01", "253402300800", "9007199254740991"}},
	} {
		for _, text := range c.texts {
			_, err := Parse(text, c.t)
			requireCode(t, lang.CodeBadValue, err)
		}
	}
}

func TestParseForeignFloats(t *testing.T) {
	for text, want := range map[string]float64{"1e+06": 1e6, "007.50": 7.5, "5.": 5, "-0": 0, "1E3": 1000} {
		v, err := Parse(text, lang.TypeFloat)
		require.NoError(t, err)
		require.Equal(t, want, v)
		require.False(t, math.Signbit(v.(float64)))
	}
}

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct {
		name, text string
		t          lang.Type
	}{
		{"int", "123456", lang.TypeInt},
		{"float", "3.14159", lang.TypeFloat},
		{"string", "Ann Example", lang.TypeString},
		{"list", `["a","b","c"]`, lang.ListOf(lang.TypeString)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(c.text, c.t); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkText(b *testing.B) {
	for _, c := range []struct {
		name string
		v    any
		t    lang.Type
	}{
		{"int", int64(123456), lang.TypeInt},
		{"float", 3.14159, lang.TypeFloat},
		{"member", "Ann Example", lang.TypeString},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				var err error
				if c.name == "member" {
					buf, err = AppendMember(buf[:0], c.v, c.t)
				} else {
					buf, err = AppendText(buf[:0], c.v, c.t)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
