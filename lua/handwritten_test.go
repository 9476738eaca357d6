package lua

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every command that a script runs is in the list of those that are asked for when one is refused.
func TestCommandsAreListed(t *testing.T) {
	call := regexp.MustCompile(`(?:call|pcl|op|probe|chunked|allowed|cmd, a, b =)[( ]'([A-Z][A-Z.]+)'|=\{'([A-Z][A-Z.]+)',`)
	var files []string
	for _, pattern := range []string{"*.go", "scripts/*.lua", "handwritten/*.lua"} {
		list, err := filepath.Glob(pattern)
		require.NoError(t, err)
		files = append(files, list...)
	}
	found := map[string]bool{}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			found[m[1]+m[2]] = true
		}
	}
	require.Greater(t, len(found), 20)
	for c := range found {
		require.True(t, slices.Contains(commands[:], c), c)
	}
}
