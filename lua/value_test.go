package lua

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// samples are values of each type, with the edges of their ranges.
func samples() map[string]struct {
	t    lang.Type
	vals []any
} {
	type entry = struct {
		t    lang.Type
		vals []any
	}
	list, text, inner := lang.ListOf(lang.TypeInt), lang.ListOf(lang.TypeString), lang.ListOf(lang.ListOf(lang.TypeFloat))
	emb := lang.Type{Kind: lang.KEmbedded, Model: "Point", Cols: []lang.Col{
		{Name: "x", Type: lang.TypeFloat}, {Name: "at", Type: lang.TypeDateTime.OrNull()}, {Name: "raw", Type: lang.TypeBytes.OrNull()}}}
	return map[string]entry{
		"int": {lang.TypeInt, []any{int64(0), int64(7), int64(-1), int64(10), int64(-10), int64(-99), int64(123456789012345),
			int64(lang.MaxInt), int64(-lang.MaxInt), int64(-999999999999999), int64(-1000000000000000), int64(1e15)}},
		"int64": {lang.TypeInt64, []any{int64(0), int64(-1), int64(9), int64(-10), int64(math.MaxInt64), int64(math.MinInt64),
			int64(lang.MaxInt + 2), int64(-1000000000000000)}},
		"float": {lang.TypeFloat, []any{0.0, 1.0, -1.5, 0.1, 1e15, 1e16, 123456789012345678.0, 5e-324, math.MaxFloat64, -math.MaxFloat64,
			1.0 / 3, 1e21, 1e-7, -2.2250738585072014e-308, 100.0, 1e300}},
		"bool":     {lang.TypeBool, []any{true, false}},
		"string":   {lang.TypeString, []any{"", "a", "a\x00b\x01c", "ünï😀", "it's \"q\" \\ \n\t\r\b\f\x1f\x7f/", "'x", strings.Repeat("é", 300)}},
		"bytes":    {lang.TypeBytes, []any{lang.Bytes(""), lang.Bytes("\x00\xff\xfe"), lang.Bytes("ab"), lang.Bytes("abc"), lang.Bytes("\x01\x00\x02d")}},
		"datetime": {lang.TypeDateTime, []any{lang.DateTime(0), codec.MinDateTime, codec.MaxDateTime, lang.DateTime(-1)}},
		"duration": {lang.TypeDuration, []any{lang.Duration(0), lang.Duration(-3600000), lang.Duration(lang.MaxInt)}},
		"ints":     {list, []any{[]any{}, []any{int64(3), int64(-1)}}},
		"strings":  {text, []any{[]any{"b", "a", "b", ""}, []any{"\x00"}}},
		"floats":   {inner, []any{[]any{[]any{1.5, 1e100}, []any{}}}},
		"map":      {lang.MapOf(lang.TypeDuration), []any{map[string]any{}, map[string]any{"b": lang.Duration(1), "a\"": lang.Duration(-2), "": lang.Duration(0)}}},
		"points": {lang.ListOf(emb), []any{[]any{map[string]any{"x": 1.25, "at": lang.DateTime(5), "raw": lang.Bytes("\xff\x00")},
			map[string]any{"x": -0.5, "at": nil, "raw": nil}}}},
		"json": {lang.TypeJSON, []any{int64(1), 1.5, "x", true, []any{nil, int64(2), []any{}, map[string]any{}},
			map[string]any{"z": nil, "a": []any{map[string]any{"k": "\u2028\x01"}}}, int64(math.MaxInt64), 1e300}},
		"longs": {lang.ListOf(lang.TypeInt64), []any{[]any{int64(math.MinInt64), int64(5)}}},
	}
}

// TestForms sends each value as an argument and asks the server for its
// stored text, that text decoded and encoded again, its reply and its member.
func TestForms(t *testing.T) {
	for _, s := range servers(t) {
		for name, e := range samples() {
			t.Run(s.name+"/"+name, func(t *testing.T) { testForms(t, s, e.t, e.vals) })
		}
	}
}

