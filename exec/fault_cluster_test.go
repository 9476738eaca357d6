package exec_test

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// On a cluster, a namespace without braces spreads over all slots: what needs
// two of them is refused as a whole. One with braces lies in one slot.
func TestFaultCluster(t *testing.T) {
	s := testredis.Cluster(t, 1, 0)[0]
	e := open(t, s.URL)
	nothing(t, e, s.Client, fixture, want{code: lang.CodeNeeds, hint: "namespace in braces"})
	braces, err := exec.Open(ctx, s.URL, exec.Options{Namespace: "{shop}"})
	require.NoError(t, err)
	t.Cleanup(func() { _ = braces.Close() })
	must(t, braces, fixture)
	for _, text := range append(append(append([]string{}, dataChanges...), reads...), deletes...) {
		must(t, braces, text)
		sound(t, braces)
	}
}

// With a client of the whole cluster each namespace finds its node; with a
// connection to one node those of the others are refused.
func TestFaultClusterNodes(t *testing.T) {
	nodes := testredis.Cluster(t, 2, 0)
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Addr}})
	t.Cleanup(func() { _ = c.Close() })
	used := map[bool]int{}
	for _, ns := range []string{"{a}", "{b}", "{shop}"} {
		e, err := exec.Wrap(ctx, c, exec.Options{Namespace: ns})
		require.NoError(t, err)
		must(t, e, fixture)
		must(t, e, ways)
		for _, text := range append(append(append([]string{}, dataChanges...), reads...), deletes...) {
			must(t, e, text)
		}
		must(t, e, "ATOMIC KEY 'k' FOR 1h <"+every+">")
		require.Equal(t, int64(1), number(t, e, "ATOMIC KEY 'k2' FOR 1h < CALL touch('new'); LET s = GET Site 'new'; RETURN s.hits >"))
		require.NoError(t, e.Lock(ctx, keys("u1", "u2"), exec.Lease, func(context.Context, int64) error { return nil }))
		sound(t, e)

		first, err := exec.Open(ctx, "redis://"+nodes[0].Addr, exec.Options{Namespace: ns})
		used[err == nil]++
		if err == nil {
			require.NoError(t, first.Close())
			continue
		}
		x := runError(t, err, ns)
		require.Equal(t, lang.CodeNeeds, x.Code, x.Error())
		require.Contains(t, x.Hint, "another node")
	}
	require.Len(t, used, 2, "the namespaces all lie on one node")
}
