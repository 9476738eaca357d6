package conn

import (
	"context"
	"errors"
	"net"
	"runtime"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// lanes is the connection pool of an engine that created its client itself.
// Each connection serves one call at a time, so that the end of a call's
// context can close it: the client itself waits for a reply regardless of the
// context, and waiting in a separate goroutine costs about a third of a short
// statement.
type lanes struct {
	url    string
	change func(*redis.Options)
	turns  chan struct{} // one for each connection that may be in use
	wait   time.Duration // how long a call waits for its turn

	mu     sync.Mutex
	free   []*lane
	closed bool
}

// lane is a client with a single connection.
type lane struct {
	client *redis.Client

	mu     sync.Mutex
	conns  []net.Conn
	call   uint64 // ordinal of the current call
	broken bool
}

// maxLaneConns is more than the open connections of a client with one
// connection and one for pipelines.
const maxLaneConns = 4

var errLaneBroken = errors.New("the call was ended")

// newLanes returns a pool for the server of a URL; change adapts the client
// options for the engine.
func newLanes(url string, o *redis.Options, change func(*redis.Options)) *lanes {
	size := o.PoolSize
	if size <= 0 {
		size = 10 * runtime.GOMAXPROCS(0)
	}
	wait := o.PoolTimeout
	if wait <= 0 {
		wait = o.ReadTimeout + time.Second
	}
	return &lanes{url: url, change: change, turns: make(chan struct{}, size), wait: wait}
}

// take waits for a free lane.
func (ls *lanes) take(ctx context.Context) (*lane, error) {
	select {
	case ls.turns <- struct{}{}:
	default:
		t := time.NewTimer(ls.wait)
		defer t.Stop()
		select {
		case ls.turns <- struct{}{}:
		case <-ctx.Done():
			return nil, &endedError{ctx.Err()}
		case <-t.C:
			return nil, redis.ErrPoolTimeout
		}
	}
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.closed {
		<-ls.turns
		return nil, redis.ErrClosed
	}
	if n := len(ls.free); n > 0 {
		l := ls.free[n-1]
		ls.free = ls.free[:n-1]
		return l, nil
	}
	l, err := ls.open()
	if err != nil {
		<-ls.turns
	}
	return l, err
}

// open creates a lane, which connects on first use.
func (ls *lanes) open() (*lane, error) {
	o, err := redis.ParseURL(ls.url)
	if err != nil {
		return nil, err
	}
	ls.change(o)
	o.PoolSize, o.PipelinePoolSize, o.MinIdleConns = 1, 1, 0
	o.PipelineReadBufferSize, o.PipelineWriteBufferSize = 32<<10, 32<<10
	l := &lane{}
	connect := o.Dialer
	o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := connect(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.broken {
			return nil, errors.Join(errLaneBroken, c.Close())
		}
		if len(l.conns) == maxLaneConns {
			l.conns = append(l.conns[:0], l.conns[1:]...) // closed long ago
		}
		l.conns = append(l.conns, c)
		return c, nil
	}
	l.client = redis.NewClient(o)
	return l, nil
}

// put returns a lane; a broken one is discarded.
func (ls *lanes) put(l *lane) {
	l.mu.Lock()
	l.call++
	broken := l.broken
	l.mu.Unlock()
	ls.mu.Lock()
	if broken = broken || ls.closed; !broken {
		ls.free = append(ls.free, l)
	}
	ls.mu.Unlock()
	if broken {
		_ = l.client.Close()
	}
	<-ls.turns
}

// Close closes the pool; lanes in use are closed when they are returned.
func (ls *lanes) Close() error {
	ls.mu.Lock()
	free := ls.free
	ls.free, ls.closed = nil, true
	ls.mu.Unlock()
	var errs []error
	for _, l := range free {
		errs = append(errs, l.client.Close())
	}
	return errors.Join(errs...)
}

// process sends a command and waits for its reply. If the context ends, the
// error is an *endedError; the reply to a write that was sent is awaited a
// moment longer.
func (ls *lanes) process(ctx context.Context, cmd redis.Cmder) error {
	l, err := ls.take(ctx)
	if err != nil {
		return err
	}
	stop := l.watch(ctx, cmd)
	err = l.client.Process(ctx, cmd)
	return ls.done(ctx, l, stop, err)
}

// pipeline is process for several commands in one round trip, of which one may
// be a write.
func (ls *lanes) pipeline(ctx context.Context, cmds []redis.Cmder, write redis.Cmder) error {
	l, err := ls.take(ctx)
	if err != nil {
		return err
	}
	stop := l.watch(ctx, write)
	err = pipelined(ctx, l.client.Pipeline(), cmds)
	return ls.done(ctx, l, stop, err)
}

// watch interrupts the call that is about to begin when its context ends.
func (l *lane) watch(ctx context.Context, cmd redis.Cmder) (stop func() bool) {
	if ctx.Done() == nil {
		return nil
	}
	l.mu.Lock()
	call := l.call
	l.mu.Unlock()
	return context.AfterFunc(ctx, func() { l.end(call, cmd) })
}

// done returns the lane. One whose connection failed is discarded: its client
// would answer with the error of its last dial for up to a second more, even if
// the server is back.
func (ls *lanes) done(ctx context.Context, l *lane, stop func() bool, err error) error {
	if stop != nil {
		stop()
	}
	if IsConnection(err) {
		l.mu.Lock()
		l.broken = true
		l.mu.Unlock()
	}
	ls.put(l)
	if err != nil && ctx.Err() != nil && IsConnection(err) {
		return &endedError{ctx.Err()}
	}
	return err
}

// end interrupts a call that is still running.
func (l *lane) end(call uint64, cmd redis.Cmder) {
	if c, ok := cmd.(*Write); ok && !c.sending().CompareAndSwap(onceWaiting, onceGivenUp) {
		time.Sleep(writeGrace)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.call != call {
		return
	}
	l.broken = true
	for _, c := range l.conns {
		_ = c.Close()
	}
}