func testForms(t *testing.T, s server, ty lang.Type, vals []any) {
	member := ty.Kind != lang.KList && ty.Kind != lang.KMap && ty.Kind != lang.KJSON
	for _, v := range vals {
		p := NewRuntime(nil)
		arg, err := AppendArg(v, ty)
		require.NoError(t, err)
		want, err := codec.Text(v, ty)
		require.NoError(t, err)
		read := "local v=" + text(Arg(ty, ex("A[1]"), p)) + "\n"
		body := read + "local s=" + text(Encode(ty, "v", p)) + " local w=" + text(Decode(ty, ex("A[2]"), "c", p)) +
			" return s..'\\n'.." + text(Encode(ty, "w", p)) + "..'\\n'..(" + text(Reply(ty, "w", p)) + ")"
		got, warn := s.run(t, frame(p, false, body), arg, want)
		require.Empty(t, warn)
		require.Equal(t, want+"\n"+want+"\n"+want, got, "%v", v)
		if !member {
			continue
		}
		wantMember, err := codec.Member(v, ty)
		require.NoError(t, err)
		p = NewRuntime(nil)
		got, _ = s.run(t, frame(p, false, "local v="+text(Arg(ty, ex("A[1]"), p))+" return "+text(Member(ty, "v", p))), arg)
		require.Equal(t, wantMember, got, "%v", v)
	}
	p := NewRuntime(nil)
	got, _ := s.run(t, frame(p, false, "local v="+text(Arg(ty, ex("A[1]"), p))+" return v==nil and ("+text(Reply(ty, "v", p))+")==false and 'null'"), "")
	require.Equal(t, "null", got)
}

func TestListMembers(t *testing.T) {
	for _, s := range servers(t) {
		for _, v := range []any{nil, []any{}, []any{"b", "a", "b", "a\x00"}, []any{""}} {
			ty := lang.ListOf(lang.TypeString).OrNull()
			want, err := codec.ListMembers(v, ty)
			require.NoError(t, err)
			p := NewRuntime(nil)
			arg, err := AppendArg(v, ty)
			require.NoError(t, err)
			got, _ := s.run(t, frame(p, false, "local v="+text(Arg(ty, ex("A[1]"), p))+" return table.concat("+text(Members(ty, "v", p))+",'|')"), arg)
			require.Equal(t, strings.Join(want, "|"), got)
		}
	}
}

