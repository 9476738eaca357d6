package exec_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

// dying is a program that is killed after so many round trips.
type dying struct {
	left   int
	cancel context.CancelFunc
}

// Trip implements conn.Watcher.
func (d *dying) Trip(ctx context.Context, c *conn.Conn, cmds []redis.Cmder, write redis.Cmder) error {
	if d.left--; d.left < 0 {
		d.cancel()
		return context.Canceled
	}
	return c.Carry(ctx, cmds, write) //nolint:wrapcheck // as a watcher does
}

// killedAfter runs a text until after n round trips, and reports whether it was done by then.
func killedAfter(t *testing.T, e *exec.Engine, text string, n int) bool {
	t.Helper()
	dies, cancel := context.WithCancel(ctx)
	defer cancel()
	_, err := tryCtx(conn.Watched(dies, &dying{left: n, cancel: cancel}), e, text)
	return err == nil
}

// Whenever a MODEL or a DROP MODEL is killed, statements go on, and the same statement completes it.
func TestBucketsKilled(t *testing.T) {
	testredis.OneByOne(t)
	t.Parallel()
	const before, after = `MODEL Order { id int KEY, tenant string, n int } PARTITION BY tenant;`, `MODEL Order { id int KEY, tenant string, n int INDEX } PARTITION BY tenant;`
	begin := func(t *testing.T) *exec.Engine {
		e := open(t, "mem://?ns={shop}&buckets=4")
		must(t, e, before)
		for i := range 6 {
			must(t, e, `CREATE Order { tenant: $t, id: 1, n: 5 }`, map[string]any{"t": fmt.Sprint("t", i)})
		}
		return e
	}
	t.Run("MODEL", func(t *testing.T) {
		for n := 0; ; n++ {
			e := begin(t)
			done := killedAfter(t, e, after, n)
			must(t, e, `CREATE Order { tenant: 't1', id: 2, n: 5 }; CREATE Order { tenant: 'new', id: 1, n: 5 }; UPDATE Order { tenant: 't2', id: 1 } SET n = 5`)
			require.EqualValues(t, 2, number(t, e, `COUNT Order WHERE tenant = 't1' AND n = 5`), n)
			must(t, e, after)
			require.EqualValues(t, 2, number(t, e, `COUNT Order WHERE tenant = 't1' AND n = 5`), n)
			sound(t, e)
			if done {
				require.Greater(t, n, 10)
				return
			}
		}
	})
	for name, again := range map[string]string{"DROP": `DROP MODEL Order`, "DROP, then MODEL": before} {
		t.Run(name, func(t *testing.T) {
			met := false
			for n := 0; ; n++ {
				e := begin(t)
				for i := range 6 {
					must(t, e, `DELETE Order { tenant: $t, id: 1 }`, map[string]any{"t": fmt.Sprint("t", i)})
				}
				done := killedAfter(t, e, `DROP MODEL Order`, n)
				_, err := try(e, `CREATE Order { tenant: 't9', id: 1, n: 1 }; DELETE Order { tenant: 't9', id: 1 }`)
				if err != nil && !done {
					var x *exec.Error
					if errors.As(err, &x) {
						require.Equal(t, lang.CodeStale, x.Code, n)
						require.Contains(t, x.Message, "is being dropped")
						met = true
					}
				}
				if _, err := try(e, again); err != nil {
					require.True(t, again != before && done || again != before && len(must(t, e, "SHOW MODELS").rows) == 0, "%d: %v", n, err)
				}
				if again == before {
					must(t, e, `CREATE Order { tenant: 't9', id: 1, n: 1 }`)
					sound(t, e)
				} else {
					require.Empty(t, must(t, e, "SHOW MODELS").rows)
					must(t, e, before+`CREATE Order { tenant: 't9', id: 1, n: 1 }`)
					sound(t, e)
				}
				if done {
					require.True(t, met, "no statement met the mark")
					return
				}
			}
		})
	}
}

const accounts = `MODEL Acc { id string KEY, tenant string, bal int CHECK bal >= 0, n int INDEX } PARTITION BY tenant`

// openAccounts creates two accounts for each of some tenants.
func openAccounts(t *testing.T, e *exec.Engine, tenants int) {
	t.Helper()
	must(t, e, accounts)
	for i := range tenants {
		must(t, e, `CREATE Acc [{ tenant: $t, id: 'a', bal: 1000, n: 0 }, { tenant: $t, id: 'b', bal: 1000, n: 0 }]`, map[string]any{"t": fmt.Sprint("t", i)})
	}
}

