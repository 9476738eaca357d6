package lua

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	glua "github.com/yuin/gopher-lua"

	"github.com/rql-lang/rql/lua/tree"
)

// everyPiece uses the whole runtime.
func everyPiece(t *testing.T) (*writer, names) {
	t.Helper()
	g := &writer{p: NewRuntime(nil)}
	all := names{}
	for n := range library() {
		g.p.Use(n)
		all[n] = true
	}
	return g, all
}

// A name that a function defines for itself would be mistaken for a function of that
// name where the runtime functions are members of a table.
func TestNoPieceHidesAnother(t *testing.T) {
	_, all := everyPiece(t)
	inner := regexp.MustCompile(`(?:local|for) ([a-zA-Z_0-9, ]+?)(?: =| in|$)|function ?[a-zA-Z_.0-9]*\(([a-zA-Z_0-9, ]*)\)`)
	for name, p := range library() {
		for i, line := range strings.Split(p.text, "\n") {
			for _, m := range inner.FindAllStringSubmatch(line, -1) {
				for _, w := range regexp.MustCompile(`[A-Za-z_][A-Za-z_0-9]*`).FindAllString(m[1]+" "+m[2], -1) {
					if i == 0 && w == name {
						continue
					}
					require.False(t, all[w], "%s: %s in %q", name, w, line)
				}
			}
		}
	}
}

// More runtime functions than one chunk can hold as locals compile as members of a table.
func TestCrowdedScriptCompiles(t *testing.T) {
	g, all := everyPiece(t)
	require.Greater(t, len(all), namesInScript)
	g.own = names{"P1": true, "D1": true, "T1": true}
	b, own := g.compose(nil, []*tree.Node{st("local P1,D1,T1='x',{},{}"), st("local function main() return P1..'P1 col'..floor(1.5) end")})
	text := string(b)
	require.Equal(t, "R_.P1,R_.D1,R_.T1='x',{},{}\nlocal function main()\nreturn R_.P1..'P1 col'..R_.floor(1.5)\nend\n", text[own:])
	l := glua.NewState()
	defer l.Close()
	_, err := l.LoadString(text)
	require.NoError(t, err)
}

// What a script shows of itself is indented by its blocks, with what is said of its places.
func TestPretty(t *testing.T) {
	s := &Script{Text: "shared\nlocal a=1\nlocal function f(x)\nif x then\nS=3\ndo local y={\n'end if'\n} end\nelseif y then return 1 else\nfor i=1,2 do g(function() return 1 end) end\nend\nend\nreturn f(a)\n", Own: 7}
	require.Equal(t, []string{
		"local a=1",
		"local function f(x)",
		"  if x then",
		"    S=3  -- place 3",
		"    do",
		"      local y={'end if'}",
		"    end",
		"  elseif y then",
		"    return 1",
		"  else",
		"    for i=1,2 do",
		"      g(function()",
		"        return 1",
		"      end)",
		"    end",
		"  end",
		"end",
		"return f(a)",
	}, s.Pretty(func(n int) string { return "place " + string(rune('0'+n)) }))
}
