package doctest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/cli"
	"github.com/rql-lang/rql/lang"
)

// codes reads the names that the codes have in Go out of lang/codes_*.go.
func codes(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../lang/codes_*.go")
	require.NoError(t, err)
	out := map[string]string{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == "Code" {
				code, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				out[code] = v.Names[0].Name
			}
			return true
		})
	}
	return out
}

// row is a line of the tables of errors.md.
type row struct{ code, status, meaning, example string }

var rowForm = regexp.MustCompile("^\\| `([a-z0-9-]+)` \\| ([0-9]+) \\| ([^|]+) \\| (.+) \\|$")

func errorRows(t *testing.T) (fixture string, rows []row) {
	t.Helper()
	text, err := os.ReadFile("../../spec/errors.md")
	require.NoError(t, err)
	blocks, err := Blocks(string(text))
	require.NoError(t, err)
	require.Len(t, blocks, 1)
	for _, line := range strings.Split(string(text), "\n") {
		if m := rowForm.FindStringSubmatch(line); m != nil {
			rows = append(rows, row{m[1], m[2], m[3], m[4]})
		}
	}
	return blocks[0].Text, rows
}

// The tables of errors.md are the table of codes, each in its section and in
// that order; every constant of lang/codes_*.go has a row.
func TestEveryCodeIsListed(t *testing.T) {
	text, err := os.ReadFile("../../spec/errors.md")
	require.NoError(t, err)
	_, rows := errorRows(t)
	names, section := codes(t), ""
	require.Len(t, rows, len(lang.Codes()))
	require.Len(t, names, len(rows))
	for i, c := range lang.Codes() {
		require.NotEmpty(t, names[string(c.Code)], c.Code)
		require.Equal(t, row{string(c.Code), strconv.Itoa(c.Status), c.Summary, rows[i].example}, rows[i])
		if c.Section != section {
			section = c.Section
			_, after, ok := strings.Cut(string(text), "\n## "+section+"\n")
			require.True(t, ok, section)
			_, first, _ := strings.Cut(after, "\n| `")
			require.True(t, strings.HasPrefix(first, string(c.Code)+"`"), "%s begins with %s", section, c.Code)
		}
	}
}

// errors.md lists the codes after which the same call can succeed later.
func TestTransientCodesAreListed(t *testing.T) {
	text, err := os.ReadFile("../../spec/errors.md")
	require.NoError(t, err)
	var list []string
	for _, c := range lang.Codes() {
		if c.Transient {
			list = append(list, "`"+string(c.Code)+"`")
		}
	}
	last := len(list) - 1
	want := "After " + strings.Join(list[:last], ", ") + " and " + list[last] + " the same call can succeed later"
	require.Contains(t, strings.Join(strings.Fields(string(text)), " "), want)
}

// An example in the tables gives its code, and the status that stands beside it.
func TestErrorExamples(t *testing.T) {
	fixture, rows := errorRows(t)
	for i, r := range rows {
		if !strings.HasPrefix(r.example, "`") {
			continue
		}
		t.Run(r.code, func(t *testing.T) {
			var out, errs strings.Builder
			url := "mem://errors" + strconv.Itoa(i)
			require.Equal(t, 0, cli.Main([]string{"-q", "-c", fixture, "--url", url}, strings.NewReader(""), &out, &errs), "%s", &errs)
			errs.Reset()
			status := cli.Main([]string{"-q", "-c", strings.Trim(r.example, "`"), "--url", url}, strings.NewReader(""), &out, &errs)
			require.Contains(t, errs.String(), r.code+": ")
			require.Equal(t, r.status, strconv.Itoa(status))
		})
	}
}

// Every code is met by a conformance script, by an example of errors.md or by a
// test in Go: one that nothing can reach would be a promise without proof.
func TestEveryCodeIsReached(t *testing.T) {
	_, rows := errorRows(t)
	reached := map[string]bool{}
	for _, r := range rows {
		reached[r.code] = strings.HasPrefix(r.example, "`")
	}
	var proofs strings.Builder
	err := filepath.WalkDir("../..", func(path string, d os.DirEntry, err error) error {
		name := filepath.Base(path)
		if err != nil || d.IsDir() || name == "errors_test.go" && strings.Contains(path, "doctest") {
			return err
		}
		if strings.HasSuffix(name, ".rqlt") || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".txtar") {
			text, err := os.ReadFile(path)
			proofs.Write(text)
			return err
		}
		return nil
	})
	require.NoError(t, err)
	for code, name := range codes(t) {
		// In a script: an expectation or a pin; in Go: the constant or the quoted code; in both: a printed message.
		proof := regexp.MustCompile(`(?m)^(error|warn) ` + code + `\b|#!.* ` + code + `\b|"(?:[0-9:]+ )?` + code + `"|\blang\.` + name + `\b|\b` + code + `: `)
		if !reached[code] && !proof.MatchString(proofs.String()) {
			t.Errorf("nothing proves that %s can be reached", code)
		}
	}
}