// pay moves 1 between the accounts of a tenant, and counts that.
func pay(e *exec.Engine, tenant int) error {
	_, err := try(e, `ATOMIC PARTITION $t < UPDATE Acc 'a' SET bal -= 1, n += 1; UPDATE Acc 'b' SET bal += 1, n += 1 >`, map[string]any{"t": fmt.Sprint("t", tenant)})
	return err
}

// whole checks that no transfer was applied in part, and returns how many were.
func whole(t *testing.T, e *exec.Engine, tenants int) (n int64) {
	t.Helper()
	for i := range tenants {
		rows := must(t, e, `FIND Acc WHERE tenant = $t RETURN bal, n ORDER BY id`, map[string]any{"t": fmt.Sprint("t", i)}).rows
		require.Len(t, rows, 2)
		done := rows[0][1].(int64)
		require.Equal(t, [][]any{{1000 - done, done}, {1000 + done, done}}, rows, i)
		n += done
	}
	sound(t, e)
	return n
}

// halfMoved begins to move the slot of a bucket to another node, up to the middle of its keys, of which it returns the number.
func halfMoved(nodes []*testredis.Server, bucket keyspace.Keys, random *rand.Rand) (m *testredis.Motion, keys int) {
	slot := nodes[0].Slot(bucket.Prefix)
	m = testredis.Begin(nodes, slot, testredis.Elsewhere(nodes, slot), random)
	keys = m.Left()
	m.Move(keys / 2)
	return m, keys
}

// The slot of each bucket moves under writers, key by key: no write fails, is lost or applied twice.
func TestBucketsMove(t *testing.T) {
	t.Parallel()
	const tenants = 16
	nodes := testredis.Cluster(t, 3, 0)
	e := open(t, "cluster://"+nodes[0].Addr+"?ns=shop&buckets=8")
	openAccounts(t, e, tenants)
	var done atomic.Int64
	var group sync.WaitGroup
	stop := make(chan struct{})
	for w := range 4 {
		group.Go(func() {
			for i := w; ; i += 4 {
				select {
				case <-stop:
					return
				default:
				}
				if err := pay(e, i%tenants); err != nil {
					t.Errorf("transfer: %v", err)
					return
				}
				done.Add(1)
			}
		})
	}
	random, k, moved := rand.New(rand.NewPCG(1, 2)), buckets("{shop}"), 0
	for i := range 8 {
		m, n := halfMoved(nodes, k.Bucket(i), random)
		moved += n
		time.Sleep(20 * time.Millisecond)
		require.NoError(t, e.Reload(ctx))
		m.End(nodes, random)
	}
	close(stop)
	group.Wait()
	require.Greater(t, moved, 50, "nothing moved")
	require.Greater(t, done.Load(), int64(50))
	require.Equal(t, done.Load(), whole(t, e, tenants))
}

// A primary dies under transfers in all buckets: those in its buckets wait for its replica, and what is said of each is true.
func TestBucketsPrimaryKilled(t *testing.T) {
	t.Parallel()
	const tenants, each = 16, 30
	nodes := testredis.Cluster(t, 3, 3, "--cluster-node-timeout", "1000")
	e := open(t, "cluster://"+nodes[0].Addr+"?ns=shop&buckets=8")
	openAccounts(t, e, tenants)
	var unknown, ok atomic.Int64
	var group sync.WaitGroup
	kill := sync.OnceFunc(nodes[1].Kill)
	for w := range 8 {
		group.Go(func() {
			for i := range each * tenants / 8 {
				if i == each {
					kill()
				}
				err := pay(e, (w*tenants/8+i)%tenants)
				var x *exec.Error
				switch {
				case err == nil:
					ok.Add(1)
				case errors.As(err, &x) && x.Outcome == exec.OutcomeUnknown:
					unknown.Add(1)
				default:
					t.Errorf("transfer: %v", err)
				}
			}
		})
	}
	group.Wait()
	n := whole(t, e, tenants)
	require.LessOrEqual(t, unknown.Load(), int64(8), "only those under way are in doubt")
	require.LessOrEqual(t, n, ok.Load()+unknown.Load())
	require.GreaterOrEqual(t, n, ok.Load()-16, "acknowledged by the primary just before")
}

