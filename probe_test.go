package rql_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql"
)

// gate is a client hook that holds commands back until it is opened.
type gate struct {
	arrived, opened chan struct{}
	once            sync.Once
	mu              sync.Mutex
	seen            map[string]int
	refuse          error
}

func newGate() *gate {
	return &gate{arrived: make(chan struct{}), opened: make(chan struct{}), seen: map[string]int{}}
}

func (g *gate) pass(ctx context.Context, cmds ...redis.Cmder) error {
	g.once.Do(func() { close(g.arrived) })
	g.mu.Lock()
	for _, c := range cmds {
		g.seen[c.FullName()]++
	}
	g.mu.Unlock()
	select {
	case <-g.opened:
		return g.refuse
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gate) DialHook(next redis.DialHook) redis.DialHook { return next }
func (g *gate) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if err := g.pass(ctx, cmd); err != nil {
			return err
		}
		return next(ctx, cmd)
	}
}
func (g *gate) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if err := g.pass(ctx, cmds...); err != nil {
			return err
		}
		return next(ctx, cmds)
	}
}

// waiting is a context that says when somebody waits for its end.
type waiting struct {
	context.Context
	asked chan struct{}
	once  sync.Once
}

func newWaiting(ctx context.Context) *waiting {
	return &waiting{Context: ctx, asked: make(chan struct{})}
}

func (w *waiting) Done() <-chan struct{} {
	w.once.Do(func() { close(w.asked) })
	return w.Context.Done()
}

// gated is a database on a client behind a gate.
func gated(t *testing.T, opts ...rql.Option) (*rql.DB, *gate) {
	t.Helper()
	m, g := miniredis.RunT(t), newGate()
	c := redis.NewClient(&redis.Options{Addr: m.Addr(), DisableIdentity: true})
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	c.AddHook(g)
	return wrap(t, c, opts...), g
}

// together lets n calls come while the first one probes, and waits until all of them wait.
func together(t *testing.T, db *rql.DB, g *gate, n int) (cancelFirst func(), errs []chan error) {
	t.Helper()
	first, cancel := context.WithCancel(t.Context())
	for i := range n {
		ctx, got := newWaiting(t.Context()), make(chan error, 1)
		if i == 0 {
			ctx = newWaiting(first)
		}
		errs = append(errs, got)
		go func() { got <- db.Ping(ctx) }()
		<-ctx.asked
		<-g.arrived
	}
	return cancel, errs
}

// Calls that come together share one probe, which the end of the first one's context does not end.
func TestWrapProbesOnce(t *testing.T) {
	alone, g := gated(t)
	close(g.opened)
	require.NoError(t, alone.Ping(t.Context()))
	want := g.seen["ping"]

	db, g := gated(t)
	cancelFirst, errs := together(t, db, g, 20)
	cancelFirst()
	require.ErrorIs(t, <-errs[0], rql.CodeCancelled)
	close(g.opened)
	for _, got := range errs[1:] {
		require.NoError(t, <-got)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	require.Equal(t, want*len(errs[1:]), g.seen["ping"], "the calls are as many pings")
	require.Equal(t, 1, g.seen["info"], "and asked the server once: %v", g.seen)
}

// A probe that fails fails for all who wait, and the next call probes anew.
func TestWrapSharesTheFailure(t *testing.T) {
	db, g := gated(t)
	g.refuse = errors.New("ERR not today")
	_, errs := together(t, db, g, 5)
	close(g.opened)
	for _, got := range errs {
		require.ErrorContains(t, <-got, "not today")
	}
	g.refuse = nil
	require.NoError(t, db.Ping(t.Context()))
}

// A probe that nobody waits for ends, and a database that is closed meanwhile stays closed.
func TestWrapProbeEnds(t *testing.T) {
	db, g := gated(t)
	cancel, errs := together(t, db, g, 1)
	cancel()
	require.ErrorIs(t, <-errs[0], rql.CodeCancelled)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, db.Ping(ended), rql.CodeCancelled, "nothing is begun for a context that has ended")
	close(g.opened)
	require.NoError(t, db.Ping(t.Context()))

	db, g = gated(t)
	_, errs = together(t, db, g, 3)
	require.NoError(t, db.Close())
	for _, got := range errs {
		require.ErrorIs(t, <-got, rql.ErrNoDatabase)
	}
	require.ErrorIs(t, db.Ping(t.Context()), rql.ErrNoDatabase)

	db, _ = gated(t, rql.WithTimeLimit(time.Millisecond))
	require.ErrorIs(t, db.Ping(t.Context()), context.DeadlineExceeded, "WithTimeLimit counts for the probe too")
}

// A panic of the program's own code reaches whoever called.
func TestWrapProbePanics(t *testing.T) {
	db, g := gated(t, rql.WithModels(fstest.MapFS{"a.rql": nil})) // whose file is nil
	close(g.opened)
	for range 2 {
		require.Panics(t, func() { _ = db.Ping(t.Context()) })
	}
}
