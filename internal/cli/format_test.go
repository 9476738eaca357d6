package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// rql fmt -w replaces a file as a whole: another name of the old one has the old text.
func TestFormatReplaces(t *testing.T) {
	dir := t.TempDir()
	file, other := filepath.Join(dir, "x.rql"), filepath.Join(dir, "old.rql")
	require.NoError(t, os.WriteFile(file, []byte("show models"), 0o640)) //nolint:gosec // it is kept
	require.NoError(t, os.Link(file, other))
	rql(t, "fmt", "-w", file)
	for name, want := range map[string]string{file: "SHOW MODELS\n", other: "show models"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, want, string(text))
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	}
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, list, 2)
}
