package exec_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
)

// verified is a model with everything that stands beside documents.
const verified = `MODEL S { id int KEY, n int INDEX, name string INDEX, u string? UNIQUE, tags list<string> INDEX DEFAULT [], seen set<string>, INDEX (name, n) }`

// writeBeside changes documents of that model until stop is closed: all kinds of changes, of which every one moves entries.
func writeBeside(e *exec.Engine, seed uint64, ids int, stop chan struct{}) error {
	r := rand.New(rand.NewPCG(seed, 7))
	for {
		select {
		case <-stop:
			return nil
		default:
		}
		id, other := r.IntN(ids), r.IntN(ids)
		doc := fmt.Sprintf("{ id: %d, n: %d, name: 'n%d', u: '%d.%d', tags: ['t%d'], seen: ['s'] }", id, r.IntN(100), r.IntN(9), id, r.IntN(9), r.IntN(4))
		text := []string{
			fmt.Sprintf("ATOMIC < UPDATE S %d SKIP MISSING SET n -= 1; UPDATE S %d SKIP MISSING SET n += 1 >", id, other),
			"PUT S " + doc,
			"PUT S " + doc + " TTL 30ms",
			fmt.Sprintf("DELETE S %d SKIP MISSING", id),
			fmt.Sprintf("UPDATE S %d SKIP MISSING SET name = 'm%d', u = null, seen.add('x%d')", id, r.IntN(9), r.IntN(9)),
			fmt.Sprintf("EXPIRE S %d SKIP MISSING AFTER 1h", id),
			fmt.Sprintf("PERSIST S %d SKIP MISSING", id),
		}[r.IntN(7)]
		if _, err := try(e, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
}

// What only moves while VERIFY reads is no finding, and REPAIR beside writers leaves their documents as they write them.
func TestVerifyBesideWriters(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, verified)
		stop, errs := make(chan struct{}), make(chan error, 3)
		var group sync.WaitGroup
		for w := range cap(errs) {
			group.Go(func() { errs <- writeBeside(e, uint64(w), 60, stop) })
		}
		runs, until := 0, time.Now().Add(3*time.Second)
		for ; time.Now().Before(until); runs++ {
			text := "VERIFY S"
			if runs%4 == 3 {
				text += " REPAIR"
			}
			require.Empty(t, must(t, e, text).rows, "run %d: %s", runs, text)
		}
		close(stop)
		group.Wait()
		close(errs)
		for err := range errs {
			require.NoError(t, err)
		}
		clean(t, e, "S")
		t.Logf("%d runs", runs)
	})
}

// Each kind of damage beside writers is found and repaired, and nothing else is told.
func TestRepairBesideWriters(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, verified)
		for i := range 300 {
			must(t, e, fmt.Sprintf("CREATE S { id: %d, n: %d, name: 'x', u: 'u%d', tags: ['a'], seen: ['s'] }", 1000+i, i, i))
		}
		stop, errs := make(chan struct{}), make(chan error, 2)
		var group sync.WaitGroup
		for w := range cap(errs) {
			group.Go(func() { errs <- writeBeside(e, uint64(w), 40, stop) })
		}
		raw := func(args ...any) { require.NoError(t, e.Client().Do(ctx, args...).Err()) }
		for i := range 20 {
			raw("DEL", fmt.Sprintf("S:%d", 1000+i), fmt.Sprintf("rql:c:S:seen:%d", 1000+i))
			raw("ZREM", "rql:ix:S:n", fmt.Sprintf("c%d\x00d%d", 100+i, 1100+i))
			raw("ZADD", "rql:ix:S:name", "0", fmt.Sprintf("'zz\x00d%d", 1200+i))
			raw("HDEL", "rql:uq:S:u", fmt.Sprintf("'u%d", 150+i))
			raw("HSET", fmt.Sprintf("S:%d", 5000+i), "id", 5000+i, "n", 1, "name", "late", "tags", "[]")
		}
		rows := must(t, e, "VERIFY S").rows
		// a deleted document: the set of keys, 4 indexes, a unique value
		require.Len(t, rows, 20*(6+1+1+1+1))
		require.Len(t, must(t, e, "VERIFY S REPAIR").rows, len(rows))
		require.Empty(t, must(t, e, "VERIFY S").rows)
		close(stop)
		group.Wait()
		close(errs)
		for err := range errs {
			require.NoError(t, err)
		}
		clean(t, e, "S")
		require.EqualValues(t, 20, number(t, e, "COUNT S WHERE name = 'late'"))
		require.EqualValues(t, 280, number(t, e, "COUNT S WHERE name = 'x'"))
	})
}

