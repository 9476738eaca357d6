package lang_test

import (
	"strings"
	"testing"

	"github.com/rql-lang/rql/lang"
	"github.com/stretchr/testify/require"
)

// rendered shows an error over the part of the text between the two marks.
func rendered(name, marked string) string {
	text := strings.ReplaceAll(marked, "⟦", "")
	sp := lang.Span{Start: strings.Index(marked, "⟦")}
	sp.End = strings.Index(strings.ReplaceAll(marked, "⟦", ""), "⟧")
	text = strings.ReplaceAll(text, "⟧", "")
	return lang.Errorf(lang.CodeSyntax, sp, "wrong").WithHint("right").Render(lang.NewSource(name, text))
}

func TestRender(t *testing.T) {
	for marked, want := range map[string]string{
		"FIND ⟦User⟧ x":               "f:1:6: syntax: wrong\n  FIND User x\n       ^^^^\n  hint: right\n",
		"FIND a;\n\tGET ⟦b⟧":          "f:2:6: syntax: wrong\n      GET b\n          ^\n  hint: right\n",
		"FIND 日本 ⟦語x⟧":                "f:1:9: syntax: wrong\n  FIND 日本 語x\n            ^^^\n  hint: right\n",
		"FIND a⟦⟧":                    "f:1:7: syntax: wrong\n  FIND a\n        ^\n  hint: right\n",
		"FIND ⟦'a\r\nb'⟧":             "f:1:6: syntax: wrong\n  FIND 'a\n       ^^\n  hint: right\n",
		"FIND \x1b[31m⟦a⟧":            "f:1:11: syntax: wrong\n  FIND \\u{1B}[31ma\n                 ^\n  hint: right\n",
		"FIND '\u0085\u202e\xff\r⟦a⟧": "f:1:11: syntax: wrong\n  FIND '\\u{85}\\u{202E}\\xFF\\ra\n                            ^\n  hint: right\n",
		"FIND ⟦\u009b⟧a":              "f:1:6: syntax: wrong\n  FIND \\u{9B}a\n       ^^^^^^\n  hint: right\n",
		"FIND e\u0301⟦a⟧":             "f:1:8: syntax: wrong\n  FIND e\u0301a\n        ^\n  hint: right\n",
		"FIND a;\n\n⟦⟧":               "f:3:1: syntax: wrong\n  hint: right\n",
	} {
		require.Equal(t, want, rendered("f", marked), marked)
	}
	require.True(t, strings.HasPrefix(rendered("", "⟦a⟧"), "1:1: syntax: wrong\n"))
}

// In a narrow terminal no line of a text wraps, so that the carets are under what they mark.
func TestRenderInATerminal(t *testing.T) {
	src := lang.NewSource("", "CREATE User [{ id: 'a', name: 'somebody' }, { id: 'b', name: nobody, age: 40 }, { id: 'c' }]")
	at := strings.Index(src.Text, "nobody")
	d := lang.Errorf(lang.CodeUnknownName, lang.Span{Start: at, End: at + len("nobody")}, "no name")
	lines := strings.Split(d.RenderIn(src, 40), "\n")
	require.Equal(t, []string{"1:62: unknown-name: no name", "  …'b', name: nobody, age: 40 }, { id…", "              ^^^^^^", ""}, lines)
	require.Equal(t, d.Render(src), d.RenderIn(src, 200))
}

func TestRenderClipsLongLines(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	lines := strings.Split(rendered("f", long+"⟦abc⟧"+long), "\n")
	require.Equal(t, "f:1:100001: syntax: wrong", lines[0])
	require.Less(t, len(lines[1]), 120)
	require.True(t, strings.HasPrefix(lines[1], "  …xxx") && strings.HasSuffix(lines[1], "xxx…"))
	column := func(s, part string) int { return len([]rune(s[:strings.Index(s, part)])) }
	require.Equal(t, column(lines[1], "abc"), column(lines[2], "^^^"))
	require.Equal(t, 3, strings.Count(lines[2], "^"))
}

func TestRenderWarningAndList(t *testing.T) {
	src := lang.NewSourceAt("f", "FIND a", 10, 5)
	d := lang.Errorf("full-scan", lang.Span{Start: 5, End: 6}, "slow")
	d.Severity = lang.SeverityWarning
	one := "f:10:10: warning: full-scan: slow\n  FIND a\n       ^\n"
	require.Equal(t, one, d.Render(src))
	require.Equal(t, one+one, lang.Diags{d, d}.Render(src))
	require.Equal(t, "warning: full-scan: slow\n", d.Render(nil))
}

func TestSourceAtNumbersFromItsPlace(t *testing.T) {
	src := lang.NewSourceAt("f", "é a\nb", 10, 5)
	line, col := src.Position(3)
	require.Equal(t, []int{10, 7}, []int{line, col})
	line, col = src.Position(5)
	require.Equal(t, []int{11, 1}, []int{line, col})
	require.Equal(t, "é a", src.Line(10))
	require.Equal(t, "b", src.Line(11))
	require.Empty(t, src.Line(1))
}

func TestNearest(t *testing.T) {
	words := []string{"FIND", "UPDATE", "banned", "created_at", "id", "a"}
	for name, want := range map[string]string{
		"FNID": "FIND", "find": "FIND", "FIN": "FIND", "updat": "UPDATE", "banend": "banned", "band": "", "createdAt": "created_at",
		"ID": "id", "ix": "", "b": "", "FIND": "", "somethingelse": "", "": "",
	} {
		require.Equal(t, want, lang.Nearest(name, words), name)
	}
	require.Empty(t, lang.Nearest("x", nil))
}
