package codec

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

func TestNatural(t *testing.T) {
	point := lang.Type{Kind: lang.KEmbedded, Model: "P", Cols: []lang.Col{{Name: "y", Type: lang.TypeInt}, {Name: "x", Type: lang.TypeDateTime.OrNull()}}}
	for _, x := range []struct {
		t    lang.Type
		v    any
		text string
	}{
		{lang.ListOf(lang.TypeDateTime), []any{lang.DateTime(0), lang.DateTime(1500)}, `["1970-01-01T00:00:00Z","1970-01-01T00:00:01.500Z"]`},
		{lang.ListOf(lang.TypeInt64), []any{int64(9007199254740993)}, `[9007199254740993]`},
		{lang.ListOf(lang.TypeBytes), []any{lang.Bytes("\x00\xff")}, `["AP8="]`},
		{lang.MapOf(lang.TypeDuration), map[string]any{"b": lang.Duration(2), "a": lang.Duration(1)}, `{"a":1,"b":2}`},
		{lang.MapOf(lang.TypeJSON), map[string]any{"é": map[string]any{}, "n": nil}, `{"n":null,"é":{}}`},
		{lang.ListOf(point), []any{map[string]any{"x": nil, "y": int64(1)}}, `[{"y":1,"x":null}]`},
		{lang.ListOf(lang.TypeFloat), []any{0.1, 1.0, 1e300}, `[0.1,1,1e+300]`},
	} {
		b, err := AppendNatural(nil, x.v, x.t)
		require.NoError(t, err)
		require.Equal(t, x.text, string(b))
		v, err := Parse(x.text, x.t.InJSON())
		require.NoError(t, err)
		require.Equal(t, x.v, v)
		text, err := Text(x.v, x.t.InJSON())
		require.NoError(t, err)
		require.Equal(t, x.text, text)
	}
	v, err := ParseNatural(`[{"z":{"a":[1]},"y":1,"u":"\""}]`, lang.ListOf(point))
	require.NoError(t, err)
	require.Equal(t, []any{map[string]any{"x": nil, "y": int64(1)}}, v)
	for _, bad := range []string{`[{"x":null}]`, `[1]`, `[{"y":"1"}]`, `[{"y":1,"x":5}]`, `[null]`} {
		_, err := ParseNatural(bad, lang.ListOf(point))
		require.Error(t, err, bad)
	}
	b, err := Text(lang.Bytes("\xff\x00"), lang.TypeBytes.InJSON())
	require.NoError(t, err)
	require.Equal(t, "/wA=", b)
}

func TestMembers(t *testing.T) {
	m := NewMembers([]string{"id", "n", "ok", "home", "home.city", "home.geo.at", "tags", "home.geo"},
		[]Form{FormString, FormNumber, FormBool, FormObject, FormString, FormNumber, FormAny, FormObject})
	for text, want := range map[string][]any{
		`{}`: {nil, nil, nil, nil, nil, nil, nil, nil},
		`{"id":"\u00e9\n","x":{"id":"\\\"}"},"n":9007199254740993,"ok":true,"home":{"city":"Oslo","geo":{"at":-1.5e3}},"tags":[1,{"a":"]"}]}`: {
			"é\n", "9007199254740993", "1", "1", "Oslo", "-1.5e3", `[1,{"a":"]"}]`, "1"},
		`{"id":1,"n":"1","ok":0,"home":[],"tags":null}`: {Misfit + "1", Misfit + `"1"`, Misfit + "0", Misfit + "[]", nil, nil, nil, nil},
		` { "id" : null , "ok" : false, "home":{} }`:    {nil, nil, "0", "1", nil, nil, nil, nil},
	} {
		got, err := m.Read(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{``, `[]`, `1`, `{`, `{"a":1`, `{"a"}`, `{"id":"`, `{}x`} {
		_, err := m.Read(text)
		require.Error(t, err, text)
	}
}
