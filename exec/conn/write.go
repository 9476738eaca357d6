package conn

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Write is a command that the client never resends by itself: if the connection breaks after it was sent, its outcome is unknown.
type Write struct {
	redis.Cmd
	state atomic.Uint32
	// lead is the first of several writes that are sent together or not at all. Its state is the state of all of them. nil: the
	// write is sent alone.
	lead *Write
	// among: it was sent together with commands of other callers.
	among bool
	// follow: it is sent by the client of the cluster, which follows redirections.
	follow bool
	// short: fewer replicas have it than the connection asks for.
	short bool
	// only holds the write itself; see list.
	only [1]redis.Cmder
}

// NewWrite returns a command that changes something.
func NewWrite(ctx context.Context, args ...any) *Write {
	return &Write{Cmd: *redis.NewCmd(ctx, args...)}
}

// list returns the commands of a round trip that only the write makes.
func (c *Write) list() []redis.Cmder {
	c.only[0] = c
	return c.only[:]
}

// States of a Write.
const (
	onceWaiting uint32 = iota
	onceSent           // the client has begun to write it
	onceGivenUp        // the caller's context ended before that
)

// NoRetry prevents the client from retrying it.
func (*Write) NoRetry() bool { return true }

// sending returns the state of the write, or of the lead.
func (c *Write) sending() *atomic.Uint32 {
	if c.lead != nil {
		return &c.lead.state
	}
	return &c.state
}

// Args is called when the client writes the command to the connection. A command that was abandoned meanwhile is replaced by one
// that does nothing.
func (c *Write) Args() []any {
	if st := c.sending(); !st.CompareAndSwap(onceWaiting, onceSent) && st.Load() == onceGivenUp {
		return []any{"ping"}
	}
	return c.Cmd.Args()
}

// again prepares a write that was not executed for being sent again, alone.
func (c *Write) again() {
	c.state.Store(onceWaiting)
	c.among = false
}

// MayHaveRun reports whether the server may have executed a command although
// err does not say so.
func MayHaveRun(cmd redis.Cmder, err error) bool {
	c, ok := cmd.(*Write)
	if !ok || c.sending().Load() != onceSent {
		return false
	}
	// Of several commands, the first may have been sent completely before the connection broke.
	return !notSent(err) || (c.lead != nil || c.among) && brokeSending(err)
}

// Unrepeated is a command that the client does not retry.
type Unrepeated struct{ redis.Cmder }

// NoRetry prevents the client from retrying it.
func (Unrepeated) NoRetry() bool { return true }

func pipelined(ctx context.Context, p redis.Pipeliner, cmds []redis.Cmder) error {
	if len(cmds) > 0 {
		first := cmds[0]
		if !first.NoRetry() {
			first = Unrepeated{first} // applies to all of them
		}
		_ = p.Process(ctx, first)
		_ = p.BatchProcess(ctx, cmds[1:]...)
	}
	_, err := p.Exec(ctx)
	return settle(cmds, err)
}

// await calls f, in which the client waits for a reply. If the context ends, it stops waiting, for a write that was sent after
// the grace period; the error is then an *endedError, and the caller must not touch what f uses. cmds are the commands that f sends,
// at least those that write.
func (c *Conn) await(ctx context.Context, f func() error, cmds ...redis.Cmder) error {
	if ctx.Done() == nil {
		return f()
	}
	done := make(chan error, 1)
	go func() { done <- f() }()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		grace := time.Duration(0)
		for _, cmd := range cmds {
			if w, ok := cmd.(*Write); ok && !w.sending().CompareAndSwap(onceWaiting, onceGivenUp) {
				grace = c.grace
			}
		}
		select {
		case err = <-done:
		case <-time.After(grace):
			return &endedError{ctx.Err()}
		}
	}
	if ctx.Err() != nil && IsConnection(err) {
		return &endedError{ctx.Err()}
	}
	return err
}
