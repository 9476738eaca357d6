package lua

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lua/tree"
)

// Only a profiled script counts: no function of another one mentions what it counts in.
func TestCountingIsFree(t *testing.T) {
	counts := regexp.MustCompile(`\bPF\b`)
	counting := 0
	for name, p := range library() {
		if len(name) > 3 && name[:3] == "pf_" {
			continue
		}
		require.False(t, counts.MatchString(p.text), name)
		if p.full != p.text {
			counting++
			require.True(t, counts.MatchString(p.full), name)
		}
	}
	require.Greater(t, counting, 5)
	g := newWriter(nil, nil)
	for _, n := range []*tree.Node{g.counted("PF=1"), g.countDoc(), g.countReply(), g.countIn(tree.Name("x"))} {
		require.True(t, n.Empty())
	}
}
