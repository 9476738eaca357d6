package tree

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	lua "github.com/yuin/gopher-lua"
)

// What is printed reads back as the same tree, and so does all hand-written Lua.
func TestPrintIsTheInverseOfParse(t *testing.T) {
	files, err := filepath.Glob("../scripts/*.lua")
	require.NoError(t, err)
	handwritten, err := filepath.Glob("../handwritten/*.lua")
	require.NoError(t, err)
	files = append(files, handwritten...)
	require.NotEmpty(t, files)
	texts := []string{"x=1", "f(1,2).y[3].z=nil", "local a,b=f(),...", "return", "return 1,'a'", "if a then elseif b then x=1 else end",
		"for i=10,1,-1 do break end", "for k,v in pairs(t) do end", "while not (a==b) do a=a+1 end", "do end", "local function f(...) return {...} end"}
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		texts = append(texts, string(b))
	}
	for _, text := range texts {
		n, err := Parse(text)
		require.NoError(t, err, text)
		once := Print(n)
		again, err := Parse(once)
		require.NoError(t, err, once)
		require.Equal(t, once, Print(again))
		_, err = lua.NewState().LoadString(once)
		require.NoError(t, err, once)
	}
}

// Operators keep their meaning, with no more brackets than they need.
func TestOperators(t *testing.T) {
	for text, want := range map[string]string{
		"1+2*3":                           "1+2*3",
		"(1+2)*3":                         "(1+2)*3",
		"1-(2-3)":                         "1-(2-3)",
		"(1-2)-3":                         "1-2-3",
		"('a'..'b')..'c'":                 "'a'..'b'..'c'",
		"'a'..('b'..'c')":                 "'a'..'b'..'c'",
		"2^3^2":                           "2^3^2",
		"(2^3)^2":                         "(2^3)^2",
		"-x^2":                            "-x^2",
		"(-x)^2":                          "(-x)^2",
		"- -x":                            "- -x",
		"1- -2":                           "1-(-2)",
		"not (a and b)":                   "not(a and b)",
		"(not a)==b":                      "not a==b",
		"not (a==b)":                      "not(a==b)",
		"a or b and c":                    "a or b and c",
		"(a or b) and c":                  "(a or b) and c",
		"(a<b)==(c<d)":                    "(a<b)==(c<d)",
		"1 ..x":                           "1 ..x",
		"(f())":                           "(f())",
		"((a))":                           "a",
		"('x').y":                         "('x').y",
		"({1})[1]":                        "({1})[1]",
		"(function() end)()":              "(function()\nend)()",
		"{a=1,['b c']=2,[3]=4,['end']=5}": "{a=1,['b c']=2,[3]=4,['end']=5}",
		"#t[1]":                           "#t[1]", "t['a'].b": "t.a.b",
	} {
		n, err := Expr(strings.ReplaceAll(text, "%", "%%"))
		require.NoError(t, err, text)
		require.Equal(t, want, PrintExpr(n), text)
	}
}

// A template takes nodes, numbers and names, in their places and as parts of names.
func TestTemplates(t *testing.T) {
	n, err := Stmts("local %s=L%[2]d(%[3]s)\nif %[1]s then %[4]s end\nx=%[3]s %% 2", "d", 3, Str("V[1]"), Block(Name("x"), CallName("f")))
	require.NoError(t, err)
	_ = n
	n, err = Stmts("local %s=L%[2]d(%[3]s)\nif %[1]s then %[4]s end\nx=%[5]s %% 2", "d", 3, Str("V[1]'\n"), Block(CallName("f")), Binary("+", Name("a"), Int(-1)))
	require.NoError(t, err)
	require.Equal(t, "local d=L3('V[1]\\'\\010')\nif d then\nf()\nend\nx=(a+(-1))%2\n", Print(n))

	late := Late()
	n, err = Stmts("f(%s,%s)", late, List(Int(1), Bool(true)))
	require.NoError(t, err)
	late.Fill(List(Name("a"), Nil()))
	require.Equal(t, "f(a,nil,1,true)\n", Print(n))
	late.Fill(None())
	require.Equal(t, "f(1,true)\n", Print(n))

	for text, args := range map[string][]any{
		"local %s=1": {"a b"}, "x=%s": {}, "x=1": {1}, "x=L%s": {Str("1")}, "x=": nil, "x=%s.": {Name("a")}, "if x then": nil, "x=%q": {1}, "return 'a": nil,
	} {
		_, err := Stmts(text, args...)
		require.Error(t, err, text)
	}
}

