package check_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/parser"
)

// FuzzCheck asks that nothing that parses makes the checker panic, that every
// mistake lies inside the text, and that a program comes out exactly when there is none.
func FuzzCheck(f *testing.F) {
	for _, name := range []string{"testdata/models.rql", "testdata/pass.rql"} {
		text, err := os.ReadFile(name)
		require.NoError(f, err)
		for _, line := range strings.Split(string(text), ";\n") {
			f.Add(line)
		}
	}
	for _, list := range mistakes() {
		for _, m := range list {
			f.Add(m.text)
		}
	}
	s := schema(f)
	f.Fuzz(func(t *testing.T, text string) {
		file := parser.Parse(lang.NewSource("", text))
		p, ds := check.Check(t.Context(), file, s, check.Options{NoParams: true, Program: true})
		if (p == nil) != (ds.Err() != nil) {
			t.Fatalf("program %v, mistakes %v", p, ds)
		}
		for _, d := range ds {
			if d.Span.Start < 0 || d.Span.End < d.Span.Start || d.Span.End > len(text) {
				t.Fatalf("%v at %v of %d", d, d.Span, len(text))
			}
		}
	})
}
