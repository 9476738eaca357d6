package mem

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// clock advances the time of a server together with the remaining lifetime of its keys, and only while no command runs: a command
// that saw only one of the two move, or a script during which they moved, would find a key expired too early. It advances by
// whole milliseconds, the resolution of expiration.
type clock struct {
	redis   *miniredis.Miniredis
	running sync.RWMutex  // held for reading by running commands
	shift   atomic.Int64  // milliseconds added by advance
	last    atomic.Int64  // the server's time
	ends    atomic.Bool   // some key has an expiration
	cost    time.Duration // of the last move; guarded by running
}

// moveShare bounds the cost of advancing the clock: an advance takes time for
// every key, so the next one waits until this many times its duration has
// passed.
const moveShare = 10

func newClock(m *miniredis.Miniredis) *clock {
	c := &clock{redis: m}
	c.move(true)
	return c
}

// now returns the time of now().
func (c *clock) now() time.Time {
	return time.Now().Add(time.Duration(c.shift.Load()) * time.Millisecond)
}

// saw is called for every command, including those of scripts.
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

// move sets the server's clock to the current time if it is behind: at once, or
// only when that is worth its cost.
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

// inside marks the context of a call. The client runs hooks again within a call
// when it sets up a connection, and taking a read lock twice deadlocks if
// another goroutine waits for the write lock in between.
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

// timedScripts are the scripts that call TIME, by their SHA1. The embedded server refuses TIME in a read-only script, as if it
// were a write.
type timedScripts struct{ sums sync.Map }

// asks reports whether the arguments name such a script; cmd is EVAL_RO or EVALSHA_RO.
func (t *timedScripts) asks(cmd string, args []string) bool {
	if len(args) == 0 {
		return false
	}
	if cmd == "EVALSHA_RO" {
		_, ok := t.sums.Load(args[0])
		return ok
	}
	if cmd != "EVAL_RO" || !strings.Contains(args[0], "call('TIME')") {
		return false
	}
	sum := sha1.Sum([]byte(args[0]))
	t.sums.Store(hex.EncodeToString(sum[:]), true)
	return true
}

// advance moves the clock forward. It never fails.
func (c *clock) advance(d time.Duration) error {
	c.shift.Add(d.Milliseconds())
	c.move(true)
	return nil
}
