package eval

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	lua "github.com/yuin/gopher-lua"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

func compiled(t *testing.T, op lang.Op, pattern string) *Pattern {
	t.Helper()
	p, err := CompilePattern(op, pattern)
	require.NoError(t, err, pattern)
	return p
}

func TestLike(t *testing.T) {
	for _, c := range []struct {
		pattern string
		fits    []string
		not     []string
	}{
		{"", []string{""}, []string{"a"}},
		{"%", []string{"", "a", "a\nb😀"}, nil},
		{"_", []string{"a", "ñ", "😀", "\n"}, []string{"", "ab"}},
		{"a%b_c", []string{"abxc", "axxbéc"}, []string{"abc", "bxc"}},
		{"%sl%", []string{"Oslo", "sl"}, []string{"Os lo", "OSLO"}},
		{`100\%\_\\`, []string{`100%_\`}, []string{`100x_\`}},
		{"a.b*", []string{"a.b*"}, []string{"axb", "axbb"}},
		{"\x00%", []string{"\x00", "\x00a"}, []string{"a"}},
	} {
		p := compiled(t, lang.OpLike, c.pattern)
		for _, s := range c.fits {
			require.True(t, p.Match(s), "%q %q", c.pattern, s)
		}
		for _, s := range c.not {
			require.False(t, p.Match(s), "%q %q", c.pattern, s)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern string
		fits    []string
		not     []string
	}{
		{`.+@.+`, []string{"a@x.io", "é@\n"}, []string{"@x", "a@", ""}},
		{`[\w.-]+`, []string{"a_B.9-"}, []string{"é", ""}},
		{`(ab|c)*d?`, []string{"", "abcabd", "ccc"}, []string{"dd", "a"}},
		{`a{2}b{1,3}c{2,}`, []string{"aabcc", "aabbbcccc"}, []string{"abcc", "aabbbbcc", "aabc"}},
		{`[^a-y]`, []string{"z", "ñ", "😀", "\n"}, []string{"a", "y", "zz"}},
		{`[а-яё]+`, []string{"привет", "ёж"}, []string{"Привет", "abc", ""}},
		{`[]a]\]`, []string{"]]", "a]"}, []string{"b]"}},
		{`\x41\x{1F600}\.\D\W\S`, []string{"A😀.x-y"}, []string{"A😀.1-y"}},
		{`a{,2}`, []string{"a{,2}"}, []string{"aa"}},
		{`(?:x|)`, []string{"", "x"}, []string{"xx"}},
		{`(a*)*b`, []string{"b", "aab"}, []string{"a"}},
		{`[a\-c]`, []string{"a", "-", "c"}, []string{"b"}},
		{`[+--]`, []string{"+", ",", "-"}, []string{"."}},
		{`[\d-x]`, []string{"5", "-", "x"}, []string{"e"}},
	} {
		p := compiled(t, lang.OpMatches, c.pattern)
		for _, s := range c.fits {
			require.True(t, p.Match(s), "%q %q", c.pattern, s)
		}
		for _, s := range c.not {
			require.False(t, p.Match(s), "%q %q", c.pattern, s)
		}
	}
}

func TestBadPatterns(t *testing.T) {
	for pattern, at := range map[string]string{
		`ab(c`: "character 3", `ab)`: "character 3", `é[a`: "character 2", `*a`: "character 1", `a**`: "character 3", `a+?`: "character 3", `^a`: "character 1",
		`a$`: "character 2", `a\`: "character 2", `\bx`: "character 1", `\pL`: "character 1", `[b-a]`: "character 3", `[a-\d]`: "character 3",
		`(?i)a`: "character 1", `\x4`: "character 1", `\x{110000}`: "character 1", `a{3,2}`: "character 2", `a{1,1001}`: "character 2", `[[:alpha:]]`: "character 2",
	} {
		_, err := CompilePattern(lang.OpMatches, pattern)
		var e *codec.Error
		require.ErrorAs(t, err, &e, pattern)
		require.Equal(t, lang.CodeBadPattern, e.Code)
		require.Contains(t, e.Message, at, pattern)
	}
	_, err := CompilePattern(lang.OpLike, `a\`)
	require.ErrorContains(t, err, "character 2")
	_, err = CompilePattern(lang.OpMatches, strings.Repeat("(", 60)+strings.Repeat(")", 60))
	require.ErrorContains(t, err, "too deep")
}

func TestPatternsThatAreTooBig(t *testing.T) {
	for _, pattern := range []string{`(a|b)*a(a|b){12}`, `a{1000}b{1000}`, `(((a{1000}){1000}){1000}){1000}`, strings.Repeat("x", 1001), `(a?){1000}(b?){1000}`, `([a-z]?[0-9]?[A-Z]?.?){1000}`} {
		_, err := CompilePattern(lang.OpMatches, pattern)
		var e *codec.Error
		require.ErrorAs(t, err, &e, pattern)
		require.Equal(t, lang.CodePatternTooBig, e.Code)
	}
	for _, pattern := range []string{`.{3,240}`, `a{999}`, `(\w+\s){20}`, `[^"]*("[^"]*"[^"]*)*`} {
		p := compiled(t, lang.OpMatches, pattern)
		require.LessOrEqual(t, p.States(), 1001)
	}
}

// randomPattern makes a pattern that this package and RE2 read alike.
func randomPattern(r *rand.Rand, depth int) string {
	atoms := []string{"a", "b", "é", "😀", ".", "[ab]", "[^a]", "[é-ü]", `\w`, `\d`, `\S`, `[^é😀]`, `\.`, "[ \u07f0-\u0810\U0000fff0-\U00010010]", "[^\u0800-\uffff]"}
	n := r.IntN(4)
	var b strings.Builder
	for range n {
		switch {
		case depth > 0 && r.IntN(4) == 0:
			b.WriteString("(" + randomPattern(r, depth-1) + "|" + randomPattern(r, depth-1) + ")")
		default:
			b.WriteString(atoms[r.IntN(len(atoms))])
		}
		b.WriteString([]string{"", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,}"}[r.IntN(9)])
	}
	return b.String()
}

func randomText(r *rand.Rand) string {
	letters := []rune("aabé😀1. ü\u07f0\u0800\uffff\U00010000\U0010ffff\x00\n")
	out := make([]rune, r.IntN(7))
	for i := range out {
		out[i] = letters[r.IntN(len(letters))]
	}
	return string(out)
}

func TestPatternsAgreeWithRE2(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	hits := 0
	for range 4000 {
		pattern := randomPattern(r, 2)
		p, err := CompilePattern(lang.OpMatches, pattern)
		var e *codec.Error
		if err != nil {
			require.ErrorAs(t, err, &e)
			require.Equal(t, lang.CodePatternTooBig, e.Code, pattern)
			continue
		}
		re := regexp.MustCompile(`\A(?s:` + pattern + `)\z`)
		for range 20 {
			s := randomText(r)
			want := re.MatchString(s)
			require.Equal(t, want, p.Match(s), "%q %q", pattern, s)
			if want {
				hits++
			}
		}
	}
	require.Greater(t, hits, 5000) // enough of them fit
}

// luaWalk is the function that the comment of Table promises.
const luaWalk = `
local byte = string.byte
function fits(t, s)
  local w, state, ok = byte(t, 257) + 1, 1, byte(t, 258) == 1
  for i = 1, #s do
    local at = 259 + (state * w + byte(t, byte(s, i) + 1)) * 2
    local hi, lo = byte(t, at, at + 1)
    ok = hi >= 128
    if ok then hi = hi - 128 end
    state = hi * 256 + lo
    if state == 0 then return false end
  end
  return ok
end`

func TestTableInLua(t *testing.T) {
	vm := lua.NewState()
	defer vm.Close()
	require.NoError(t, vm.DoString(luaWalk))
	r := rand.New(rand.NewPCG(3, 4))
	for _, pattern := range []string{`.+@.+`, `(a|b)*é?`, `[^é😀]{2,}`, `a?`, `.{0,240}`} {
		p := compiled(t, lang.OpMatches, pattern)
		table := lua.LString(p.Table())
		require.Len(t, string(table), 258+2*p.States()*p.width)
		for range 200 {
			s := randomText(r)
			err := vm.CallByParam(lua.P{Fn: vm.GetGlobal("fits"), NRet: 1, Protect: true}, table, lua.LString(s))
			require.NoError(t, err)
			require.Equal(t, p.Match(s), lua.LVAsBool(vm.Get(-1)), "%q %q", pattern, s)
			vm.Pop(1)
		}
	}
}

func FuzzPattern(f *testing.F) {
	for _, s := range []string{`.+@.+`, `[^a-z]{2,3}|\w*`, `(?:x|[é-ü])?`, `a{`, `[]-]`} {
		f.Add(s, "a@b")
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		// A pattern may take a tenth of a second by right (maxWork); those would be all that the fuzzing does.
		if len(pattern) > 60 || len(s) > 200 || strings.Count(pattern, "{") > 2 || !utf8.ValidString(s) {
			return
		}
		p, err := CompilePattern(lang.OpMatches, pattern)
		if err != nil {
			return
		}
		// What is accepted here, RE2 accepts too, with the same meaning.
		re, err := regexp.Compile(`\A(?s:` + pattern + `)\z`)
		if err != nil {
			require.ErrorContains(t, err, "invalid repeat count") // RE2 bounds nested repetitions more tightly
			return
		}
		require.Equal(t, re.MatchString(s), p.Match(s), "%q %q", pattern, s)
	})
}

// TestRepetitions: what RE2 refuses to repeat is refused here too; the rest of what { begins is text.
func TestRepetitions(t *testing.T) {
	for _, p := range []string{`{0}`, `{2,3}`, `x{0}{0}`, `a*{2}`, `a{2}*`, `(|{1})`, `({1,})`, `{1}*`} {
		_, err := CompilePattern(lang.OpMatches, p)
		require.Error(t, err, p)
		_, err = regexp.Compile(p)
		require.Error(t, err, p)
	}
	for _, p := range []string{`{`, `{a}`, `{,2}`, `a{,2}{3}`, `(?:x{2}){3}`, `[{]{2}`, `x{01}{2}`} {
		_, err := CompilePattern(lang.OpMatches, p)
		require.NoError(t, err, p)
	}
}

// TestSlowPatterns: what makes no state costs little too.
func TestSlowPatterns(t *testing.T) {
	for _, p := range []string{
		`(((){1000}){1000}){1000}`, strings.Repeat(`(`, 40) + strings.Repeat(`){1000}`, 40),
		`(` + strings.Repeat(`()`, 100_000) + `a?){1000}`, strings.Repeat(`{`, 1<<17), strings.Repeat(`\x41`, 1<<17),
	} {
		start := time.Now()
		_, err := CompilePattern(lang.OpMatches, p)
		require.Error(t, err)
		require.Less(t, time.Since(start), 20*time.Second, "%.60s", p)
	}
}
