package gocheck

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// Each mistake is found in its line of the Go file, and nothing else is.
func TestCheck(t *testing.T) {
	r, err := Check(t.Context(), Options{Dir: "testdata/shop", Patterns: []string{"./..."}})
	require.NoError(t, err)
	require.Equal(t, 19, r.Texts)
	require.ErrorContains(t, r.Err(), "unknown-name")
	var got []string
	for _, f := range r.Files {
		for _, d := range f.Diags {
			line, _ := f.Source.Position(d.Span.Start)
			got = append(got, fmt.Sprintf("%s:%d %s", f.Source.Name, line, d.Code))
			require.NotEmpty(t, f.Source.Slice(d.Span))
		}
	}
	content, err := os.ReadFile("testdata/shop/web/web.go")
	require.NoError(t, err)
	var want []string
	for i, line := range strings.Split(string(content), "\n") {
		if m := regexp.MustCompile(`// ([a-z]+(-[a-z]+)*)$`).FindStringSubmatch(line); m != nil {
			want = append(want, fmt.Sprintf("%s:%d %s", filepath.Join("web", "web.go"), i+1, m[1]))
		}
	}
	require.Equal(t, want, got)
}

// What a place says is what is wrong, through escapes, several lines and texts that are put together.
func TestPlaces(t *testing.T) {
	r, err := Check(t.Context(), Options{Dir: "testdata/shop", Patterns: []string{"./web"}})
	require.NoError(t, err)
	var places []string
	for _, d := range r.Files[0].Diags {
		places = append(places, r.Files[0].Source.Slice(d.Span))
	}
	for _, place := range []string{"nam", "Usr", "1", `\u006eame = $n`, "name"} {
		require.True(t, slices.Contains(places, place), "%s in %q", place, places)
	}
	require.Equal(t, lang.SeverityWarning, r.Files[0].Diags[slices.Index(places, "name")].Severity)
}

// A program that does not compile is an error, and so is a pattern that nothing matches.
func TestDoesNotCompile(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module x\n\ngo 1.26\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x.go"), []byte("package x\n\nvar _ int = \"\"\n"), 0o600))
	_, err := Check(t.Context(), Options{Dir: dir, Patterns: []string{"."}})
	require.ErrorContains(t, err, "does not compile")
	_, err = Check(t.Context(), Options{Dir: dir, Patterns: []string{"./none"}})
	require.ErrorContains(t, err, "none")
}