// TestDecodeRefuses: what the codec refuses as stored text is refused by the script, and the other way round.
func TestDecodeRefuses(t *testing.T) {
	enum := lang.Type{Kind: lang.KEnum, Values: []string{"a", "b"}}
	texts := []string{"", "0", "-0", "1", "-1", "010", "1e3", " 5", "5 ", "0x1", "1.0", "1.", ".5", "01.5", "-", "+1", "nan", "inf", "1e400", "-1e400", "1E5",
		"9007199254740992", "-9007199254740992", "9007199254740991", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
		"-9223372036854775809", "253402300799999", "253402300800000", "true", "a", "b", "c", "\xff", "\xed\xa0\x80", "é", "\xf4\x90\x80\x80", "\xc0\x80",
		"[]", "[1]", "[1,]", "[,1]", "[1 2]", "[ 1 , 2 ]", "[01]", "[1.5]", "[-0]", "[null]", "null", "{}", `{"a":1}`, `{"a":1,}`, `{"a" : 1, "a":2}`, `{a:1}`, `{"a":null}`,
		`"x"`, `"\u00e9\ud83d\ude00\n\/"`, `"\ud83d"`, `"\ude00\ud83d"`, `"\x"`, `"a`, "\"a\nb\"", `[true,false,nulL]`, `{"x":1.5,"at":3,"raw":"AA=="}`, `{"x":1,"raw":"AA"}`,
		`{"x":1,"raw":"AB=="}`, `{"x":1,"raw":"AAE="}`, `{"x":1,"raw":"AAF="}`, `{"at":1}`, `{"x":1,"y":2}`, `{"x":null}`, "12 13", "1e", "[1e5]", "[9007199254740993]", "[12345678901234567890]",
		strings.Repeat("[", 100) + strings.Repeat("]", 100), strings.Repeat("[", 101) + strings.Repeat("]", 101)}
	types := []lang.Type{lang.TypeInt, lang.TypeInt64, lang.TypeFloat, lang.TypeBool, lang.TypeString, lang.TypeBytes, enum, lang.TypeDateTime, lang.TypeDuration,
		lang.ListOf(lang.TypeInt), lang.ListOf(lang.TypeFloat), lang.ListOf(lang.TypeBool.OrNull()), lang.MapOf(lang.TypeInt), lang.MapOf(lang.TypeString.OrNull()),
		lang.TypeJSON, samples()["points"].t.Elem.NotNull(), lang.ListOf(enum)}
	for _, s := range servers(t) {
		for _, ty := range types {
			var b strings.Builder
			p := NewRuntime(nil)
			b.WriteString("local out={}\nfor i=1,#A do local ok,v=pcall(function() return " + text(Decode(ty, ex("A[i]"), "c", p)) + " end)\n")
			b.WriteString("if not ok then out[i]='refused' E=nil elseif v==nil then out[i]='null' else out[i]='='.." + text(Encode(ty, "v", p)) + " end end\nreturn table.concat(out,'\\1')")
			got, _ := s.run(t, frame(p, false, b.String()), texts...)
			parts := strings.Split(got.(string), "\x01")
			require.Len(t, parts, len(texts))
			for i, text := range texts {
				want := "refused"
				if v, err := codec.Parse(text, ty); err == nil {
					want = "null"
					if v != nil {
						again, err := codec.Text(v, ty)
						require.NoError(t, err)
						want = "=" + again
					}
				}
				require.Equal(t, want, parts[i], "%s: %s of %q", s.name, ty, text)
			}
		}
	}
}

var (
	luaString = regexp.MustCompile(`'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"`)
	luaName   = regexp.MustCompile(`[.:]?[A-Za-z_][A-Za-z_0-9]*`)
	luaLocal  = regexp.MustCompile(`local (?:function )?([A-Za-z_0-9, ]+)`)
	luaParams = regexp.MustCompile(`function [A-Za-z_0-9]*\(([^)]*)\)`)
)

// TestRuntimeHeaders: every function has a header, which names just the other functions it uses.
func TestRuntimeHeaders(t *testing.T) {
	all := library()
	for name, x := range all {
		require.NotEmpty(t, x.lines, "%s has no header", name)
		text := luaString.ReplaceAllString(x.text, "")
		own := map[string]bool{name: true}
		for _, re := range []*regexp.Regexp{luaLocal, luaParams} {
			for _, m := range re.FindAllStringSubmatch(text, -1) {
				for _, n := range strings.Split(m[1], ", ") {
					own[strings.TrimSpace(n)] = true
				}
			}
		}
		found := map[string]bool{}
		for _, n := range luaName.FindAllString(text, -1) {
			if all[n] != nil && !own[n] {
				found[n] = true
			}
		}
		for _, u := range x.uses {
			require.Contains(t, all, u, "used by %s", name)
			delete(found, u)
		}
		require.Empty(t, found, "%s does not say that it uses them", name)
	}
}

// TestRuntimeText: runtime functions come once, each behind those it uses, without comments.
func TestRuntimeText(t *testing.T) {
	p := NewRuntime(nil)
	p.Use("j_read", "s_le", "s_le", "no such piece")
	text := p.Text()
	require.True(t, p.Has("utf8_ok"))
	require.False(t, p.Has("l_sum"))
	require.NotContains(t, text, "--")
	require.Equal(t, 1, strings.Count(text, "local function s_cmp("))
	require.Less(t, strings.Index(text, "local function s_cmp("), strings.Index(text, "local function s_le("))
	require.Equal(t, text, func() string { q := NewRuntime(nil); q.Use("j_read", "s_le"); return q.Text() }())
}
