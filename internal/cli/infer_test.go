package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/testredis"
)

// rql infer beside a server warns where the documents do not fit its memory, and where it may evict them; what it writes can be run, and
// warns when it is run again if its records have no key.
func TestInferBesideServer(t *testing.T) {
	s := testredis.Run(t, "--maxmemory", "100mb")
	file := filepath.Join(t.TempDir(), "n.csv")
	require.NoError(t, os.WriteFile(file, []byte("a,b\n1,x\n1,y\n2,x\n2,x\n"), 0o600))
	run := func(args ...string) (out, said string) {
		var stdout, stderr strings.Builder
		cmd := command(append(args, "--url", s.URL)...)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		require.NoError(t, cmd.Run(), stderr.String())
		return stdout.String(), stderr.String()
	}
	text, _ := run("infer", file)
	require.NotContains(t, text, "WARNING")
	require.Contains(t, text, "-- 4 documents: about ")

	s.Do("CONFIG", "SET", "maxmemory", "1")
	warned, _ := run("infer", file)
	require.Regexp(t, `-- WARNING: the server may use 1 bytes and uses [0-9.]+ MB: the documents do not fit\n`, warned)
	s.Do("CONFIG", "SET", "maxmemory", "100mb")
	s.Do("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
	warned, _ = run("infer", file)
	require.Contains(t, warned, "-- WARNING: this server evicts any key when its memory is full (maxmemory-policy allkeys-lru)")
	require.NotContains(t, warned, "do not fit")
	require.True(t, strings.HasSuffix(warned, text[strings.Index(text, "MODEL"):]), "the model is the same")

	s.Do("CONFIG", "SET", "maxmemory-policy", "noeviction")
	model := filepath.Join(t.TempDir(), "n.rql")
	require.NoError(t, os.WriteFile(model, []byte(text), 0o600))
	_, said := run("run", model)
	require.NotContains(t, said, "may-double")
	_, said = run("run", model)
	require.Contains(t, said, "may-double")
	out, _ := run("-q", "-c", "COUNT N", "--format", "csv")
	require.Equal(t, "count\n8\n", out)

	// The documents of all partitions count.
	lines := filepath.Join(t.TempDir(), "p.jsonl")
	require.NoError(t, os.WriteFile(lines, []byte("{\"t\":\"a\"}\n{\"t\":\"b\"}\n"), 0o600))
	imports := "IMPORT '" + lines + "' INTO P"
	_, said = run("-c", "MODEL P { id string KEY DEFAULT uuid(), t string } PARTITION BY t; "+imports)
	require.NotContains(t, said, "may-double")
	_, said = run("-c", imports)
	require.Contains(t, said, "if the 2 documents of P are")
}
