package exec_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
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

// answeredBy counts how often nodes have answered with an error of this word.
func answeredBy(t testing.TB, nodes []*testredis.Server, word string) int {
	t.Helper()
	n := 0
	for _, s := range nodes {
		for _, line := range strings.Split(s.Do("INFO", "errorstats").(string), "\r\n") {
			if rest, ok := strings.CutPrefix(line, "errorstat_"+word+":count="); ok {
				k, err := strconv.Atoi(rest)
				require.NoError(t, err)
				n += k
			}
		}
	}
	return n
}

// moving is a cluster with several databases, two of them in one slot.
type moving struct {
	nodes  []*testredis.Server
	dbs    []*exec.Engine
	slots  []int
	rows   int // documents of each
	random *rand.Rand
}

func newMoving(t *testing.T, namespaces, rows int) *moving {
	t.Helper()
	m := &moving{nodes: testredis.Cluster(t, 3, 3), rows: rows, random: rand.New(rand.NewPCG(5, 6))}
	var docs []any
	for i := range rows {
		docs = append(docs, map[string]any{"id": i, "n": i, "text": strings.Repeat("x", i%50)})
	}
	for i := range namespaces {
		ns := fmt.Sprintf("{s%d}", i)
		if i == 1 {
			ns = "other{s0}"
		}
		e, err := exec.Open(ctx, "cluster://"+m.nodes[0].Addr, exec.Options{Namespace: ns})
		require.NoError(t, err)
		t.Cleanup(func() { _ = e.Close() })
		must(t, e, "MODEL D { id int KEY, n int INDEX, hits int INDEX DEFAULT 0, text string, UNIQUE (n) }")
		must(t, e, "CREATE D $docs", map[string]any{"docs": docs})
		m.dbs, m.slots = append(m.dbs, e), append(m.slots, m.nodes[0].Slot(ns))
	}
	return m
}

// sameSlot is how often in a row one slot moves: quick enough for an answer of
// the motion before the last to be followed.
const sameSlot = 5

// move moves the slot of one database to another primary, for the nth time.
func (m *moving) move(n int) {
	slot := m.slots[n/sameSlot%len(m.slots)]
	to := m.nodes[m.random.IntN(3)]
	for to == testredis.Owner(m.nodes, slot) {
		to = m.nodes[m.random.IntN(3)]
	}
	testredis.Begin(m.nodes, slot, to, m.random).End(m.nodes, m.random)
}

// scan asks one database for all its documents, in one of several ways, and
// says what is wrong with the answer.
func (m *moving) scan(e *exec.Engine, way int) error {
	texts := []string{"FIND D WHERE n >= 0 AND text != 'y' RETURN id", "FIND D RETURN id", "FIND D WHERE n >= 0 RETURN id ORDER BY n", "COUNT D WHERE n >= 0"}
	text := texts[way%len(texts)]
	r, err := try(e, text)
	if err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	if strings.HasPrefix(text, "COUNT") {
		if n := r.rows[0][0].(int64); n != int64(m.rows) {
			return fmt.Errorf("%s: %d", text, n)
		}
		return nil
	}
	seen := map[int64]bool{}
	for _, row := range r.rows {
		seen[row[0].(int64)] = true
	}
	if len(seen) != m.rows || len(r.rows) != m.rows {
		return fmt.Errorf("%s: %d rows, %d of them different", text, len(r.rows), len(seen))
	}
	return nil
}

// Slots move while everything in them is read and written. No row is missing,
// none comes twice, nothing fails, and every write that was acknowledged is done once.
func TestFaultSlotsMove(t *testing.T) {
	t.Parallel()
	const moves = 40
	m := newMoving(t, 8, 150)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var scans, writes atomic.Int64
	var waited longest
	until := func(f func(random *rand.Rand) error) {
		wg.Add(1)
		seed := rand.Uint64()
		go func() {
			defer wg.Done()
			for random := rand.New(rand.NewPCG(seed, 7)); ; {
				select {
				case <-stop:
					return
				default:
				}
				start := time.Now()
				if err := f(random); err != nil {
					t.Error(err)
					return
				}
				waited.add(time.Since(start))
			}
		}()
	}
	for range 4 {
		until(func(random *rand.Rand) error {
			scans.Add(1)
			return m.scan(m.dbs[random.IntN(len(m.dbs))], random.IntN(4))
		})
	}
	for range 2 {
		until(func(random *rand.Rand) error {
			_, err := try(m.dbs[random.IntN(len(m.dbs))], "UPDATE D $id SET hits += 1", map[string]any{"id": random.IntN(m.rows)})
			writes.Add(1)
			return err
		})
	}
	start := time.Now()
	moved := 0
	for ; moved < moves || scans.Load() <= moves; moved++ {
		m.move(moved)
		if t.Failed() {
			break
		}
	}
	took := time.Since(start)
	close(stop)
	wg.Wait()
	done := int64(0)
	for _, e := range m.dbs {
		done += number(t, e, "FIND D RETURN sum(hits) AS s")
		sound(t, e)
	}
	require.Equal(t, writes.Load(), done)
	met := answeredBy(t, m.nodes, "TRYAGAIN")
	t.Logf("%d moves in %v under %d scans and %d writes; TRYAGAIN %d times; the longest statement took %v", moved, took, scans.Load(), done, met, waited.get())
	require.Less(t, waited.get(), conn.DefaultRetry/2)
	require.Positive(t, met, "no motion was met")

	// Of two databases in one slot, one is emptied.
	must(t, m.dbs[0], "DELETE D ALL; DROP MODEL D")
	require.NoError(t, m.scan(m.dbs[1], 0))
	sound(t, m.dbs[1])
}