// The slots of all buckets move under statements over all partitions: each reads every document once and changes every document once.
func TestScatterWhileBucketsMove(t *testing.T) {
	t.Parallel()
	const tenants = 16
	nodes := testredis.Cluster(t, 3, 0)
	e := open(t, "cluster://"+nodes[0].Addr+"?ns=shop&buckets=8")
	openAccounts(t, e, tenants)
	var fixed [][]any
	for i := range tenants {
		for _, id := range []string{"a", "b"} {
			fixed = append(fixed, []any{fmt.Sprint("t", i), id})
		}
	}
	var group sync.WaitGroup
	stop := make(chan struct{})
	run := func(f func(i int) error) *atomic.Int64 {
		var done atomic.Int64
		group.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := f(i); err != nil {
					t.Error(err)
					return
				}
				done.Add(1)
			}
		})
		return &done
	}
	affected := func(text string, n int64, args ...map[string]any) error {
		r, err := try(e, text, args...)
		if err == nil && r.affected != n {
			err = fmt.Errorf("%s: %d documents", text, r.affected)
		}
		return err
	}
	wrote := run(func(i int) error {
		docs := make([]any, tenants)
		for t := range docs {
			docs[t] = map[string]any{"tenant": fmt.Sprint("t", t), "id": fmt.Sprint("c", i), "bal": int64(1), "n": int64(i)}
		}
		err := affected("CREATE Acc $docs", tenants, map[string]any{"docs": docs})
		if err == nil {
			err = affected("UPDATE Acc WHERE id = $id SET n += 1", tenants, map[string]any{"id": fmt.Sprint("c", i)})
		}
		if err == nil {
			err = affected("DELETE Acc WHERE n = $n AND bal = 1", tenants, map[string]any{"n": int64(i + 1)})
		}
		return err
	})
	read := run(func(i int) error {
		text := []string{"FIND Acc WHERE bal = 1000 RETURN tenant, id ORDER BY n", "FIND Acc WHERE bal = 1000 RETURN tenant, id"}[i%2]
		r, err := try(e, text)
		if err == nil && !assert.ElementsMatch(t, fixed, r.rows, text) {
			err = errors.New(text)
		}
		return err
	})
	must(t, e, "MODEL Plan { id string KEY, marks refs<Mark.plan> }; MODEL Mark { id int KEY, tenant string, plan ref<Plan> INDEX } PARTITION BY tenant; CREATE Plan [{ id: 'a' }, { id: 'b' }]")
	for i := range tenants {
		must(t, e, "CREATE Mark { tenant: $t, id: 1, plan: 'a' }", map[string]any{"t": fmt.Sprintf("t%02d", i)})
	}
	row := func(at string) any { return map[string]any{"tenant": at} }
	marks := [][]any{{"a", int64(tenants), []any{row("t00"), row("t01")}}}
	linked := run(func(int) error {
		const text = "FIND Plan WHERE count(marks) > 1 FETCH marks (RETURN tenant ORDER BY tenant LIMIT 2) RETURN id, count(marks) AS n, marks"
		r, err := try(e, text)
		if err == nil && !assert.Equal(t, marks, r.rows, text) {
			err = errors.New(text)
		}
		return err
	})
	random, k, moved := rand.New(rand.NewPCG(3, 4)), buckets("{shop}"), 0
	for i := range 16 { // twice each
		m, n := halfMoved(nodes, k.Bucket(i%8), random)
		moved += n
		time.Sleep(50 * time.Millisecond)
		m.End(nodes, random)
	}
	close(stop)
	group.Wait()
	require.Greater(t, moved, 50, "nothing moved")
	t.Logf("%d texts of writes, %d reads", wrote.Load(), read.Load())
	require.Greater(t, wrote.Load(), int64(3))
	require.Greater(t, read.Load(), int64(3))
	require.Greater(t, linked.Load(), int64(3))
	require.EqualValues(t, 2*tenants, must(t, e, "COUNT Acc").rows[0][0])
	sound(t, e)

	// A node that takes the register over may have lost what was entered last.
	other := open(t, "cluster://"+nodes[0].Addr+"?ns=shop&buckets=8")
	must(t, other, "CREATE Acc { tenant: 'late', id: 'a', bal: 1, n: 0 }")
	slot := nodes[0].Slot("{shop}")
	require.EqualValues(t, 1, testredis.Owner(nodes, slot).Do("ZREM", "{shop}:rql:begun:Acc", "Acc@late"))
	testredis.Begin(nodes, slot, testredis.Elsewhere(nodes, slot), random).End(nodes, random)
	require.NoError(t, e.Reload(ctx))
	for _, e := range []*exec.Engine{e, other} {
		require.Eventually(t, func() bool { return must(t, e, "COUNT Acc").rows[0][0] == int64(2*tenants+1) }, 10*time.Second, 100*time.Millisecond)
	}
	sound(t, e)
}
