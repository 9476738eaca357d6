package spec

import (
	"flag"
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
	defer b.Close()
	Run(t, b)
}
