package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

var (
	failing = regexp.MustCompile(`\b(?:fail|fault)\('([a-z0-9-]+)'`)
	quoted  = regexp.MustCompile(`"([a-z0-9]+(?:-[a-z0-9]+)+)"`)
)

// A code is written in lang/codes_*.go and nowhere else in Go; in Lua, which has
// no constants, only codes of that table stand.
func TestCodesAreWrittenOnce(t *testing.T) {
	const root = "../.."
	known := map[string]bool{}
	for _, c := range lang.Codes() {
		known[string(c.Code)] = true
	}
	inLua := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		lua, product := strings.HasSuffix(name, ".lua"), strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go")
		if err != nil || d.IsDir() || !lua && !product {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range failing.FindAllStringSubmatch(string(text), -1) {
			inLua++
			require.True(t, known[m[1]], "%s: %s is no code", name, m[1])
		}
		if strings.HasPrefix(name, "lang/codes_") || strings.HasPrefix(name, "internal/doctest/") || strings.HasPrefix(name, "examples/") {
			return nil
		}
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			require.False(t, known[m[1]], "%s: write the constant of %s", name, m[1])
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, inLua, 100)
}
