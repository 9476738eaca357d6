package exec_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// transfers moves money between twenty accounts, so many times by eight
// workers, does something in between, and asks that what was said of each
// transfer is true.
func transfers(t *testing.T, e *exec.Engine, n int, at int, meanwhile func()) (worst time.Duration) {
	t.Helper()
	must(t, e, "MODEL Acc { id int KEY, bal int CHECK bal >= 0 INDEX }; MODEL T { id int KEY, n int }")
	var accounts []any
	for i := range 20 {
		accounts = append(accounts, map[string]any{"id": i, "bal": 10000})
	}
	must(t, e, "CREATE Acc $rows", map[string]any{"rows": accounts})
	var next atomic.Int64
	var waited longest
	var wg sync.WaitGroup
	outcomes, ended := make([]error, n), make([]time.Time, n)
	var killed time.Time
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if i == at {
					killed = time.Now()
					meanwhile()
				}
				start := time.Now()
				_, outcomes[i] = try(e, "ATOMIC < UPDATE Acc $a SET bal -= 1; UPDATE Acc $b SET bal += 1; CREATE T { id: $i, n: 1 } >", map[string]any{"a": i % 20, "b": (i + 7) % 20, "i": i})
				ended[i] = time.Now()
				waited.add(ended[i].Sub(start))
			}
		}()
	}
	wg.Wait()
	there := map[int64]bool{}
	for _, r := range must(t, e, "FIND T").rows {
		there[r[0].(int64)] = true
	}
	done, lost, unknown := 0, 0, 0
	for i, err := range outcomes {
		var x *exec.Error
		switch {
		case err == nil && !there[int64(i)]:
			require.WithinDuration(t, killed, ended[i], 50*time.Millisecond, "transfer %d was acknowledged and is not there", i)
			lost++ // by the primary that had not sent it to its replica yet
		case err == nil:
			done++
		case errors.As(err, &x) && x.Outcome == exec.OutcomeUnknown:
			require.Equal(t, lang.CodeOutcomeUnknown, x.Code)
			unknown++
		default:
			t.Errorf("transfer %d: %v", i, err)
		}
	}
	require.LessOrEqual(t, unknown, 8, "only those under way are in doubt")
	require.LessOrEqual(t, lost, 16)
	require.Equal(t, int64(200000), number(t, e, "FIND Acc RETURN sum(bal) AS s"))
	sound(t, e)
	t.Logf("%d done, %d lost with the primary, %d unknown, the longest took %v", done, lost, unknown, waited.get())
	return waited.get()
}

// nodeTimeout is how long the nodes of a test's cluster wait for one that does not answer.
const nodeTimeout = time.Second

// A primary of a cluster dies under transfers: those that were not under way
// wait for its replica, and whatever was said of each is true.
func TestFaultPrimaryKilled(t *testing.T) {
	t.Parallel()
	nodes := testredis.Cluster(t, 3, 3, "--cluster-node-timeout", "1000")
	e, err := exec.Open(ctx, "cluster://"+nodes[0].Addr+"?ns=shop", exec.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = e.Close() })
	primary := testredis.Owner(nodes, nodes[0].Slot("{shop}"))
	worst := transfers(t, e, 500, 200, primary.Kill)
	require.Greater(t, worst, nodeTimeout/2, "nobody has met the fail-over")
	require.Less(t, worst, nodeTimeout+conn.DefaultRetry)
}

// A fail-over that somebody asks for: the primary of before lives on, as a
// replica that refuses what is sent to it. Nothing fails, and nothing is in doubt.
func TestFaultPlannedFailover(t *testing.T) {
	_, replica, addr := testredis.Sentinel(t, 10*nodeTimeout)
	e, err := exec.Open(ctx, "sentinel://"+addr+"?master=rql", exec.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = e.Close() })
	c := redis.NewClient(&redis.Options{Addr: addr, DisableIdentity: true})
	t.Cleanup(func() { _ = c.Close() })
	must(t, e, "MODEL Warm { id int KEY }")
	require.Eventually(t, func() bool { return c.Do(ctx, "SENTINEL", "FAILOVER", "rql").Err() == nil }, 10*time.Second, 20*time.Millisecond, "the Sentinel has not heard enough of the replica")
	until := time.Now().Add(20 * time.Second)
	for n := 0; replica.Do("ROLE").([]any)[0] != "master" || n < 50; n++ {
		require.True(t, time.Now().Before(until), "no fail-over")
		must(t, e, "PUT Warm { id: 1 }")
	}
	sound(t, e)
}

// The same where Sentinels decide, and with a client of the caller's.
func TestFaultSentinel(t *testing.T) {
	t.Parallel()
	primary, replica, addr := testredis.Sentinel(t, nodeTimeout)
	e, err := exec.Open(ctx, "sentinel://"+addr+"?master=rql", exec.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = e.Close() })
	worst := transfers(t, e, 500, 200, primary.Kill)
	require.Greater(t, worst, nodeTimeout/2, "nobody has met the fail-over")
	require.Contains(t, replica.Do("ROLE").([]any)[0], "master")

	c := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: "rql", SentinelAddrs: []string{addr}})
	t.Cleanup(func() { _ = c.Close() })
	own, err := exec.Wrap(ctx, c, exec.Options{})
	require.NoError(t, err)
	require.Equal(t, int64(200000), number(t, own, "FIND Acc RETURN sum(bal) AS s"))

	_, err = exec.Open(ctx, "redis://"+addr, exec.Options{})
	require.Contains(t, runError(t, err, addr).Hint, "sentinel://")
	_, err = exec.Open(ctx, "sentinel://"+addr+"?master=other", exec.Options{})
	x := runError(t, err, "other")
	require.Equal(t, lang.CodeConnection, x.Code, x.Error())
	require.Contains(t, x.Hint, "SENTINEL MASTERS")
}
