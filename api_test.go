package rql_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryNameHasAnExample: and spec/go.md says why each of them is there.
func TestEveryNameHasAnExample(t *testing.T) {
	fset := token.NewFileSet()
	names, err := os.ReadDir(".")
	require.NoError(t, err)
	var files []*ast.File
	for _, n := range names {
		if strings.HasSuffix(n.Name(), ".go") {
			f, err := parser.ParseFile(fset, n.Name(), nil, parser.ParseComments)
			require.NoError(t, err)
			files = append(files, f)
		}
	}
	p, err := doc.NewFromFiles(fset, files, "github.com/rql-lang/rql")
	require.NoError(t, err)
	table, err := os.ReadFile("spec/go.md")
	require.NoError(t, err)
	n := 0
	check := func(name string, examples []*doc.Example) {
		n++
		require.NotEmpty(t, examples, "%s has no Example", name)
		require.True(t, strings.Contains(string(table), "\n| `"+name+"`"), "%s is not in the table of names", name)
	}
	funcs := p.Funcs
	for _, typ := range p.Types {
		check(typ.Name, typ.Examples)
		funcs = append(funcs, typ.Funcs...)
	}
	for _, f := range funcs {
		check(f.Name, f.Examples)
	}
	values := 0
	for _, list := range [][]*doc.Value{p.Consts, p.Vars} {
		for _, v := range list {
			for _, name := range v.Names {
				if ast.IsExported(name) && !strings.HasPrefix(name, "Code") && !strings.HasPrefix(name, "Err") {
					values++
				}
			}
		}
	}
	require.LessOrEqual(t, n+values, 60)
	t.Logf("%d names", n+values)
}
