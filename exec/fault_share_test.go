//go:build unix

package exec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/testredis"
	"github.com/rql-lang/rql/lang"
)

const counters = "MODEL C { id int KEY, n int INDEX, s string? }"

// eachLink runs a test on every kind of connection: on one of its own and a wrapped one to a server, where callers share round trips,
// and on those where they do not.
func eachLink(t *testing.T, f func(t *testing.T, e *exec.Engine)) {
	eachServer(t, f)
	t.Run("wrapped", func(t *testing.T) {
		s := testredis.Run(t)
		f(t, wrapped(t, redis.NewClient(&redis.Options{Network: "unix", Addr: s.Socket, MaxRetries: -1}), ""))
	})
	t.Run("cluster", func(t *testing.T) {
		nodes := testredis.Cluster(t, 1, 0)
		f(t, wrapped(t, redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{nodes[0].Client.Options().Addr}}), "{c}"))
	})
}

func wrapped(t *testing.T, c redis.UniversalClient, ns string) *exec.Engine {
	t.Helper()
	t.Cleanup(func() { _ = c.Close() })
	e, err := exec.Wrap(ctx, c, exec.Options{Namespace: ns})
	require.NoError(t, err)
	return e
}

// crowd are callers that each change and read a document of their own. Of their writes, done is how many have an effect for
// certain, and unknown how many may have one.
type crowd struct {
	e             *exec.Engine
	done, unknown []int64
}

const callers = 64

func newCrowd(t *testing.T, e *exec.Engine) *crowd {
	t.Helper()
	must(t, e, counters)
	for i := range callers {
		must(t, e, "CREATE C { id: $id, n: 0 }", map[string]any{"id": i})
	}
	return &crowd{e, make([]int64, callers), make([]int64, callers)}
}

// write increments the number of caller i.
func (c *crowd) write(ctx context.Context, i int) error {
	_, err := tryCtx(ctx, c.e, "UPDATE C $id SET n += 1", map[string]any{"id": i})
	if err == nil {
		c.done[i]++
	} else if x, ok := err.(*exec.Error); ok && x.Outcome == exec.OutcomeUnknown {
		c.unknown[i]++
	}
	return err
}

// read reads the document of caller i, which nobody else changes.
func (c *crowd) read(ctx context.Context, i int) error {
	r, err := tryCtx(ctx, c.e, "GET C $id RETURN id, n", map[string]any{"id": i})
	if err != nil {
		return err
	}
	if n := r.rows[0][1].(int64); r.rows[0][0] != int64(i) || n < c.done[i] || n > c.done[i]+c.unknown[i] {
		return fmt.Errorf("caller %d read %v after %d to %d writes", i, r.rows[0], c.done[i], c.done[i]+c.unknown[i])
	}
	return nil
}

// counted asks that each write took effect once, or not at all if that is unknown.
func (c *crowd) counted(t *testing.T) {
	t.Helper()
	for i := range callers {
		require.NoError(t, c.read(ctx, i))
	}
	sound(t, c.e)
}

// A context that ends is the matter of its caller alone: no other call fails, and every write is counted.
func TestShareContextEnds(t *testing.T) {
	eachLink(t, func(t *testing.T, e *exec.Engine) {
		c := newCrowd(t, e)
		var ends [callers]atomic.Pointer[context.CancelFunc]
		var ended [callers]atomic.Bool
		stop := make(chan struct{})
		var killer sync.WaitGroup
		killer.Go(func() {
			for tick := time.NewTicker(time.Millisecond); ; <-tick.C {
				select {
				case <-stop:
					tick.Stop()
					return
				default:
				}
				i := rand.IntN(callers)
				if end := ends[i].Load(); end != nil {
					ended[i].Store(true)
					(*end)()
				}
			}
		})
		for _, err := range together(callers, func(i int) error {
			for n := range 100 {
				ctx, end := context.WithCancel(ctx)
				ends[i].Store(&end)
				err := c.write(ctx, i)
				if n%2 == 0 && err == nil {
					err = c.read(ctx, i)
				}
				ends[i].Store(nil)
				if err != nil && !ended[i].Load() {
					return err
				}
				if x, ok := err.(*exec.Error); err != nil && (!ok || x.Code != lang.CodeCancelled && x.Code != lang.CodeOutcomeUnknown) {
					return err
				}
				ended[i].Store(false)
				end()
			}
			return nil
		}) {
			require.NoError(t, err)
		}
		close(stop)
		killer.Wait()
		c.counted(t)
	})
}

// Scripts are forgotten and models are changed while callers share round trips.
func TestShareCatalogChanges(t *testing.T) {
	t.Parallel()
	eachLink(t, func(t *testing.T, e *exec.Engine) {
		c := newCrowd(t, e)
		for _, err := range together(callers, func(i int) error {
			for n := range 30 {
				if i == 0 {
					more := strings.Repeat(", x int?", n%2)
					if _, err := try(e, "MODEL C { id int KEY, n int INDEX, s string?"+more+" }"); err != nil {
						return err
					}
					if err := e.Client().ScriptFlush(ctx).Err(); err != nil {
						return err
					}
				}
				if err := c.write(ctx, i); err != nil {
					return err
				}
				if err := c.read(ctx, i); err != nil {
					return err
				}
			}
			return nil
		}) {
			require.NoError(t, err)
		}
		c.counted(t)
	})
}

