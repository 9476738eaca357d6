package exec_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/lock"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// On a cluster a namespace lies in one slot: braces are implied, and a database
// without a name is refused before anything is sent.
func TestFaultCluster(t *testing.T) {
	t.Parallel()
	s := testredis.Cluster(t, 1, 0)[0]
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{s.Addr}})
	t.Cleanup(func() { _ = c.Close() })
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": s.Addr}})
	t.Cleanup(func() { _ = ring.Close() })
	openers := map[string]func(ns string) (*exec.Engine, error){
		"unix": func(ns string) (*exec.Engine, error) { return exec.Open(ctx, s.URL, exec.Options{Namespace: ns}) },
		"redis": func(ns string) (*exec.Engine, error) {
			return exec.Open(ctx, "redis://"+s.Addr+"?ns="+ns, exec.Options{})
		},
		"cluster": func(ns string) (*exec.Engine, error) {
			return exec.Open(ctx, "cluster://"+s.Addr+"/0?ns="+ns, exec.Options{})
		},
		"node":   func(ns string) (*exec.Engine, error) { return exec.Wrap(ctx, s.Client, exec.Options{Namespace: ns}) },
		"client": func(ns string) (*exec.Engine, error) { return exec.Wrap(ctx, c, exec.Options{Namespace: ns}) },
	}
	for name, open := range openers {
		for _, bad := range []string{"", "a{}", "{", "}x", "a}{"} {
			_, err := open(bad)
			x := runError(t, err, name+bad)
			require.Equal(t, lang.CodeNeeds, x.Code, name)
			require.Contains(t, x.Hint, "ns", name)
		}
		for ns, want := range map[string]string{name: "{" + name + "}", "{" + name + "}": "{" + name + "}", "x{" + name + "}y": "x{" + name + "}y"} {
			e, err := open(ns)
			require.NoError(t, err, name)
			require.Equal(t, want, e.Namespace())
			if _, err = try(e, fixture); err != nil { // the same database by its other name
				require.Equal(t, lang.CodeAlreadyExists, runError(t, err, ns).Code)
			}
			for _, text := range []string{dataChanges[4], reads[0]} {
				must(t, e, text)
			}
			sound(t, e)
			require.NoError(t, e.Close())
		}
	}
	_, err := exec.Wrap(ctx, ring, exec.Options{Namespace: "{shop}"})
	require.Contains(t, runError(t, err, "ring").Hint, "NewClusterClient")
	replicas := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{s.Addr}, RouteByLatency: true})
	t.Cleanup(func() { _ = replicas.Close() })
	_, err = exec.Wrap(ctx, replicas, exec.Options{Namespace: "{shop}"})
	require.Contains(t, runError(t, err, "replicas").Hint, "RouteByLatency")
	for url, hint := range map[string]string{
		"cluster://" + s.Addr + "/3?ns=a":        "database 0",
		"cluster://" + s.Addr + "?ns=a&db=3":     "database 0",
		"redis://" + s.Addr + "/3?ns=a":          "database 0",
		"cluster://user:p@/?ns=a":                "looks like",
		"cluster://" + s.Addr + ",:1?ns=a":       "looks like",
		"cluster://127.0.0.1:1,127.0.0.1:2?ns=a": "running",
		"sentinel://" + s.Addr:                   "?master=",
	} {
		_, err := exec.Open(ctx, url, exec.Options{})
		require.Contains(t, runError(t, err, url).Hint, hint, url)
	}

	e, err := exec.Open(ctx, "cluster://127.0.0.1:1,"+s.Addr+"?ns=shop", exec.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = e.Close() })
	must(t, e, fixture)
	for _, text := range append(append(append([]string{}, dataChanges...), reads...), deletes...) {
		must(t, e, text)
		sound(t, e)
	}
}

