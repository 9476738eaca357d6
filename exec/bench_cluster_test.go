package exec_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
)

// longest is the longest of some durations.
type longest struct{ ns atomic.Int64 }

func (l *longest) add(d time.Duration) {
	for was := l.ns.Load(); int64(d) > was && !l.ns.CompareAndSwap(was, int64(d)); was = l.ns.Load() {
	}
}

func (l *longest) get() time.Duration { return time.Duration(l.ns.Load()) }

// busyFor is how long a server works on one call of a script, at least, in microseconds.
func busyFor(b *testing.B, s *testredis.Server, calls int, args ...any) float64 {
	b.Helper()
	least := 0.0
	for range 9 {
		s.Do("CONFIG", "RESETSTAT")
		_, err := s.Client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for range calls {
				p.Do(ctx, args...)
			}
			return nil
		})
		require.NoError(b, err)
		for _, line := range strings.Split(s.Do("INFO", "commandstats").(string), "\r\n") {
			if _, rest, ok := strings.Cut(line, "cmdstat_evalsha:calls="); ok {
				_, rest, _ = strings.Cut(rest, "usec=")
				usec, _, _ := strings.Cut(rest, ",")
				d, err := time.ParseDuration(usec + "us")
				require.NoError(b, err)
				if per := float64(d.Nanoseconds()) / float64(calls) / 1000; least == 0 || per < least {
					least = per
				}
			}
		}
	}
	return least
}

// What the key that never exists costs the server.
func BenchmarkClusterNeverKey(b *testing.B) {
	s := testredis.Cluster(b, 1, 0)[0]
	s.Do("HSET", "{s}:rql:catalog", "v:D", "1")
	s.Do("HSET", "{s}:D:1", "n", "1")
	sum := s.Do("SCRIPT", "LOAD", "#!lua\nif redis.call('HGET',KEYS[1],'v:D')~='1' then return 0 end\nreturn redis.call('HINCRBY',KEYS[2],'n',1)")
	for range b.N {
		without := busyFor(b, s, 20000, "EVALSHA", sum, 2, "{s}:rql:catalog", "{s}:D:1")
		with := busyFor(b, s, 20000, "EVALSHA", sum, 3, "{s}:rql:catalog", "{s}:D:1", "{s}:rql:never")
		b.ReportMetric(without, "µs-without")
		b.ReportMetric(with, "µs-with")
	}
}

// blocked runs a statement of RQL and a command of plain go-redis on one slot, by
// four workers each, while something happens to it, and gives the longest of each.
func blocked(b *testing.B, statement, command func(ctx context.Context) error, meanwhile func()) (rql, plain time.Duration) {
	b.Helper()
	end, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	var times [2]longest
	for i, f := range []func(ctx context.Context) error{statement, command} {
		for range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for end.Err() == nil {
					start := time.Now()
					for f(ctx) != nil { // it is asked for until it is done, as a program would
						if time.Since(start) > 30*time.Second {
							break
						}
						time.Sleep(5 * time.Millisecond)
					}
					times[i].add(time.Since(start))
				}
			}()
		}
	}
	time.Sleep(200 * time.Millisecond) // all are at work
	times[0].ns.Store(0)
	times[1].ns.Store(0)
	meanwhile()
	stop()
	wg.Wait()
	return times[0].get(), times[1].get()
}

// workers are a database of so many documents on a cluster, a statement of RQL and a command of plain go-redis.
func workers(b *testing.B, nodes []*testredis.Server, docs int) (statement, command func(ctx context.Context) error) {
	b.Helper()
	e, err := exec.Open(ctx, "cluster://"+nodes[0].Addr+"?ns=s", exec.Options{})
	require.NoError(b, err)
	b.Cleanup(func() { _ = e.Close() })
	must(b, e, "MODEL D { id int KEY, n int INDEX, text string }")
	var rows []any
	for i := range docs {
		rows = append(rows, map[string]any{"id": i, "n": 0, "text": strings.Repeat("x", 100)})
	}
	must(b, e, "CREATE D $rows", map[string]any{"rows": rows})
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Addr}})
	b.Cleanup(func() { _ = c.Close() })
	return func(ctx context.Context) error {
			_, err := tryCtx(ctx, e, "UPDATE D $id SET n += 1", map[string]any{"id": rand.IntN(docs)})
			return err
		}, func(ctx context.Context) error {
			return c.HIncrBy(ctx, "{s}:plain", "n", 1).Err()
		}
}