// A template is not changed by what is put into it.
func TestTemplatesAreShared(t *testing.T) {
	for _, arg := range []*Node{Int(1), Str("x")} {
		n, err := Stmts("if a then b=%s else c={1,2,{%[1]s}} end", arg)
		require.NoError(t, err)
		s := PrintExpr(arg)
		require.Equal(t, "if a then\nb="+s+"\nelse\nc={1,2,{"+s+"}}\nend\n", Print(n))
	}
}

// A template is one node until something looks inside, and prints the same before and after. Scan copies nothing.
func TestTemplatesAreCopiedWhenTheyAreLookedAt(t *testing.T) {
	filled := func() *Node {
		inner := X("%s+f_%s(%[1]s)", Name("b"), "1")
		return Block(S("local L%d=%s\nif %s then %s else %s end\nR,r%[1]d_n=1,%[2]s\nreturn L%[1]d", 2, inner, "d.c", Block(CallName("g")), None()), S("%s", CallName("h")))
	}
	n := filled()
	names := map[string]bool{}
	assigned, returned := 0, 0
	Scan(n, func(n *Node) {
		switch n.Op {
		case OpName:
			names[n.Text] = true
		case OpAssign:
			assigned++
		case OpReturn:
			returned++
		}
	})
	require.Equal(t, opFilled, n.Kids[0].Op)
	require.Equal(t, map[string]bool{"L2": true, "b": true, "f_1": true, "d": true, "g": true, "h": true, "R": true, "r2_n": true}, names)
	require.Equal(t, []int{1, 1}, []int{assigned, returned})

	printed := Print(n)
	require.Equal(t, "local L2=b+f_1(b)\nif d.c then\ng()\nend\nR,r2_n=1,b+f_1(b)\nreturn L2\nh()\n", printed)
	Walk(n, func(n *Node) bool {
		require.NotEqual(t, opFilled, n.Op)
		return true
	})
	require.Equal(t, printed, Print(n))
	require.Equal(t, printed, Print(Rewrite(filled(), func(n *Node) *Node { return n })))
}

func TestRewrite(t *testing.T) {
	n, err := Parse("local a=b.c\nb=function(x) return b+x end")
	require.NoError(t, err)
	before := Print(n)
	out := Rewrite(n, func(n *Node) *Node {
		if n.Op == OpName && n.Text == "b" {
			return Field(Name("R"), "b")
		}
		return n
	})
	require.Equal(t, "local a=R.b.c\nR.b=function(x)\nreturn R.b+x\nend\n", Print(out))
	require.Equal(t, before, Print(n))
}

// Any text is a string literal that Lua reads back byte for byte.
func FuzzQuote(f *testing.F) {
	f.Add("V[1] ]] -- \x00\n'\"\\ \xff")
	f.Fuzz(func(t *testing.T, s string) {
		l := lua.NewState()
		defer l.Close()
		require.NoError(t, l.DoString("return "+PrintExpr(Str(s))))
		require.Equal(t, s, l.ToString(-1))
		n, err := Parse("x=" + PrintExpr(Str(s)))
		require.NoError(t, err)
		require.Equal(t, s, n.Kids[0].Kids[1].Kids[0].Text)
	})
}

func BenchmarkTemplate(b *testing.B) {
	b.ReportAllocs()
	x := Name("x")
	for b.Loop() {
		_, _ = Stmts("for i=1,%[1]s.n do\nlocal d=%[1]s[i]\nlocal t=d.t\nif %[2]s then f(%[3]s) end\nend", x, x, x)
	}
}

func BenchmarkPrint(b *testing.B) {
	b.ReportAllocs()
	x := Name("x")
	n, _ := Stmts("for i=1,%[1]s.n do\nlocal d=%[1]s[i]\nlocal t=d.t\nif %[2]s then f(%[3]s) end\nend", x, x, x)
	for b.Loop() {
		_ = Print(n)
	}
}
