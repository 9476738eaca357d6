package codec

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

var address = lang.Type{Kind: lang.KEmbedded, Model: "Address", Cols: []lang.Col{
	{Name: "street", Type: lang.TypeString},
	{Name: "zip", Type: lang.TypeString.OrNull()},
	{Name: "seen", Type: lang.TypeDateTime.OrNull()},
}}

func TestCanonicalJSON(t *testing.T) {
	for _, c := range []struct {
		v    any
		t    lang.Type
		text string
	}{
		{[]any{}, lang.ListOf(lang.TypeInt), `[]`},
		{map[string]any{}, lang.MapOf(lang.TypeInt), `{}`},
		{[]any{int64(1 << 60)}, lang.ListOf(lang.TypeInt64), `["1152921504606846976"]`},
		{[]any{1.0, 0.5, 1e21}, lang.ListOf(lang.TypeFloat), `[1,0.5,1e+21]`},
		{[]any{lang.Bytes("\xff\x00")}, lang.ListOf(lang.TypeBytes), `["/wA="]`},
		{[]any{lang.DateTime(5), lang.DateTime(-5)}, lang.ListOf(lang.TypeDateTime), `[5,-5]`},
		{[]any{true, false}, lang.ListOf(lang.TypeBool), `[true,false]`},
		{[]any{"\x00\x1f\b\f\n\r\t\"\\/<é\u2028\x7f"}, lang.ListOf(lang.TypeString), "[\"\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\/<é\u2028\x7f\"]"},
		{map[string]any{"b": nil, "B": []any{nil, 1.5, int64(2)}, "é": "x"}, lang.TypeJSON, `{"B":[null,1.5,2],"b":null,"é":"x"}`},
		{[]any{map[string]any{"street": "a", "zip": nil, "seen": lang.DateTime(7)}}, lang.ListOf(address), `[{"seen":7,"street":"a"}]`},
		{"x", lang.TypeJSON, `"x"`},
		{int64(7), lang.TypeJSON, `7`},
		{9007199254740992.0, lang.TypeJSON, `9007199254740992`},
		{-12345678901234568.0, lang.TypeJSON, `-12345678901234568`},
		{1e17, lang.TypeJSON, `1e+17`},
	} {
		text, err := Text(c.v, c.t)
		require.NoError(t, err)
		require.Equal(t, c.text, text)
		back, err := Parse(text, c.t)
		require.NoError(t, err)
		require.Equal(t, c.v, back)
	}
}

func TestJSONOfOthers(t *testing.T) {
	for _, c := range []struct {
		text string
		t    lang.Type
		want any
	}{
		{" { \"a\" : [ 1 , 2.50 , \"\\u0041\\ud83d\\ude00\\/\" ] } ", lang.TypeJSON, map[string]any{"a": []any{int64(1), 2.5, "A😀/"}}},
		{`9007199254740993`, lang.TypeJSON, int64(9007199254740993)},
		{`1750000000000000000`, lang.TypeJSON, int64(1750000000000000000)},
		{`18446744073709551616`, lang.TypeJSON, 18446744073709551616.0},
		{`-0`, lang.TypeJSON, int64(0)},
		{`{"a":1,"a":2}`, lang.MapOf(lang.TypeInt), map[string]any{"a": int64(2)}},
		{`[7]`, lang.ListOf(lang.TypeInt64), []any{int64(7)}},
		{`{"street":"a","zip":null}`, address, map[string]any{"street": "a", "zip": nil, "seen": nil}},
		{"null", lang.TypeJSON, nil},
	} {
		v, err := ParseJSON(c.text, c.t)
		require.NoError(t, err)
		require.Equal(t, c.want, v)
	}
}

func TestParseJSONRefuses(t *testing.T) {
	deep := strings.Repeat("[", 101) + strings.Repeat("]", 101)
	for _, c := range []struct {
		t     lang.Type
		texts []string
	}{
		{lang.TypeJSON, []string{"", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "\"a", "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
			"\"\\u00g0\"", "\"\n\"", "01", "1.", ".5", "+1", "1e999", "nul", "true false", "[1]]", deep, "\"\xff\""}},
		{lang.ListOf(lang.TypeInt), []string{"{}", "[1.0]", "[null]", `["1"]`, "[9007199254740992]", "null"}},
		{lang.ListOf(lang.TypeBytes), []string{`["/wA"]`, `["/w A="]`, "[1]"}},
		{lang.MapOf(lang.TypeString), []string{"[]", `{"a":1}`, `{"a":null}`}},
		{address, []string{`{}`, `{"street":"a","town":"b"}`, `{"street":null}`, `{"street":1}`}},
	} {
		for _, text := range c.texts {
			_, err := ParseJSON(text, c.t)
			requireCode(t, lang.CodeBadValue, err)
		}
	}
}

func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x\n"],"b":null}`, `"\ud83d\ude00"`, `[[]]`, `-1e-3`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ParseJSON(text, lang.TypeJSON)
		if err != nil {
			return
		}
		canonical, err := Text(v, lang.TypeJSON)
		if v == nil {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		back, err := ParseJSON(canonical, lang.TypeJSON)
		require.NoError(t, err)
		require.True(t, Equal(v, back), "%q %q", text, canonical)
		again, err := Text(back, lang.TypeJSON)
		require.NoError(t, err)
		require.Equal(t, canonical, again)
	})
}
