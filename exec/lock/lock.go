package lock

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"math"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"

	mathrand "math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lua"
)

// Key names what a lock is for. This is usually a document, but neither the document nor its model need exist.
type Key struct{ Model, ID string }

// Lease is how long a lock lives after its last renewal. It is renewed at a third of that.
const Lease = 10 * time.Second

// The pauses between attempts to take a lock that is held.
const (
	lockPause    = 5 * time.Millisecond
	maxLockPause = 200 * time.Millisecond
)

// Hold takes all locks, one after the other in the order of their names, and runs f while they are held. The order of keys does
// not matter, so two callers cannot deadlock. The context of f ends when a lease is lost, with an error of code lock-lost as its
// cause. fence is greater than that of every earlier holder. The error is that of f, or says that the locks were not taken or
// were lost.
func Hold(ctx context.Context, c *conn.Conn, keys []Key, lease time.Duration, f func(ctx context.Context, fence int64) error) error {
	names, err := names(c, keys)
	if err != nil {
		return err
	}
	var random [16]byte
	_, _ = rand.Read(random[:])
	h := &holding{c: c, token: hex.EncodeToString(random[:]), lease: max(lease, 3*time.Millisecond)}
	defer h.release(ctx)
	for _, name := range names {
		if err := h.take(ctx, name); err != nil {
			return err
		}
	}
	return h.during(ctx, f)
}

// names returns the keys of the locks, without duplicates, in order.
func names(c *conn.Conn, keys []Key) ([]string, error) {
	names := make([]string, 0, len(keys))
	for _, k := range keys {
		if k.Model == "" || k.ID == "" || strings.Contains(k.Model, ":") {
			return nil, &lang.Error{Code: lang.CodeBadKey, Statement: -1, Message: "a lock is for a model and a key; this one is for " + lang.Quote(k.Model) + " and " + lang.Quote(k.ID)}
		}
		names = append(names, c.Keys.Lock(k.Model, k.ID))
	}
	if len(names) == 0 {
		return nil, &lang.Error{Code: lang.CodeBadKey, Statement: -1, Message: "a lock needs a key"}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// holding is the state of one call of Hold.
type holding struct {
	c     *conn.Conn
	token string
	lease time.Duration
	names []string
	fence int64
	since atomic.Int64 // when the lease is known to have begun, in nanoseconds since base
	base  time.Time
}

// lockLost returns the error for a lease that ended too early.
func lockLost() *lang.Error {
	return &lang.Error{Code: lang.CodeLockLost, Statement: -1, Message: "the lock was lost before its work was done",
		Hint: "another client may hold it now: make the last write check the fencing number"}
}

// take waits for one lock.
func (h *holding) take(ctx context.Context, name string) error {
	for pause := lockPause; ; pause = min(2*pause, maxLockPause) {
		if len(h.names) > 0 { // the leases of the locks already held must not end meanwhile
			if held, err := h.renew(ctx); err != nil || !held {
				return errors.Join(err, lost(held, err))
			}
		}
		began := time.Now()
		cmd, err := h.run(ctx, lua.Lock(), []string{name, h.c.Keys.Fence()}, h.token, h.lease.Milliseconds())
		if err != nil {
			h.names = append(h.names, name) // recorded first: the reply may be lost although the lock is taken
			return err
		}
		n, _ := cmd.Int64()
		if n > 0 {
			h.names, h.fence = append(h.names, name), n
			h.begin(began)
			return nil
		}
		wait := min(pause, time.Duration(min(-n, math.MaxInt32))*time.Millisecond, max(h.lease/3, time.Millisecond))
		wait = wait/2 + mathrand.N(wait/2+1)
		select {
		case <-ctx.Done():
			return fail.Ended(ctx)
		case <-time.After(wait):
		}
	}
}

func lost(held bool, err error) error {
	if err == nil && !held {
		return lockLost()
	}
	return nil
}

// begin records that the leases started at t.
func (h *holding) begin(t time.Time) {
	if h.base.IsZero() {
		h.base = t
	}
	h.since.Store(int64(t.Sub(h.base)))
}

// left returns how long the leases last at least.
func (h *holding) left() time.Duration {
	return h.lease - (time.Since(h.base) - time.Duration(h.since.Load()))
}

// during runs f and renews the leases.
func (h *holding) during(ctx context.Context, f func(context.Context, int64) error) error {
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		h.keepAlive(inner, cancel, done)
	}()
	defer func() {
		close(done)
		<-stopped
	}()
	err := f(inner, h.fence)
	var x *lang.Error
	if cause := context.Cause(inner); errors.As(cause, &x) && x.Code == lang.CodeLockLost {
		if err == nil || errors.Is(err, context.Canceled) {
			return x
		}
		return errors.Join(err, x)
	}
	return err
}

// keepAlive renews the leases at a third of their time. While the server cannot be reached, it tries again until the leases must
// have ended.
func (h *holding) keepAlive(ctx context.Context, cancel context.CancelCauseFunc, done <-chan struct{}) {
	every := max(h.lease/3, time.Millisecond)
	for wait := every; ; {
		select {
		case <-done:
			return
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		limited, stop := context.WithTimeout(ctx, max(h.left(), time.Millisecond))
		held, err := h.renew(limited)
		stop()
		wait = every
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && held:
			continue
		case err == nil || h.left() <= 0:
			cancel(lockLost())
			return
		}
		wait = max(min(every, h.left())/4, time.Millisecond)
	}
}

// renew extends the leases and reports whether all locks are still held.
func (h *holding) renew(ctx context.Context) (bool, error) {
	began := time.Now()
	cmd, err := h.run(ctx, lua.Renew(), h.names, h.token, h.lease.Milliseconds())
	if err != nil {
		return false, err
	}
	n, _ := cmd.Int64()
	if n == 1 {
		h.begin(began)
	}
	return n == 1, nil
}

// releaseTime is the time limit for releasing locks, which otherwise expire.
const releaseTime = 2 * time.Second

// release releases all locks, even if the caller's context has ended.
func (h *holding) release(ctx context.Context) {
	if len(h.names) == 0 {
		return
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer stop()
	_, _ = h.run(ctx, lua.Unlock(), h.names, h.token)
}

// run sends a lock script.
func (h *holding) run(ctx context.Context, s *lua.Script, keys []string, argv ...any) (*redis.Cmd, error) {
	if err := fail.Ended(ctx); err != nil {
		return nil, err
	}
	cmd := h.c.Command(ctx, s, script.New(h.c.Keys.Never(), keys, argv...), true).(*conn.Write)
	if err := h.c.Process(ctx, cmd); err != nil {
		return nil, conn.ServerError(err, conn.MayHaveRun(cmd, err), keys[0])
	}
	return &cmd.Cmd, nil
}
