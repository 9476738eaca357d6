package conn

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// Watcher observes the round trips of the calls whose context carries it. It sends the commands itself by calling Conn.Carry.
type Watcher interface {
	// Trip sends commands in one round trip. write is the one that may change something, or nil.
	Trip(ctx context.Context, c *Conn, cmds []redis.Cmder, write redis.Cmder) error
}

// RoundTrips is a Watcher that only counts round trips.
type RoundTrips struct{ n atomic.Int64 }

// Made returns the number of round trips.
func (t *RoundTrips) Made() int { return int(t.n.Load()) }

// Trip implements Watcher.
func (t *RoundTrips) Trip(ctx context.Context, c *Conn, cmds []redis.Cmder, write redis.Cmder) error {
	t.n.Add(1)
	return c.Carry(ctx, cmds, write)
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

// send sends a command once and waits for its reply, or until the context ends. share says that it may share its round trip.
func (c *Conn) send(ctx context.Context, cmd redis.Cmder, share bool) error {
	c.trips.Add(1)
	switch w := WatcherOf(ctx).(type) {
	case nil:
	case *RoundTrips:
		w.n.Add(1)
	default:
		if err := w.Trip(ctx, c, []redis.Cmder{cmd}, cmd); err != nil {
			return err
		}
		return cmd.Err()
	}
	if share && c.queue != nil {
		if w, ok := cmd.(*Write); ok {
			return c.queue.do(ctx, w.list(), w)
		}
		return c.queue.do(ctx, []redis.Cmder{cmd}, cmd)
	}
	return c.one(ctx, cmd)
}

// one sends a command in a round trip of its own.
func (c *Conn) one(ctx context.Context, cmd redis.Cmder) error {
	if c.replica || c.waits > 0 {
		if err := c.Carry(ctx, []redis.Cmder{cmd}, cmd); IsConnection(err) {
			return err
		}
		return cmd.Err()
	}
	if c.pool != nil {
		return c.pool.process(ctx, cmd)
	}
	sent := cmd
	if !cmd.NoRetry() {
		sent = Unrepeated{cmd}
	}
	if ctx.Done() == nil {
		return c.direct(ctx, sent)
	}
	return c.await(ctx, func() error { return c.direct(ctx, sent) }, cmd)
}

// direct sends a command to the node that has the namespace. A cluster client inspects a command before it has a connection, so a
// write would appear to have been sent when it was not. Therefore it is used only if the slot is on another node.
func (c *Conn) direct(ctx context.Context, cmd redis.Cmder) error {
	if c.nodes && !c.wide {
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
	return cmp.Or(r.asked(), err)
}

// directAll does the same as direct for read commands, in one round trip.
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
		err = cmp.Or(c.(*redirected).asked(), err)
	}
	return err
}

// directBatch does the same for commands of which some may be writes. Each is sent once, whatever the replies are.
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

// isElsewhere reports whether a node replied that another node has the slot or is importing it.
func isElsewhere(err error) bool {
	_, moved := redis.IsMovedError(err)
	_, ask := redis.IsAskError(err)
	return moved || ask
}

// sendAll sends commands once, in one round trip. write is the one that may change something, or nil; share says that they may
// share the round trip.
func (c *Conn) sendAll(ctx context.Context, cmds []redis.Cmder, write redis.Cmder, share bool) error {
	c.trips.Add(1)
	switch w := WatcherOf(ctx).(type) {
	case nil:
	case *RoundTrips:
		w.n.Add(1)
	default:
		return w.Trip(ctx, c, cmds, write)
	}
	if share && c.queue != nil {
		return c.queue.do(ctx, cmds, write)
	}
	return c.Carry(ctx, cmds, write)
}

// Carry sends commands in a round trip of their own. write is the one that may change something, or nil.
func (c *Conn) Carry(ctx context.Context, cmds []redis.Cmder, write redis.Cmder) error {
	switch {
	case c.replica && !slices.ContainsFunc(cmds, isWrite):
		return c.await(ctx, func() error { return c.readReplicas(ctx, cmds) })
	case c.Spreads():
		return c.await(ctx, func() error { return c.spread(ctx, cmds) }, cmds...)
	case c.waits > 0:
		all, noted := c.waiting(ctx, cmds)
		err := c.together(ctx, all, write)
		if !isEnded(err) {
			noted()
		}
		return err
	}
	return c.together(ctx, cmds, write)
}

// together sends commands to the server that has the keys of the connection.
func (c *Conn) together(ctx context.Context, cmds []redis.Cmder, write redis.Cmder) error {
	if c.pool != nil {
		return c.pool.pipeline(ctx, cmds, write)
	}
	if w, ok := write.(*Write); ok && (w.lead != nil || c.waits > 0) {
		return c.await(ctx, func() error { return c.directBatch(ctx, cmds) }, write)
	}
	return c.await(ctx, func() error { return c.directAll(ctx, cmds) }, write)
}

// alone is what the queue calls for a caller that makes a round trip by itself.
func (c *Conn) alone(ctx context.Context, cmds []redis.Cmder, write redis.Cmder) error {
	if len(cmds) == 1 {
		return c.one(ctx, cmds[0])
	}
	return c.Carry(ctx, cmds, write)
}

// carry is what the queue calls to send the commands of several callers in one round trip.
func (c *Conn) carry(cmds []redis.Cmder) {
	send := c.directBatch
	if c.pool != nil {
		send = c.pool.batch
	}
	if err := send(context.Background(), cmds); err != nil && firstError(cmds) == nil {
		_ = failAll(cmds, err) // nothing was sent
	}
}
