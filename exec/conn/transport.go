package conn

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Write is a command that the client never resends by itself: if the connection
// breaks after it was sent, its outcome is unknown.
type Write struct {
	redis.Cmd
	state atomic.Uint32
	// lead is the first write of those that travel together, whose state is that of all: they are sent together
	// or not at all. nil: it travels alone.
	lead *Write
}

// NewWrite returns a command that changes something.
func NewWrite(ctx context.Context, args ...any) *Write {
	return &Write{Cmd: *redis.NewCmd(ctx, args...)}
}

// States of a onceCmd.
const (
	onceWaiting uint32 = iota
	onceSent           // the client has begun to write it
	onceGivenUp        // the caller's context ended before that
)

// NoRetry prevents the client from retrying it.
func (*Write) NoRetry() bool { return true }

// sending is the state of the write, or of those that it travels with.
func (c *Write) sending() *atomic.Uint32 {
	if c.lead != nil {
		return &c.lead.state
	}
	return &c.state
}

// Args is called when the client writes the command to the connection. A
// command that was abandoned meanwhile is replaced by one that does nothing.
func (c *Write) Args() []any {
	if st := c.sending(); !st.CompareAndSwap(onceWaiting, onceSent) && st.Load() == onceGivenUp {
		return []any{"ping"}
	}
	return c.Cmd.Args()
}

// MayHaveRun reports whether the server may have executed a command although
// err does not say so.
func MayHaveRun(cmd redis.Cmder, err error) bool {
	c, ok := cmd.(*Write)
	if !ok || c.sending().Load() != onceSent {
		return false
	}
	// Of several commands the first may have been sent whole before the connection broke.
	return !notSent(err) || c.lead != nil && brokeSending(err)
}

// Watcher observes the round trips of the calls whose context carries it, and
// sends them itself by calling carry.
type Watcher interface {
	// Trip sends commands in one round trip, of which one may change something:
	// write.
	Trip(ctx context.Context, c *Conn, cmds []redis.Cmder, write redis.Cmder) error
}

type watcherKey struct{}

// Watched returns a context whose calls are observed by a watcher.
func Watched(ctx context.Context, w Watcher) context.Context {
	return context.WithValue(ctx, watcherKey{}, w)
}

// WatcherOf returns the watcher of a context, or nil.
func WatcherOf(ctx context.Context) Watcher {
	w, _ := ctx.Value(watcherKey{}).(Watcher)
	return w
}

// send sends a command once and waits for its reply, or until the context ends.
func (c *Conn) send(ctx context.Context, cmd redis.Cmder) error {
	if w := WatcherOf(ctx); w != nil {
		if err := w.Trip(ctx, c, []redis.Cmder{cmd}, cmd); err != nil {
			return err
		}
		return cmd.Err()
	}
	if c.Lanes != nil {
		return c.Lanes.process(ctx, cmd)
	}
	sent := cmd
	if !cmd.NoRetry() {
		sent = Unrepeated{cmd}
	}
	if ctx.Done() == nil {
		return c.direct(ctx, sent)
	}
	return await(ctx, func() error { return c.direct(ctx, sent) }, cmd)
}

// direct sends a command to the node that has the namespace. A cluster client
// inspects a command before it has a connection, so that a write would seem to
// have been sent when it was not; it is used only if the slot is elsewhere.
func (c *Conn) direct(ctx context.Context, cmd redis.Cmder) error {
	if c.nodes {
		node, err := c.cluster.MasterForKey(ctx, c.Keys.Catalog())
		if err != nil {
			return err
		}
		if err = node.Process(ctx, cmd); !isElsewhere(err) {
			return err
		}
		if c, ok := cmd.(*Write); ok {
			c.state.CompareAndSwap(onceSent, onceWaiting)
		}
	}
	if _, write := cmd.(*Write); c.cluster == nil || write {
		return c.client.Process(ctx, cmd)
	}
	r := &redirected{Unrepeated: Unrepeated{cmd}}
	err := c.cluster.Process(ctx, r)
	return cmp.Or(r.settle(), err)
}