// A node comes back with older data than its clients know: other versions in
// the catalog, fewer documents. Each statement is right for what is there, or an error.
func TestFaultRestored(t *testing.T) {
	t.Parallel()
	nodes := testredis.Cluster(t, 2, 0)
	e, err := exec.Open(ctx, "cluster://"+nodes[0].Addr+"?ns=shop", exec.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = e.Close() })
	node := testredis.Owner(nodes, nodes[0].Slot("{shop}"))
	must(t, e, fixture)
	backup := map[string]string{}
	for _, k := range node.Client.Keys(ctx, "*").Val() {
		backup[k] = node.Client.Dump(ctx, k).Val()
	}
	before := digest(t, node.Client)
	restore := func() {
		node.Do("FLUSHALL")
		for k, v := range backup {
			require.NoError(t, node.Client.Restore(ctx, k, 0, v).Err())
		}
		require.Equal(t, before, digest(t, node.Client))
	}
	const later = "MODEL Team { id string KEY, name string INDEX, city string DEFAULT 'Oslo' INDEX }"
	newer := []string{"FIND Team WHERE city = 'Oslo'", "UPDATE Team 't1' SET city = 'Rome'", "CREATE Team { id: 't9', name: 'n', city: 'Rome' }",
		"ATOMIC < UPDATE Team 't1' SET city = 'Rome'; DELETE User 'u1' >", "CREATE Fresh { id: 'f' }", "GET Fresh 'f'"}
	for range 2 { // with plans of the newer catalog that have run, and made anew
		must(t, e, later+"; MODEL Fresh { id string KEY }; CREATE User { id: 'u9', email: 'z@x', name: 'Z', age: 9 }")
		for _, text := range append(append([]string{}, reads...), dataChanges[4], "FIND Team WHERE city = 'Oslo'") {
			must(t, e, text)
		}
		restore()
		for _, text := range newer {
			_, err := try(e, text)
			require.Error(t, err, text)
			require.Equal(t, before, digest(t, node.Client), text)
		}
		restore()
		for _, text := range append(append([]string{}, reads...), dataChanges...) {
			must(t, e, text)
		}
		sound(t, e)
		restore()
		require.Equal(t, lang.CodeKeyNotFound, failure(t, e, "GET User 'u9'").Code)
		must(t, e, later)
		require.Equal(t, int64(2), number(t, e, "COUNT Team WHERE city = 'Oslo'"))
		sound(t, e)
		restore()
	}
}

// What a key holds is walked over from the beginning when its slot has moved:
// the cursor of one node says nothing to another. The client learns of the move
// from somebody else's command, so that the walk itself meets no error.
func TestFaultScanWhileItsSlotMoves(t *testing.T) {
	t.Parallel()
	nodes, random := testredis.Cluster(t, 2, 0), rand.New(rand.NewPCG(7, 8))
	c, err := conn.Open(ctx, "cluster://"+nodes[0].Addr, conn.Options{Namespace: "{s}"})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	slot := nodes[0].Slot("{s}")
	names := map[string]bool{}
	p := c.Client().Pipeline()
	p.HSet(ctx, "{s}:rql:catalog", "format", "1")
	for i := range 20000 {
		name := fmt.Sprint("name ", i)
		names[name] = true
		p.HSet(ctx, "{s}:many", name, i)
		p.Set(ctx, "{s}:"+name, "x", 0)
	}
	_, err = p.Exec(ctx)
	require.NoError(t, err)
	for what, scan := range map[string]*conn.Scan{"HSCAN": c.ScanIn("hscan", "{s}:many"), "SCAN": c.ScanKeys("{s}:name *")} {
		step, seen := map[string]int{"HSCAN": 2, "SCAN": 1}[what], map[string]bool{}
		for n := 0; !scan.Done; n++ {
			list, err := scan.Page(ctx)
			require.NoError(t, err)
			for i := 0; i < len(list); i += step {
				seen[strings.TrimPrefix(list[i], "{s}:")] = true
			}
			if n == 5 {
				to := testredis.Elsewhere(nodes, slot)
				testredis.Begin(nodes, slot, to, random).End(nodes, random)
				require.Eventually(t, func() bool {
					return c.Client().Get(ctx, "{s}:x").Err() == redis.Nil && owns(t, c, to)
				}, 5*time.Second, 20*time.Millisecond)
			}
		}
		require.Equal(t, len(names), len(seen), what)
	}
}

// owns reports that a client knows that a node has the namespace.
func owns(t *testing.T, c *conn.Conn, s *testredis.Server) bool {
	t.Helper()
	node, err := c.Client().(*redis.ClusterClient).MasterForKey(ctx, "{s}")
	require.NoError(t, err)
	return node.Options().Addr == s.Addr
}
