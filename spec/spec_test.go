package spec

import (
	"context"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite results, plans and messages in suites/")

func TestStatic(t *testing.T) {
	ran, err := RunStatic()
	require.NoError(t, err)
	t.Logf("%d blocks ran", ran)
}

func TestJudge(t *testing.T) {
	b := Judge()
	if *update {
		updateAll(t, "run", b)
	}
	tally := Run(t, b)
	require.NoError(t, b.Close())
	require.NotZero(t, tally.Ran)
}

func TestEmbedded(t *testing.T) {
	b := embedded()
	if *update {
		updateAll(t, "plan", b)
	}
	tally := Run(t, b)
	require.NoError(t, b.Close())
	require.NotZero(t, tally.Ran)
}

func TestRedis(t *testing.T) {
	require.NotZero(t, Run(t, startRedis(t)).Ran)
}

func TestServers(t *testing.T) {
	list := named(t)
	if len(list) == 0 {
		t.Skip("RQL_TEST_URLS names no server")
	}
	for _, b := range list {
		require.NotZero(t, Run(t, b).Ran)
	}
}

// updateAll rewrites the scripts of one depth in place.
func updateAll(t *testing.T, depth string, b Backend) {
	t.Helper()
	scripts, err := Scripts(depth)
	require.NoError(t, err)
	for _, s := range scripts {
		text, err := s.Update(context.Background(), b)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(s.Path, []byte(text), 0o644))
	}
}
