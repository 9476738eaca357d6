package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/testredis"
)

// The program says when it connects to a server that may evict keys, and where there is nothing to say nothing.
func TestEvictionIsSaid(t *testing.T) {
	s := testredis.Run(t, "--maxmemory", "100mb")
	run := func() string {
		out, err := os.Create(filepath.Join(t.TempDir(), "out"))
		require.NoError(t, err)
		said, err := os.Create(filepath.Join(t.TempDir(), "err"))
		require.NoError(t, err)
		require.Zero(t, Main([]string{s.URL, "-c", "SHOW MODELS"}, os.Stdin, out, said))
		text, err := os.ReadFile(said.Name())
		require.NoError(t, err)
		return string(text)
	}
	require.NotContains(t, run(), "may-evict")
	s.Do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
	require.Contains(t, run(), "warning: may-evict: this server evicts any key when its memory is full (maxmemory-policy allkeys-lru)")
}
