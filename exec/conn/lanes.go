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

// lanes are the connections of an engine that made them itself. Each serves one
// call at a time, so that the end of a call's context can end its connection:
// the client by itself waits for an answer whatever becomes of the context, and
// to wait in a goroutine beside it costs about a third of a short statement.
type lanes struct {
	url    string
	change func(*redis.Options)
	turns  chan struct{} // one for each lane that may be in use
	wait   time.Duration // how long a call waits for a turn

	mu     sync.Mutex
	free   []*lane
	closed bool
}

// lane is one client with one connection.
type lane struct {
	client *redis.Client

	mu     sync.Mutex
	conns  []net.Conn
	call   uint64 // ordinal of the call at work
	broken bool
}

// maxLaneConns is more than a client of one connection, and one for pipelines, has open.
const maxLaneConns = 4

var errLaneBroken = errors.New("the call was ended")

// newLanes are lanes to the server of a URL; change makes its options the engine's.
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

// open makes a lane, which connects when it is first used.
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
			l.conns = append(l.conns[:0], l.conns[1:]...) // closed long since
		}
		l.conns = append(l.conns, c)
		return c, nil
	}
	l.client = redis.NewClient(o)
	return l, nil
}

// put gives a lane back; a broken one is given up.
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

// Close closes the lanes; those in use when they are given back.
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

// process sends a command and waits for its answer. When the context ends, the
// error is an *endedError; a write that was sent is awaited a moment longer.
func (ls *lanes) process(ctx context.Context, cmd redis.Cmder) error {
	l, err := ls.take(ctx)
	if err != nil {
		return err
	}
	stop := l.watch(ctx, cmd)
	err = l.client.Process(ctx, cmd)
	return ls.done(ctx, l, stop, err)
}

// pipeline is process for several commands in one trip, of which one may be a write.
func (ls *lanes) pipeline(ctx context.Context, cmds []redis.Cmder, write redis.Cmder) error {
	l, err := ls.take(ctx)
	if err != nil {
		return err
	}
	stop := l.watch(ctx, write)
	err = pipelined(ctx, l.client.Pipeline(), cmds)
	return ls.done(ctx, l, stop, err)
}

// watch breaks the call that now begins when its context ends.
func (l *lane) watch(ctx context.Context, cmd redis.Cmder) (stop func() bool) {
	if ctx.Done() == nil {
		return nil
	}
	l.mu.Lock()
	call := l.call
	l.mu.Unlock()
	return context.AfterFunc(ctx, func() { l.end(call, cmd) })
}

// done gives the lane back. One whose connection failed is given up: its
// client would answer with the error of its last dial for up to a second more,
// even when the server is back.
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

// end breaks a call that is still at work.
func (l *lane) end(call uint64, cmd redis.Cmder) {
	if c, ok := cmd.(*Write); ok && !c.state.CompareAndSwap(onceWaiting, onceGivenUp) {
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
