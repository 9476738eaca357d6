package format_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/format"
	"github.com/rql-lang/rql/internal/doctest"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
	"github.com/rql-lang/rql/spec"
)

// corpus gives every text of the documents, the conformance scripts and the files of RQL that parses.
func corpus(t testing.TB) (out []string) {
	t.Helper()
	add := func(text string) {
		if parser.Parse(lang.NewSource("", text)).Diags.Err() == nil {
			out = append(out, text)
		}
	}
	require.NoError(t, filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".md":
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			blocks, err := doctest.Blocks(string(text))
			require.NoError(t, err)
			for _, b := range blocks {
				if b.Kind == "rql" {
					add(b.Text)
				}
			}
		case ".rql":
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			add(string(text))
		}
		return nil
	}))
	for _, depth := range []string{"parse", "check", "plan", "run"} {
		scripts, err := spec.Scripts(depth)
		require.NoError(t, err)
		for _, s := range scripts {
			for _, c := range s.Cases {
				add(c.Given)
				for _, b := range c.Blocks {
					add(b.Text)
				}
			}
		}
	}
	require.Greater(t, len(out), 3000)
	return out
}

// formatted formats a text, and asks what has to be true of each.
func formatted(t testing.TB, text string) string {
	t.Helper()
	once, err := format.Source("", text)
	require.NoError(t, err, text)
	twice, err := format.Source("", once)
	require.NoError(t, err, once)
	require.Equal(t, once, twice, text)
	for _, line := range strings.Split(once, "\n") {
		require.Equal(t, strings.TrimRight(line, " \t"), line)
	}
	return once
}

// Every text of the documents and scripts can be formatted, as it is and with all on one line; again it changes nothing.
func TestCorpus(t *testing.T) {
	for _, text := range corpus(t) {
		formatted(t, text)
		if !strings.Contains(text, "--") && !strings.ContainsAny(text, "'\"") {
			if line := strings.Join(strings.Fields(text), " "); parser.Parse(lang.NewSource("", line)).Diags.Err() == nil { // a field needs a comma or a new line
				formatted(t, line)
			}
		}
	}
}

// Comments stay wherever they are.
func TestComments(t *testing.T) {
	n := 0
	for _, text := range corpus(t) {
		if n++; n%7 != 0 || len(text) > 600 {
			continue
		}
		spans := parser.Spans(text)
		for i, c := range []string{" /* a */ ", " -- b\n", "\n-- c\n\n", "\n/* d\n  e */\n"} {
			var b strings.Builder
			at := 0
			for j, sp := range spans {
				b.WriteString(text[at:sp.Start])
				if (i+j)%3 == 0 {
					b.WriteString(c)
				}
				b.WriteString(text[sp.Start:sp.End])
				at = sp.End
			}
			if commented := b.String() + text[at:]; parser.Parse(lang.NewSource("", commented)).Diags.Err() == nil {
				formatted(t, commented)
			}
		}
	}
}

// Texts whose tokens were taken out, repeated or put elsewhere are formatted too, where they still parse.
func TestMutated(t *testing.T) {
	all := corpus(t)
	r := rand.New(rand.NewPCG(1, 2))
	n := 0
	for _, text := range all {
		spans := parser.Spans(text)
		if len(spans) < 3 || len(text) > 2000 {
			continue
		}
		for range 6 {
			from, to := spans[r.IntN(len(spans))], spans[r.IntN(len(spans))]
			moved := text[from.Start:from.End]
			mutated := text[:to.Start] + moved + []string{"", " ", "\n", " /* x */ ", " -- y\n"}[r.IntN(5)] + text[to.Start:]
			if r.IntN(3) == 0 {
				mutated = text[:to.Start] + text[to.End:]
			}
			if parser.Parse(lang.NewSource("", mutated)).Diags.Err() == nil {
				n++
				formatted(t, mutated)
			}
		}
	}
	require.Greater(t, n, 500)
}

// The cases of testdata: a text, a line of ----, and what becomes of it.
func TestCases(t *testing.T) {
	text, err := os.ReadFile("testdata/cases.txt")
	require.NoError(t, err)
	for _, c := range strings.Split(string(text), "\n====\n") {
		in, want, ok := strings.Cut(c, "\n----\n")
		require.True(t, ok, c)
		require.Equal(t, strings.Trim(want, "\n")+"\n", formatted(t, in))
	}
}

// A text that does not parse is an error with its place.
func TestMistakes(t *testing.T) {
	_, err := format.Source("x.rql", "FIND User WHERE;\nSHOW MODELS")
	var bad *lang.CheckError
	require.ErrorAs(t, err, &bad)
	require.Len(t, bad.Diags, 1)
	out, err := format.Source("", "")
	require.NoError(t, err)
	require.Empty(t, out)
}

// FuzzSource: what is formatted parses to the same tree, which Source itself asks, and formatting it again changes nothing.
func FuzzSource(f *testing.F) {
	n := 0
	for _, text := range corpus(f) {
		if n++; n%10 == 0 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(parser.Parse(lang.NewSource("", strings.TrimPrefix(text, "\ufeff"))).Diags) == 0 && !strings.HasPrefix(text, "#!") {
			formatted(t, text)
		}
	})
}
