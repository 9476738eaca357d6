// Package airports tests that the example does what its text says.
package airports

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/internal/cli"
	"github.com/rql-lang/rql/internal/testredis"
)

var update = flag.Bool("update", false, "write airports.out")

// TestAirports runs the example twice, as a reader would: the answers are the
// same, but for what the imports created, on the embedded server and on Redis.
func TestAirports(t *testing.T) {
	testredis.OneByOne(t)
	t.Setenv("RQL_URL", "")
	t.Setenv("REDIS_URL", "")
	servers := map[string][]string{"embedded": {"--url", "mem://airports"}}
	if _, err := exec.LookPath("redis-server"); err == nil {
		servers["redis"] = []string{"--data", t.TempDir()}
	} else {
		t.Log("redis-server is not installed: skipped")
	}
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			first := run(t, server)
			if *update {
				require.NoError(t, os.WriteFile("airports.out", []byte(first), 0o644))
			}
			want, err := os.ReadFile("airports.out")
			require.NoError(t, err)
			require.Equal(t, string(want), first)
			again := strings.NewReplacer( // what was created is there
				"    3376 │       0 │       0 │", "       0 │       0 │    3376 │",
				"   20000 │       0 │       0 │", "       0 │       0 │   20000 │").Replace(first)
			require.NotEqual(t, first, again)
			require.Equal(t, again, run(t, server), "it can be run again")
		})
	}
}

func run(t *testing.T, server []string) string {
	t.Helper()
	var out, errs strings.Builder
	argv := append([]string{"run", "airports.rql", "--format", "table", "-q"}, server...)
	status := cli.Main(argv, strings.NewReader(""), &out, &errs)
	require.Equal(t, "", errs.String())
	require.Equal(t, 0, status)
	return out.String()
}
