package doctest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/spec"
)

// The parser reads whatever the grammar can write.
func TestParserReadsTheGrammar(t *testing.T) {
	g := readGrammar(t)
	for _, rule := range []string{"statement", "model", "atomic", "expr", "script"} {
		for seed := range uint64(300) {
			text := g.sentence(rule, seed)
			if rule == "expr" {
				text = "ENSURE " + text
			}
			if foreign.MatchString(text) {
				continue
			}
			file := parser.Parse(lang.NewSource("", text))
			if err := file.Diags.Err(); err != nil {
				t.Fatalf("the grammar has the %s\n%s\nand the parser says\n%s", rule, text, file.Diags.Render(file.Source))
			}
		}
	}
}

// foreign are texts that the grammar has and the parser refuses, by rules that its comments tell.
var foreign = regexp.MustCompile(`\b(EXPLAIN|PROFILE|ANALYZE) (EXPLAIN|PROFILE|DOWN)\b|\bIF\b.*\bENSURE\b[^;]*\bELSE\b|\bNEAREST (- )?[0-9][0-9.e+-]* (m|km|mi|ft)\b`)

// The grammar has whatever the conformance scripts and the examples say.
func TestGrammarReadsTheScripts(t *testing.T) {
	r := readGrammar(t).flat()
	n := 0
	for _, depth := range []string{"parse", "check", "run", "plan"} {
		scripts, err := spec.Scripts(depth)
		require.NoError(t, err)
		for _, s := range scripts {
			for _, c := range s.Cases {
				for _, b := range c.Blocks {
					n += r.reads(t, s.Path, b.Text)
				}
			}
		}
	}
	require.Greater(t, n, 500)
	t.Logf("grammar: %d blocks ran", n)
}

// reads asks that the grammar has each statement of a text that the parser reads.
func (r rules) reads(t *testing.T, path, text string) int {
	t.Helper()
	file := parser.Parse(lang.NewSource("", text))
	if file.Diags.Err() != nil {
		return 0
	}
	for _, st := range file.Stmts {
		one := text[st.Span().Start:st.Span().End]
		toks, err := tokenise(one)
		require.NoError(t, err, "%s: %s", path, one)
		if len(toks) > 400 || strings.Contains(one, "(*)") { // count(*) is read so that its error can say count()
			continue
		}
		if ok, read := r.accepts("statement", toks); !ok {
			rest := ""
			for _, x := range toks[read:min(read+5, len(toks))] {
				rest += " " + x.text
			}
			t.Errorf("%s: the grammar does not have\n%s\nfrom%s", path, one, rest)
		}
	}
	return 1
}

// The keywords of the grammar are those that the parser knows.
func TestKeywords(t *testing.T) {
	known := map[string]bool{}
	files, err := filepath.Glob("../../parser/*.go")
	require.NoError(t, err)
	tags := regexp.MustCompile(`'([A-Z]+)'`)
	calls := regexp.MustCompile(`(?:take|want|is)\((?:c\.peekAt\([a-z.]+\), |t, |prev, |next, |word, |p\.Peek\(\), |c\.Peek\(\), )?"([A-Z]+)"\)|case "([A-Z]+)":`)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(filepath.Base(name), "foreign") || strings.HasSuffix(name, "message.go") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, line := range strings.Split(string(text), "\n") {
			form := calls
			if strings.Contains(line, `parser:"`) {
				form = tags
			}
			for _, m := range form.FindAllStringSubmatch(line, -1) {
				known[strings.Join(m[1:], "")] = true
			}
		}
	}
	words := readGrammar(t).words()
	for w := range known {
		require.True(t, words[w], "the parser knows %s, and the grammar does not", w)
	}
	for _, w := range []string{"STALE", "REFRESH", "PARTITION", "RESTRICT", "EMPTY", "TIMES", "STARTS"} {
		require.True(t, known[w] && words[w], w)
	}
}
