package check_test

import (
	"context"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// parse reads a text that has no syntax errors.
func parse(t testing.TB, text string) *lang.File {
	f := parser.Parse(lang.NewSource("", text))
	require.NoError(t, f.Diags.Err(), text)
	return f
}

// schema is that of testdata/models.rql.
func schema(t testing.TB) *ir.Schema {
	text, err := os.ReadFile("testdata/models.rql")
	require.NoError(t, err)
	p, ds := check.Check(t.Context(), parse(t, string(text)), nil, check.Options{})
	require.NoError(t, ds.Err())
	return p.Schema
}

// program checks a text that has no mistake.
func program(t testing.TB, text string, opts check.Options) *ir.Program {
	p, ds := check.Check(context.Background(), parse(t, text), schema(t), opts)
	require.NoError(t, ds.Err(), text)
	return p
}

// stmt checks one statement whose parameters have no values yet.
func stmt[T ir.Stmt](t testing.TB, text string) T {
	p := program(t, text, check.Options{NoParams: true})
	require.NotEmpty(t, p.Stmts)
	s, ok := p.Stmts[len(p.Stmts)-1].(T)
	require.True(t, ok, "%T", p.Stmts[len(p.Stmts)-1])
	return s
}

// mistake is a text with one mistake: its code, and the part of the text that it is said to be.
type mistake struct {
	text string
	code lang.Code
	at   string
}

func (m mistake) test(t *testing.T, opts check.Options) {
	f := parse(t, m.text)
	p, ds := check.Check(t.Context(), f, schema(t), opts)
	require.Len(t, ds, 1, "%s: %v", m.text, ds)
	require.Nil(t, p, m.text)
	require.Equal(t, m.code, ds[0].Code, "%s: %v", m.text, ds)
	require.Equal(t, m.at, f.Source.Slice(ds[0].Span), m.text)
	require.NotContains(t, ds[0].Message, "%!", m.text)
	require.NotContains(t, ds[0].Hint, "%!", m.text)
}

func testMistakes(t *testing.T, list []mistake) {
	for _, m := range list {
		m.test(t, check.Options{NoParams: true})
	}
}

func mistakes() [][]mistake {
	return [][]mistake{
		nameMistakes, clauseMistakes, typeMistakes, literalMistakes, setMistakes, documentMistakes, atomicMistakes, flowMistakes,
		modelMistakes, indexMistakes, parameterMistakes, fileMistakes, defaultMistakes, partitionMistakes,
		int64Mistakes, revisionMistakes, procedureMistakes,
	}
}

// TestEveryCodeHasAMistake asks that no code of the checker is without a case.
func TestEveryCodeHasAMistake(t *testing.T) {
	text, err := os.ReadFile("../codes_check.go")
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, list := range mistakes() {
		require.LessOrEqual(t, len(list), 20)
		for _, m := range list {
			seen[string(m.code)] = true
		}
	}
	for _, code := range regexp.MustCompile(`Code = "([a-z-]+)"`).FindAllStringSubmatch(string(text), -1) {
		switch lang.Code(code[1]) {
		case lang.CodeBrokenProcedure: // a warning of statements that change the catalog
			continue
		case lang.CodeBadOption: // of statements of the program: see TestImport
			continue
		case lang.CodeInclude: // the program finds it when it reads the files, before it checks
			continue
		}
		require.True(t, seen[code[1]], code[1])
	}
}
