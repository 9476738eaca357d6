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

// pool is the connection pool of an engine that created its client itself.
// Each connection serves one call at a time, so that the end of a call's
// context can close it: the client itself waits for a reply regardless of the
// context, and waiting in a separate goroutine costs about a third of a short
// statement.
type pool struct {
	url    string
	change func(*redis.Options)
	turns  chan struct{} // one for each connection that may be in use
	wait   time.Duration // how long a call waits for a connection
	grace  time.Duration // how long to wait after the context has ended; see Options.Grace

	mu     sync.Mutex
	free   []*pooled
	closed bool
}

// pooled is a client with a single connection.
type pooled struct {
	client *redis.Client
	conn   *redis.Conn     // has the connection, for several calls
	pipe   redis.Pipeliner // of conn; it is empty between two calls
	since  time.Time       // when conn got the connection
	used   time.Time       // when its last call began; zero: that failed

	mu     sync.Mutex
	conns  []net.Conn
	call   uint64 // number of the current call
	broken bool
}

// maxPooledConns exceeds the number of open connections of a client, which has one.
const maxPooledConns = 4

// Whenever a connection is taken out of the client, it is asked whether it is still open, which is a system call. One whose last call
// began less than freshFor ago is used again without that, for heldFor at most.
const (
	freshFor = time.Millisecond
	heldFor  = time.Second
)

var errPooledBroken = errors.New("the call was ended")

// newPool returns a pool for the server of a URL; change adapts the client
// options for the engine.
func newPool(url string, o *redis.Options, change func(*redis.Options)) *pool {
	size := o.PoolSize
	if size <= 0 {
		size = 10 * runtime.GOMAXPROCS(0)
	}
	wait := o.PoolTimeout
	if wait <= 0 {
		wait = o.ReadTimeout + time.Second
	}
	return &pool{url: url, change: change, turns: make(chan struct{}, size), wait: wait}
}

// take waits for a free client. For a context that has ended there is none, so that nothing is sent: a connection that is held does not ask.
func (p *pool) take(ctx context.Context) (*pooled, error) {
	if err := ctx.Err(); err != nil {
		return nil, &endedError{err}
	}
	select {
	case p.turns <- struct{}{}:
	default:
		t := time.NewTimer(p.wait)
		defer t.Stop()
		select {
		case p.turns <- struct{}{}:
		case <-ctx.Done():
			return nil, &endedError{ctx.Err()}
		case <-t.C:
			return nil, redis.ErrPoolTimeout
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		<-p.turns
		return nil, redis.ErrClosed
	}
	if n := len(p.free); n > 0 {
		l := p.free[n-1]
		p.free = p.free[:n-1]
		return l, nil
	}
	l, err := p.open()
	if err != nil {
		<-p.turns
	}
	return l, err
}

// open makes a client, which connects on first use.
func (p *pool) open() (*pooled, error) {
	o, err := redis.ParseURL(p.url)
	if err != nil {
		return nil, err
	}
	p.change(o)
	o.PoolSize, o.MinIdleConns = 1, 0
	o.ReadBufferSize, o.WriteBufferSize = 32<<10, 32<<10
	l := &pooled{}
	connect := o.Dialer
	o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := connect(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.broken {
			return nil, errors.Join(errPooledBroken, c.Close())
		}
		if len(l.conns) == maxPooledConns {
			l.conns = append(l.conns[:0], l.conns[1:]...) // closed earlier
		}
		l.conns = append(l.conns, c)
		return c, nil
	}
	l.client = redis.NewClient(o)
	return l, nil
}

// begin prepares a call.
func (l *pooled) begin() {
	now := time.Now()
	if now.Sub(l.used) >= freshFor || now.Sub(l.since) >= heldFor {
		if l.conn != nil {
			_ = l.conn.Close() // gives the connection back to the client
		}
		l.conn = l.client.Conn()
		l.pipe, l.since = l.conn.Pipeline(), now
	}
	l.used = now
}

// put returns a client; a broken one is discarded.
func (p *pool) put(l *pooled) {
	l.mu.Lock()
	l.call++
	broken := l.broken
	l.mu.Unlock()
	p.mu.Lock()
	if broken = broken || p.closed; !broken {
		p.free = append(p.free, l)
	}
	p.mu.Unlock()
	if broken {
		_ = l.client.Close()
	}
	<-p.turns
}

// Close closes the pool; clients in use are closed when they are returned.
func (p *pool) Close() error {
	p.mu.Lock()
	free := p.free
	p.free, p.closed = nil, true
	p.mu.Unlock()
	var errs []error
	for _, l := range free {
		errs = append(errs, l.client.Close())
	}
	return errors.Join(errs...)
}

// process sends a command and waits for its reply. If the context ends, the error is an *endedError; for a write that was sent,
// it is returned after the grace period.
func (p *pool) process(ctx context.Context, cmd redis.Cmder) error {
	l, err := p.take(ctx)
	if err != nil {
		return err
	}
	l.begin()
	stop := l.watch(ctx, cmd, p.grace)
	if err = l.conn.Process(ctx, cmd); err == nil {
		err = refused(cmd)
	}
	return p.done(ctx, l, stop, err)
}

// pipeline is process for several commands in one round trip, of which one may
// be a write.
func (p *pool) pipeline(ctx context.Context, cmds []redis.Cmder, write redis.Cmder) error {
	l, err := p.take(ctx)
	if err != nil {
		return failAll(cmds, err)
	}
	l.begin()
	stop := l.watch(ctx, write, p.grace)
	_ = l.pipe.BatchProcess(ctx, cmds...) // only queues them; a client of the pool repeats nothing: see options
	_, err = l.pipe.Exec(ctx)
	return p.done(ctx, l, stop, settle(cmds, err))
}

// batch is pipeline for the commands of several callers.
func (p *pool) batch(ctx context.Context, cmds []redis.Cmder) error {
	return p.pipeline(ctx, cmds, nil)
}

// watch interrupts the call that is about to begin when its context ends.
func (l *pooled) watch(ctx context.Context, cmd redis.Cmder, grace time.Duration) (stop func() bool) {
	if ctx.Done() == nil {
		return nil
	}
	l.mu.Lock()
	call := l.call
	l.mu.Unlock()
	return context.AfterFunc(ctx, func() { l.end(call, cmd, grace) })
}

// done returns the client to the pool. A client whose connection failed is discarded: it would return the error of its last dial
// for up to a second, even if the server is available again.
func (p *pool) done(ctx context.Context, l *pooled, stop func() bool, err error) error {
	if stop != nil {
		stop()
	}
	if err != nil {
		l.used = time.Time{} // the client may want to close the connection
	}
	if IsConnection(err) {
		l.mu.Lock()
		l.broken = true
		l.mu.Unlock()
	}
	p.put(l)
	if err != nil && ctx.Err() != nil && IsConnection(err) {
		return &endedError{ctx.Err()}
	}
	return err
}

// end interrupts a call that is still running.
func (l *pooled) end(call uint64, cmd redis.Cmder, grace time.Duration) {
	if c, ok := cmd.(*Write); ok && !c.sending().CompareAndSwap(onceWaiting, onceGivenUp) {
		time.Sleep(grace)
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