// How long a statement waits while its slot of 1,600 documents moves: to another node and back, three times.
func BenchmarkClusterSlotMoves(b *testing.B) {
	nodes := testredis.Cluster(b, 3, 3)
	statement, command := workers(b, nodes, 1600)
	random := rand.New(rand.NewPCG(1, 2))
	slot := nodes[0].Slot("{s}")
	for range b.N {
		var took longest
		rql, plain := blocked(b, statement, command, func() {
			for range 6 {
				to := testredis.Elsewhere(nodes, slot)
				start := time.Now()
				testredis.Begin(nodes, slot, to, random).End(nodes, random)
				took.add(time.Since(start))
				time.Sleep(100 * time.Millisecond)
			}
		})
		b.ReportMetric(float64(took.get().Milliseconds()), "ms-to-move")
		b.ReportMetric(float64(rql.Milliseconds()), "ms-rql")
		b.ReportMetric(float64(plain.Milliseconds()), "ms-go-redis")
		b.ReportMetric(float64(answeredBy(b, nodes, "TRYAGAIN")), "TRYAGAIN")
	}
}

// How long a statement waits when the primary of its slot dies, with a node
// time-out of five seconds; take-over is what the nodes take by themselves, until
// the replica says that it is the primary, and what follows is RQL's. go-redis
// is asked for 30 s at most: it finds the new primary when it asks for the nodes, once a minute.
func BenchmarkClusterPrimaryKilled(b *testing.B) {
	const timeout = 5 * time.Second
	for range b.N {
		nodes := testredis.Cluster(b, 3, 3, "--cluster-node-timeout", "5000")
		statement, command := workers(b, nodes, 100)
		primary := testredis.Owner(nodes, nodes[0].Slot("{s}"))
		var over time.Duration
		rql, plain := blocked(b, statement, command, func() {
			start := time.Now()
			primary.Kill()
			for ; over == 0 && time.Since(start) < 4*timeout; time.Sleep(5 * time.Millisecond) {
				for _, s := range nodes[3:] {
					if s.Do("ROLE").([]any)[0] == "master" {
						over = time.Since(start)
					}
				}
			}
			time.Sleep(time.Second)
		})
		b.ReportMetric(over.Seconds(), "s-take-over")
		b.ReportMetric(timeout.Seconds(), "s-node-timeout")
		b.ReportMetric(rql.Seconds(), "s-rql")
		b.ReportMetric((rql - over).Seconds(), "s-rql-after-take-over")
		b.ReportMetric(plain.Seconds(), "s-go-redis")
	}
}

// What a statement costs on a cluster, against the same by hand.
func BenchmarkClusterStatement(b *testing.B) {
	nodes := testredis.Cluster(b, 3, 0)
	_, _ = workers(b, nodes, 100)
	e, err := exec.Open(ctx, "cluster://"+nodes[0].Addr+"?ns=s", exec.Options{})
	require.NoError(b, err)
	b.Cleanup(func() { _ = e.Close() })
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Addr}})
	b.Cleanup(func() { _ = c.Close() })
	args := map[string]any{"id": 7}
	b.Run("get/rql", func(b *testing.B) {
		for range b.N {
			must(b, e, "GET D $id", args)
		}
	})
	b.Run("get/go-redis", func(b *testing.B) {
		for range b.N {
			require.NoError(b, c.HMGet(ctx, "{s}:D:7", "id", "n", "text").Err())
		}
	})
	update := redis.NewScript("redis.call('HINCRBY',KEYS[1],'n',1)\nlocal n=redis.call('HGET',KEYS[1],'n')\nredis.call('ZREM',KEYS[2],'b'..(n-1)..'\\0'..ARGV[1])\nredis.call('ZADD',KEYS[2],0,'b'..n..'\\0'..ARGV[1])\nreturn 1")
	b.Run("update/rql", func(b *testing.B) {
		for range b.N {
			must(b, e, "UPDATE D $id SET n += 1", args)
		}
	})
	b.Run("update/go-redis", func(b *testing.B) {
		for range b.N {
			require.NoError(b, update.Run(ctx, c, []string{"{s}:hand:7", "{s}:hand:ix"}, "7").Err())
		}
	})
}
