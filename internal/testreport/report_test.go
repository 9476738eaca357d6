package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const events = `{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:3: judge: 5 blocks ran, 2 skipped: no clock\n"}
{"Action":"pass","Package":"p","Test":"TestA","Elapsed":1.25}
{"Action":"output","Package":"p","Test":"TestB","Output":"=== RUN   TestB\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: redis-server is not installed\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestC","Output":"    c_test.go:9: wrong\n"}
{"Action":"fail","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Test":"TestD","Output":"panic: test timed out after 1s\n"}
{"Action":"fail","Package":"p","Elapsed":0.5}
not an event
{"Action":"pass","Package":"q","Elapsed":0.1}
`

func TestReport(t *testing.T) {
	var out strings.Builder
	r := newReport(&out)
	require.NoError(t, r.read(strings.NewReader(events)))
	r.summary()
	require.Equal(t, `p TestC
    c_test.go:9: wrong
p TestD did not end
panic: test timed out after 1s
FAIL  p 0.5s
not an event
ok    q 0.1s

1 tests passed, 1 failed, 1 skipped
  skipped 1: redis-server is not installed
  scripts: judge: 5 blocks ran, 2 skipped: no clock
  slow:   1.2s p TestA
`, out.String())
}

// What the run requires is asked for before anything is run.
func TestRequired(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("RQL_REQUIRE", "redis")
	var out strings.Builder
	require.Equal(t, 1, run(nil, &out))
	require.Contains(t, out.String(), "there is no server redis: no redis-server is installed")
	t.Setenv("RQL_REQUIRE", "redis9")
	out.Reset()
	require.Equal(t, 1, run(nil, &out))
	require.Contains(t, out.String(), "names no server: redis9")
	t.Setenv("RQL_REQUIRE", "")
	out.Reset()
	require.Equal(t, 1, run(nil, &out), "there is no go either")
	require.Contains(t, out.String(), "cannot be started")
}
