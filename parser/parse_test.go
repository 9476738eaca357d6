package parser

import (
	"os"
	"testing"

	"github.com/rql-lang/rql/lang"
	"github.com/stretchr/testify/require"
)

func samples(t testing.TB) string {
	b, err := os.ReadFile("testdata/samples.rql")
	require.NoError(t, err)
	return string(b)
}

func TestSamplesParse(t *testing.T) {
	src := lang.NewSource("samples.rql", samples(t))
	f := Parse(src)
	for _, d := range f.Diags {
		line, col := src.Position(d.Span.Start)
		t.Errorf("%d:%d %s (%s)", line, col, d.Error(), d.Hint)
	}
	t.Log(len(f.Stmts), f.Params)
}

func TestSamplesPrint(t *testing.T) {
	f := Parse(lang.NewSource("", samples(t)))
	for _, s := range f.Stmts {
		text := lang.Print(s)
		g := Parse(lang.NewSource("", text))
		require.NoError(t, g.Diags.Err(), text)
		require.Len(t, g.Stmts, 1, text)
		require.Equal(t, text, lang.Print(g.Stmts[0]))
		requireSameTree(t, s, g.Stmts[0], text)
	}
}