// Connections are killed in the middle of round trips: reads are repeated, writes were carried out once or not at all.
func TestShareConnectionsKilled(t *testing.T) {
	s := testredis.Run(t)
	for name, e := range map[string]*exec.Engine{
		"opened": open(t, s.URL), "wrapped": wrapped(t, redis.NewClient(&redis.Options{Network: "unix", Addr: s.Socket}), "w"),
	} {
		t.Run(name, func(t *testing.T) {
			c := newCrowd(t, e)
			var calls atomic.Int64
			stop := make(chan struct{})
			var killer sync.WaitGroup
			killer.Go(func() {
				for last := int64(0); ; {
					select {
					case <-stop:
						return
					case <-time.After(time.Millisecond):
					}
					if n := calls.Load(); n > last+10*callers { // a read is repeated three times at most
						last = n
						s.Do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
					}
				}
			})
			for _, err := range together(callers, func(i int) error {
				for range 100 {
					if err := c.write(ctx, i); err != nil && err.(*exec.Error).Outcome == exec.OutcomeNone && err.(*exec.Error).Code != lang.CodeConnection {
						return err
					}
					if err := c.read(ctx, i); err != nil {
						return err
					}
					calls.Add(2)
				}
				return nil
			}) {
				require.NoError(t, err)
			}
			close(stop)
			killer.Wait()
			c.counted(t)
		})
	}
}

// The server dies in the middle of round trips, and comes back with what it had acknowledged.
func TestShareServerKilled(t *testing.T) {
	dir := t.TempDir()
	args := []string{"--appendonly", "yes", "--appendfsync", "always", "--dir", dir}
	s := testredis.Run(t, args...)
	p := newProxy(t, s)
	c := newCrowd(t, open(t, p.URL))
	var calls atomic.Int64
	var killed sync.WaitGroup
	killed.Go(func() {
		for calls.Load() < 5*callers {
			time.Sleep(time.Millisecond)
		}
		s.Kill()
	})
	for _, err := range together(callers, func(i int) error {
		for {
			switch err := c.write(ctx, i); {
			case err == nil:
				calls.Add(1)
			case err.(*exec.Error).Code == lang.CodeConnection, err.(*exec.Error).Code == lang.CodeOutcomeUnknown:
				return nil
			default:
				return err
			}
		}
	}) {
		require.NoError(t, err)
	}
	killed.Wait()
	again := testredis.Run(t, args...)
	p.mu.Lock()
	p.socket = again.Socket
	p.mu.Unlock()
	c.counted(t)
	require.NoError(t, c.write(ctx, 0))
	c.counted(t)
}

// A server that stops for a second and goes on has lost nothing, and whoever waits for it leaves when his context ends.
func TestShareServerStops(t *testing.T) {
	s := testredis.Run(t)
	for name, e := range map[string]*exec.Engine{
		"opened": open(t, s.URL), "wrapped": wrapped(t, redis.NewClient(&redis.Options{Network: "unix", Addr: s.Socket, ReadTimeout: 20 * time.Second}), "w"),
	} {
		t.Run(name, func(t *testing.T) {
			c := newCrowd(t, e)
			time.AfterFunc(20*time.Millisecond, func() {
				s.Signal(syscall.SIGSTOP)
				time.AfterFunc(time.Second, func() { s.Signal(syscall.SIGCONT) })
			})
			begun := time.Now()
			for _, err := range together(callers, func(i int) error {
				for n := 0; n < 20 || time.Since(begun) < 1100*time.Millisecond; n++ {
					ctx, end := context.WithCancel(ctx)
					if i%4 == 0 {
						ctx, end = context.WithTimeout(ctx, 50*time.Millisecond)
					}
					err := c.write(ctx, i)
					if err == nil {
						err = c.read(ctx, i)
					}
					late := ctx.Err() != nil
					end()
					if err != nil && !late {
						return err
					}
				}
				return nil
			}) {
				require.NoError(t, err)
			}
			c.counted(t)
		})
	}
}

// A large reply is for its caller; the others get theirs.
func TestShareLargeReply(t *testing.T) {
	eachLink(t, func(t *testing.T, e *exec.Engine) {
		c := newCrowd(t, e)
		large := strings.Repeat("x", 4<<20)
		must(t, e, "UPDATE C 0 SET s = $s", map[string]any{"s": large})
		for _, err := range together(callers, func(i int) error {
			for range 10 {
				if i > 0 {
					if err := c.read(ctx, i); err != nil {
						return err
					}
					continue
				}
				r, err := try(e, "GET C 0 RETURN s")
				if err != nil {
					return err
				}
				if r.rows[0][0] != large {
					return fmt.Errorf("%d bytes", len(r.rows[0][0].(string)))
				}
			}
			return nil
		}) {
			require.NoError(t, err)
		}
	})
}
