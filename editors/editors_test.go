package editors_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/chroma/v2"
	"github.com/dlclark/regexp2/v2"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/editors"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// The files that are here are those that are made of the tables of the language.
func TestGenerated(t *testing.T) {
	files, err := editors.Files()
	require.NoError(t, err)
	for name, want := range files {
		got, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), "%s: go run ./generate writes it", name)
	}
}

var fence = regexp.MustCompile("(?ms)^```rql[^\n]*\n(.*?)^```")

// fences gives every text of RQL in the documents, and the files of RQL.
func fences(t *testing.T) (out []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return err
		}
		ext := filepath.Ext(path)
		if ext != ".md" && ext != ".rql" {
			return nil
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		if ext == ".rql" {
			out = append(out, string(text))
		}
		for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
			out = append(out, m[1])
		}
		return nil
	}))
	require.Greater(t, len(out), 100)
	return out
}

// classes says of each byte what it is part of, as the lexer of the language has it: the kinds that both have to agree on.
func classes(text string) []byte {
	out := []byte(strings.Repeat(" ", len(text)))
	fill := func(sp lang.Span, c byte) {
		for i := sp.Start; i < sp.End; i++ {
			out[i] = c
		}
	}
	for _, tok := range parser.Lex(text) {
		word := text[tok.Span.Start:tok.Span.End]
		switch tok.Kind {
		case parser.TokenComment:
			fill(tok.Span, 'c')
		case parser.TokenString:
			fill(tok.Span, 's')
		case parser.TokenNumber:
			fill(tok.Span, 'n')
		case parser.TokenParam:
			fill(tok.Span, 'p')
		case parser.TokenWord:
			fill(tok.Span, 'w')
			if word == "FIND" || word == "WHERE" || word == "RETURN" || word == "ATOMIC" {
				fill(tok.Span, 'k')
			}
		}
	}
	return out
}

// same compares the classes of all bytes but blanks within comments, of which the lexer knows one around several.
func same(t *testing.T, text string, got []byte) {
	t.Helper()
	want := classes(text)
	for i := range want {
		if c := text[i]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			require.Equal(t, string(want[i]), string(got[i]), "at %q of %q", text[i:min(len(text), i+20)], text)
		}
	}
}

// The lexer for chroma reads every example of the documents without an error, and as the language does.
func TestChroma(t *testing.T) {
	l, err := chroma.NewXMLLexer(os.DirFS("chroma"), "rql.xml")
	require.NoError(t, err)
	for _, text := range fences(t) {
		it, err := l.Tokenise(nil, text)
		require.NoError(t, err)
		var b strings.Builder
		var got []byte
		for _, tok := range it.Tokens() {
			require.NotEqual(t, chroma.Error, tok.Type, "%q of %q", tok.Value, text)
			b.WriteString(tok.Value)
			class := byte(' ')
			switch {
			case tok.Type.InCategory(chroma.Comment):
				class = 'c'
			case tok.Type.InSubCategory(chroma.LiteralString):
				class = 's'
			case tok.Type.InSubCategory(chroma.LiteralNumber):
				class = 'n'
			case tok.Type == chroma.NameVariable:
				class = 'p'
			case tok.Value == "FIND" || tok.Value == "WHERE" || tok.Value == "RETURN" || tok.Value == "ATOMIC":
				require.Equal(t, chroma.Keyword, tok.Type)
				class = 'k'
			case tok.Type.InCategory(chroma.Keyword) || tok.Type.InCategory(chroma.Name):
				class = 'w'
			}
			got = append(got, strings.Repeat(string(class), len(tok.Value))...)
		}
		require.Equal(t, text, b.String())
		same(t, text, got)
	}
}

// rule is one of a TextMate grammar.
type rule struct {
	Name, Match, Begin, End string
	Patterns                []rule
}

// The TextMate grammar, applied as an editor does, line by line, reads every example as the language does.
func TestTextMate(t *testing.T) {
	text, err := os.ReadFile("vscode/syntaxes/rql.tmLanguage.json")
	require.NoError(t, err)
	var g struct{ Patterns []rule }
	require.NoError(t, json.Unmarshal(text, &g))
	m := &machine{t: t, compiled: map[string]*regexp2.Regexp{}}
	for _, text := range fences(t) {
		var got []byte
		var in *rule
		for line := range strings.Lines(text) {
			got, in = m.line(g.Patterns, line, in, got)
		}
		same(t, text, got)
	}
}

type machine struct {
	t        *testing.T
	compiled map[string]*regexp2.Regexp
}

// find is where a pattern matches next in a line, in bytes; -1 if it does not.
func (m *machine) find(pattern, line string, at int) (start, end int) {
	re := m.compiled[pattern]
	if re == nil {
		re = regexp2.MustCompile(pattern, regexp2.None)
		m.compiled[pattern] = re
	}
	runes := []rune(line)
	got, err := re.FindRunesMatchStartingAt(runes, len([]rune(line[:at])))
	require.NoError(m.t, err)
	if got == nil {
		return -1, -1
	}
	start = len(string(runes[:got.RuneIndex]))
	return start, start + len(got.String())
}

// line gives the classes of a line, which begins within a rule or in none.
func (m *machine) line(rules []rule, line string, in *rule, out []byte) ([]byte, *rule) {
	for at := 0; at < len(line); {
		list := rules
		if in != nil {
			list = in.Patterns
		}
		best, from, to := (*rule)(nil), len(line), len(line)
		for i := range list {
			pattern := list[i].Match
			if pattern == "" {
				pattern = list[i].Begin
			}
			if s, e := m.find(pattern, line, at); s >= 0 && s < from {
				best, from, to = &list[i], s, e
			}
		}
		class := byte(' ')
		if in != nil {
			class = classOf(in.Name, "")
			if s, e := m.find(in.End, line, at); s >= 0 && s < from {
				out = append(out, strings.Repeat(string(class), e-at)...)
				at, in = e, nil
				continue
			}
		}
		out = append(out, strings.Repeat(string(class), from-at)...)
		if best != nil {
			if in == nil {
				class = classOf(best.Name, line[from:to])
			}
			out = append(out, strings.Repeat(string(class), to-from)...)
			if best.Begin != "" {
				in = best
			}
		}
		at = to
	}
	return out, in
}

func classOf(scope, word string) byte {
	switch {
	case strings.HasPrefix(scope, "comment"):
		return 'c'
	case strings.HasPrefix(scope, "string"):
		return 's'
	case strings.HasPrefix(scope, "constant.numeric"):
		return 'n'
	case strings.HasPrefix(scope, "variable.parameter"):
		return 'p'
	case strings.HasPrefix(scope, "keyword.control") && (word == "FIND" || word == "WHERE" || word == "RETURN" || word == "ATOMIC"):
		return 'k'
	case strings.HasPrefix(scope, "keyword.operator"), strings.HasPrefix(scope, "punctuation"):
		return ' '
	}
	return 'w'
}
