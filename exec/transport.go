package exec

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// onceCmd is a command that the client never sends again by itself: when the
// connection breaks after it was sent, nobody knows whether it was carried out.
type onceCmd struct {
	redis.Cmd
	state atomic.Uint32
}

// States of a onceCmd.
const (
	onceWaiting uint32 = iota
	onceSent           // the client has begun to write it
	onceGivenUp        // the caller's context ended before that
)

// NoRetry keeps the client from repeating it.
func (*onceCmd) NoRetry() bool { return true }

// Args is asked for when the client writes the command to the connection. One
// that was given up meanwhile is replaced by a command that does nothing.
func (c *onceCmd) Args() []any {
	if !c.state.CompareAndSwap(onceWaiting, onceSent) && c.state.Load() == onceGivenUp {
		return []any{"ping"}
	}
	return c.Cmd.Args()
}

// mayHaveRun reports a command that the server may have carried out although err says nothing of it.
func mayHaveRun(cmd redis.Cmder, err error) bool {
	c, ok := cmd.(*onceCmd)
	return ok && c.state.Load() == onceSent && !notSent(err)
}

// send sends a command once and waits for its answer, or until the context ends.
func (e *Engine) send(ctx context.Context, cmd redis.Cmder) error {
	if p := profiling(ctx); p != nil {
		if err := p.trip(ctx, e, []redis.Cmder{cmd}, cmd); err != nil {
			return err
		}
		return cmd.Err()
	}
	if e.lanes != nil {
		return e.lanes.process(ctx, cmd)
	}
	sent := cmd
	if !cmd.NoRetry() {
		sent = noRetry{cmd}
	}
	if ctx.Done() == nil {
		return e.direct(ctx, sent)
	}
	return await(ctx, func() error { return e.direct(ctx, sent) }, cmd)
}

// direct sends a command to the node that has the namespace. The client of a
// cluster looks at a command before it has a connection, so that a write would
// seem to be sent that never was; it is asked only where the slot is elsewhere.
func (e *Engine) direct(ctx context.Context, cmd redis.Cmder) error {
	if e.nodes {
		node, err := e.cluster.MasterForKey(ctx, e.keys.Catalog())
		if err != nil {
			return err
		}
		if err = node.Process(ctx, cmd); !isElsewhere(err) {
			return err
		}
		if c, ok := cmd.(*onceCmd); ok {
			c.state.CompareAndSwap(onceSent, onceWaiting)
		}
	}
	if _, write := cmd.(*onceCmd); e.cluster == nil || write {
		return e.client.Process(ctx, cmd)
	}
	c := &redirected{noRetry: noRetry{cmd}}
	err := e.cluster.Process(ctx, c)
	return cmp.Or(c.settle(), err)
}

// directAll is direct for commands that read, in one trip.
func (e *Engine) directAll(ctx context.Context, cmds []redis.Cmder) error {
	if e.nodes {
		node, err := e.cluster.MasterForKey(ctx, e.keys.Catalog())
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
	if e.cluster == nil {
		return pipelined(ctx, e.client.Pipeline(), cmds)
	}
	sent := make([]redis.Cmder, len(cmds))
	for i, c := range cmds {
		sent[i] = &redirected{noRetry: noRetry{c}}
	}
	err := pipelined(ctx, e.cluster.Pipeline(), sent)
	for _, c := range sent {
		err = cmp.Or(c.(*redirected).settle(), err)
	}
	return err
}

// isElsewhere reports the answer of a node that another one has, or begins to have, the slot.
func isElsewhere(err error) bool {
	_, moved := redis.IsMovedError(err)
	_, ask := redis.IsAskError(err)
	return moved || ask
}

// sendAll sends commands that read once, in one trip.
func (e *Engine) sendAll(ctx context.Context, cmds []redis.Cmder) error {
	if p := profiling(ctx); p != nil {
		return p.trip(ctx, e, cmds, nil)
	}
	return e.carry(ctx, cmds, nil)
}

// carry sends commands in one trip, of which one may change something: write.
func (e *Engine) carry(ctx context.Context, cmds []redis.Cmder, write redis.Cmder) error {
	if e.lanes != nil {
		return e.lanes.pipeline(ctx, cmds, write)
	}
	return await(ctx, func() error { return e.directAll(ctx, cmds) }, write)
}

func pipelined(ctx context.Context, p redis.Pipeliner, cmds []redis.Cmder) error {
	for i, c := range cmds {
		if i == 0 && !c.NoRetry() {
			c = noRetry{c} // holds for all of them
		}
		_ = p.Process(ctx, c)
	}
	_, err := p.Exec(ctx)
	return err
}

// writeGrace is how long the answer to a write that was sent is still awaited
// when the context has ended: mostly it is about to come.
const writeGrace = 500 * time.Millisecond

// await runs f, which the client does not leave while it waits for an answer,
// and stops waiting when the context ends: then the error is an *endedError,
// and what f works on may not be touched. cmd is the command that f sends, if it is one.
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
		if c, ok := cmd.(*onceCmd); ok && !c.state.CompareAndSwap(onceWaiting, onceGivenUp) {
			grace = writeGrace
		}
		select {
		case err = <-done:
		case <-time.After(grace):
			return &endedError{ctx.Err()}
		}
	}
	if ctx.Err() != nil && isConnection(err) {
		return &endedError{ctx.Err()}
	}
	return err
}

// endedError says that the caller's context ended before there was an answer.
type endedError struct{ cause error }

func (e *endedError) Error() string { return e.cause.Error() }
func (e *endedError) Unwrap() error { return e.cause }

// isEnded tells the end of the caller's context from a broken connection.
func isEnded(err error) bool {
	var e *endedError
	return errors.As(err, &e)
}