// BenchmarkVerify is a VERIFY of 100,000 documents of 8 fields with two indexes, on a redis-server of its own.
func BenchmarkVerify(b *testing.B) {
	url, _ := testredis.Start(b)
	e := open(b, url)
	must(b, e, "MODEL U { id string KEY, n int INDEX, name string INDEX, a int, b string, c float, d bool, e datetime }")
	const documents = 100_000
	for i := 0; i < documents; i += 1000 {
		docs := make([]any, 1000)
		for j := range docs {
			n := i + j
			docs[j] = map[string]any{"id": fmt.Sprintf("user-%06d", n), "n": n % 977, "name": fmt.Sprintf("name %d", n%5000), "a": n, "b": "some text", "c": float64(n) / 7, "d": n%2 == 0, "e": time.UnixMilli(int64(n) * 1000)}
		}
		must(b, e, "CREATE U $docs", map[string]any{"docs": docs})
	}
	server, own := cpuOf(b, e), ownCPU(b)
	for b.Loop() {
		require.Empty(b, must(b, e, "VERIFY U").rows)
	}
	each := documents * float64(b.N)
	b.ReportMetric(float64(cpuOf(b, e)-server)/each, "server-µs/document")
	b.ReportMetric(float64(ownCPU(b)-own)/each, "own-µs/document")
	b.ReportMetric(each/b.Elapsed().Seconds(), "documents/s")
}

// cpuOf is how long the server was busy so far, in microseconds.
func cpuOf(b *testing.B, e *exec.Engine) int64 {
	info, err := e.Client().Info(ctx, "cpu").Result()
	require.NoError(b, err)
	total := 0.0
	for line := range strings.Lines(info) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_user_main_thread" || name == "used_cpu_sys_main_thread" {
			n, err := strconv.ParseFloat(text, 64)
			require.NoError(b, err)
			total += n
		}
	}
	return int64(total * 1e6)
}

// ownCPU is how long this process was busy so far, in microseconds.
func ownCPU(b *testing.B) int64 {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Microseconds()
}

// A document that other programs took away, of which REPAIR takes out what is left, is made anew: it has no end.
func TestRepairForgetsEnds(t *testing.T) {
	eachServer(t, func(t *testing.T, e *exec.Engine) {
		must(t, e, "MODEL S { id string KEY, n int INDEX, u string? UNIQUE }")
		for _, text := range []string{
			"CREATE S { id: 'a', n: 9 }", "PUT S { id: 'a', n: 9, u: 'new' }", "CREATE S { id: 'a', n: 9 } ON CONFLICT SET n += 1",
			"ATOMIC < DELETE S 'a' SKIP MISSING; CREATE S { id: 'a', n: 9 } >",
		} {
			must(t, e, "DELETE S ALL; CREATE S { id: 'a', n: 1, u: 'old' } TTL 1h")
			require.NoError(t, e.Client().Del(ctx, "S:a").Err())
			require.NoError(t, e.Client().ZRem(ctx, "rql:ids:S", "a").Err())
			must(t, e, "VERIFY S REPAIR")
			must(t, e, text)
			require.Empty(t, must(t, e, "VERIFY S").rows, text)
			require.Equal(t, [][]any{{nil}}, must(t, e, "GET S 'a' RETURN ttl()").rows)
		}
	})
}