// directAll is direct for read commands, in one round trip.
func (c *Conn) directAll(ctx context.Context, cmds []redis.Cmder) error {
	if c.nodes {
		node, err := c.cluster.MasterForKey(ctx, c.Keys.Catalog())
		if err != nil {
			return err
		}
		err = pipelined(ctx, node.Pipeline(), cmds)
		elsewhere := false
		for i := 0; err != nil && i < len(cmds); i++ {
			elsewhere = elsewhere || isElsewhere(cmds[i].Err())
		}
		if !elsewhere {
			return err
		}
	}
	if c.cluster == nil {
		return pipelined(ctx, c.client.Pipeline(), cmds)
	}
	sent := make([]redis.Cmder, len(cmds))
	for i, c := range cmds {
		sent[i] = &redirected{Unrepeated: Unrepeated{c}}
	}
	err := pipelined(ctx, c.cluster.Pipeline(), sent)
	for _, c := range sent {
		err = cmp.Or(c.(*redirected).settle(), err)
	}
	return err
}

// directBatch is directAll for commands of which some may change something: each
// is sent once, whatever the answers say.
func (c *Conn) directBatch(ctx context.Context, cmds []redis.Cmder) error {
	if c.cluster == nil {
		return pipelined(ctx, c.client.Pipeline(), cmds)
	}
	node, err := c.cluster.MasterForKey(ctx, c.Keys.Catalog())
	if err != nil {
		return err
	}
	return pipelined(ctx, node.Pipeline(), cmds)
}

// isElsewhere reports the reply of a node that another node has, or is
// importing, the slot.
func isElsewhere(err error) bool {
	_, moved := redis.IsMovedError(err)
	_, ask := redis.IsAskError(err)
	return moved || ask
}

// sendAll sends read commands once, in one round trip.
func (c *Conn) sendAll(ctx context.Context, cmds []redis.Cmder) error {
	if w := WatcherOf(ctx); w != nil {
		return w.Trip(ctx, c, cmds, nil)
	}
	return c.Carry(ctx, cmds, nil)
}

// Carry sends commands in one round trip, of which one may change something:
// write.
func (c *Conn) Carry(ctx context.Context, cmds []redis.Cmder, write redis.Cmder) error {
	if c.Lanes != nil {
		return c.Lanes.pipeline(ctx, cmds, write)
	}
	if w, ok := write.(*Write); ok && w.lead != nil {
		return await(ctx, func() error { return c.directBatch(ctx, cmds) }, write)
	}
	return await(ctx, func() error { return c.directAll(ctx, cmds) }, write)
}

func pipelined(ctx context.Context, p redis.Pipeliner, cmds []redis.Cmder) error {
	for i, c := range cmds {
		if i == 0 && !c.NoRetry() {
			c = Unrepeated{c} // holds for all of them
		}
		_ = p.Process(ctx, c)
	}
	_, err := p.Exec(ctx)
	return err
}

// writeGrace is how long the reply to a write that was sent is still awaited
// after the context has ended: usually it arrives soon.
const writeGrace = 500 * time.Millisecond

// await runs f, in which the client waits for a reply, and stops waiting when
// the context ends: then the error is an *endedError, and what f uses must not
// be touched. cmd is the command that f sends, if there is one.
func await(ctx context.Context, f func() error, cmd redis.Cmder) error {
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
		if c, ok := cmd.(*Write); ok && !c.sending().CompareAndSwap(onceWaiting, onceGivenUp) {
			grace = writeGrace
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

// endedError says that the caller's context ended before the reply arrived.
type endedError struct{ cause error }

func (e *endedError) Error() string { return e.cause.Error() }
func (e *endedError) Unwrap() error { return e.cause }

// isEnded distinguishes the end of the caller's context from a broken
// connection.
func isEnded(err error) bool {
	var e *endedError
	return errors.As(err, &e)
}

// OneServer reports that every call goes to the same server.
func (c *Conn) OneServer() bool {
	_, one := c.client.(*redis.Client) // another client may use another server
	return one || c.Lanes != nil
}
