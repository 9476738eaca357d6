package mem

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// clock moves the time of a server, and with it what its keys have left to
// live, while no command runs: a command that saw only one of them moved, or a
// script during which they moved, would find a key gone before its end. It moves by
// whole milliseconds, as ends are counted.
type clock struct {
	redis   *miniredis.Miniredis
	running sync.RWMutex  // held for reading by what runs
	shift   atomic.Int64  // milliseconds that advance has added
	last    atomic.Int64  // the server's time
	ends    atomic.Bool   // some key has been given an end
	cost    time.Duration // of the last move, guarded by running
}

// moveShare bounds what moving the clock costs: a move takes time for every
// key there is, so it waits until so many times its duration have passed.
const moveShare = 10

func newClock(m *miniredis.Miniredis) *clock {
	c := &clock{redis: m}
	c.move(true)
	return c
}

// now is the time that now() reads.
func (c *clock) now() time.Time {
	return time.Now().Add(time.Duration(c.shift.Load()) * time.Millisecond)
}

// saw hears of every command, those of scripts included.
func (c *clock) saw(cmd string, args []string) {
	switch cmd {
	case "SET":
		if len(args) < 3 {
			return
		}
	case "EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT", "SETEX", "PSETEX", "GETEX", "RESTORE", "HEXPIRE", "HPEXPIRE", "HEXPIREAT", "HPEXPIREAT":
	default:
		return
	}
	c.ends.Store(true)
}

// move gives the server the time that it is, unless it has it; at once, or when it is worth its cost.
func (c *clock) move(atOnce bool) {
	now := c.now().UnixMilli()
	if now <= c.last.Load() {
		return
	}
	c.running.Lock()
	defer c.running.Unlock()
	past := time.Duration(now-c.last.Load()) * time.Millisecond
	if past <= 0 || !atOnce && past < moveShare*c.cost {
		return
	}
	began := time.Now()
	c.redis.SetTime(time.UnixMilli(now))
	if c.ends.Load() {
		c.redis.FastForward(past)
	}
	c.cost = time.Since(began)
	c.last.Store(now)
}

// inside marks the context of a call: the client runs hooks again within a
// call, when it sets up a connection, and a lock for reading that is taken
// twice never comes if another goroutine waits for the lock in between.
type inside struct{}

// enter waits until a command may run.
func (c *clock) enter(ctx context.Context) (context.Context, func()) {
	if ctx.Value(inside{}) != nil {
		return ctx, func() {}
	}
	c.move(false)
	c.running.RLock()
	return context.WithValue(ctx, inside{}, true), c.running.RUnlock
}

// DialHook implements redis.Hook.
func (c *clock) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook implements redis.Hook.
func (c *clock) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		ctx, leave := c.enter(ctx)
		defer leave()
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook implements redis.Hook.
func (c *clock) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		ctx, leave := c.enter(ctx)
		defer leave()
		return next(ctx, cmds)
	}
}

// advance moves the clock forward.
func (c *clock) advance(d time.Duration) {
	c.shift.Add(d.Milliseconds())
	c.move(true)
}