// A client of the whole cluster finds the node of each namespace, and a URL of
// one node finds the others. A connection to one node that the caller has made stays there.
func TestFaultClusterNodes(t *testing.T) {
	t.Parallel()
	nodes := testredis.Cluster(t, 2, 0)
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Addr}})
	t.Cleanup(func() { _ = c.Close() })
	used := map[bool]int{}
	for _, ns := range []string{"{a}", "{b}", "{shop}"} {
		e, err := exec.Open(ctx, "redis://"+nodes[0].Addr, exec.Options{Namespace: ns})
		require.NoError(t, err)
		t.Cleanup(func() { _ = e.Close() })
		must(t, e, fixture)
		must(t, e, ways)
		for _, text := range append(append(append([]string{}, dataChanges...), reads...), deletes...) {
			must(t, e, text)
		}
		must(t, e, "ATOMIC KEY 'k' FOR 1h <"+every+">")
		require.Equal(t, int64(1), number(t, e, "ATOMIC KEY 'k2' FOR 1h < CALL touch('new'); LET s = GET Site 'new'; RETURN s.hits >"))
		require.NoError(t, e.Lock(ctx, keys("u1", "u2"), lock.Lease, func(context.Context, int64) error { return nil }))
		sound(t, e)

		w, err := exec.Wrap(ctx, c, exec.Options{Namespace: ns})
		require.NoError(t, err)
		require.NoError(t, c.SAdd(ctx, ns+":rql:c:User:gone:u1", "x").Err())
		for range 5 { // what has no key goes to the node of the namespace too, not to any
			require.Equal(t, [][]any{{ns + ":rql:c:User:gone:u1", "User has no collection gone"}}, must(t, w, "VERIFY User").rows, ns)
		}

		_, err = exec.Wrap(ctx, nodes[0].Client, exec.Options{Namespace: ns})
		used[err == nil]++
		if err == nil {
			continue
		}
		x := runError(t, err, ns)
		require.Equal(t, lang.CodeNeeds, x.Code, x.Error())
		require.Contains(t, x.Hint, "cluster://")
	}
	require.Len(t, used, 2, "the namespaces all lie on one node")
}

// Databases that are not there, and passwords that are not written as they must be.
func TestOpenHints(t *testing.T) {
	s := testredis.Run(t, "--requirepass", "p@ss:w/o?r#d%")
	host := strings.TrimPrefix(newProxy(t, s).URL, "redis://")
	e := open(t, "redis://:p%40ss%3Aw%2Fo%3Fr%23d%25@"+host)
	must(t, e, fixture)
	for url, hint := range map[string]string{
		"redis://:p%40ss%3Aw%2Fo%3Fr%23d%25@" + host + "/99": "0 to 15",
		"redis://:p@ss:w/o?r#d%@" + host:                     "%40",
		"redis://:w/o@" + host:                               "%2F",
		"redis://u:12/o@" + host:                             "%2F",
		"redis://:r#d@" + host:                               "%23",
		"redis://u:12#d@" + host:                             "%23",
		"redis://u:o?r@" + host:                              "%3F",
		"redis://u:12?r@" + host:                             "%3F",
		"redis://:d%@" + host:                                "%25",
	} {
		_, err := exec.Open(ctx, url, exec.Options{})
		x := runError(t, err, url)
		require.Contains(t, x.Hint, hint, "%s: %v", url, x)
	}
}

// A replica reads, and refuses what changes something.
func TestReplicaReads(t *testing.T) {
	primary, replica, _ := testredis.Sentinel(t, time.Minute)
	must(t, open(t, primary.URL), fixture)
	require.Eventually(t, func() bool { return replica.Client.DBSize(ctx).Val() == primary.Client.DBSize(ctx).Val() }, 10*time.Second, 10*time.Millisecond)
	e := open(t, replica.URL)
	for _, text := range reads {
		must(t, e, text)
	}
	for _, text := range dataChanges {
		want{code: lang.CodeReadOnly, hint: "primary"}.matches(t, text, failure(t, e, text))
	}
}
