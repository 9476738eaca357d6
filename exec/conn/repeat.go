package conn

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
)

// The underlying client does not retry. Retries happen here: of a command that was certainly not executed but may be soon, as
// while a slot is migrated or a replica takes over, and of a read whose connection broke. A command that was sent and not
// answered in time may still be running, so it is never retried.

// The pauses between attempts, and how many attempts may follow a broken connection.
const (
	firstPause = 5 * time.Millisecond
	maxPause   = 100 * time.Millisecond
	maxBroken  = 3
	// A connection that breaks later may have been closed by a proxy that stopped waiting while the server is still working.
	brokenSoon = time.Second
)

// reach says for which clients a refusal may be temporary.
type reach uint8

const (
	always  reach = iota + 1 // any client
	several                  // clients of a cluster or of Sentinels, where a replica may take over
	cluster                  // clients of a whole cluster
)

// repeated lists the error replies after which nothing was executed and a retry may succeed.
var repeated = map[string]reach{
	"TRYAGAIN": always, "ASK": always, "CLUSTERDOWN": always, "LOADING": always,
	"READONLY": several, "MASTERDOWN": several, "NOREPLICAS": several,
	"MOVED": cluster,
}

// attempts counts the attempts at one command or pipeline.
type attempts struct {
	c      *Conn
	write  bool // a write may have been executed
	begun  time.Time
	sent   time.Time // start of the last attempt
	broken int
	pause  time.Duration
	reason error // the error that caused the last attempt
}

// start records the start of an attempt.
func (a *attempts) start() {
	a.sent = time.Now()
	if a.begun.IsZero() {
		a.begun = a.sent
	}
}

// again waits before the next attempt and returns nil, or returns the final error.
func (a *attempts) again(ctx context.Context, err error) error {
	if errors.Is(err, net.ErrClosed) && ctx.Err() != nil { // closed because the context has ended
		err = &endedError{ctx.Err()}
	}
	if !a.repeats(err) {
		if isEnded(err) && !a.write && a.reason != nil && ctx.Err() != nil { // before this attempt was sent
			return a.ended(ctx.Err())
		}
		return err
	}
	return a.pauses(ctx, err)
}

// pauses waits after an error that is temporary, and returns nil, or the final error.
func (a *attempts) pauses(ctx context.Context, err error) error {
	a.reason = err
	a.c.reloadNodes(ctx, err)
	switch over, ended := a.rest(ctx); {
	case ended != nil:
		return a.ended(ended)
	case over:
		return a.over(err)
	}
	return nil
}

// ended returns the error for a context that ended before anything was executed.
func (a *attempts) ended(cause error) error {
	return &lang.Error{Code: lang.CodeCancelled, Statement: -1, Cause: cause,
		Message: cause.Error() + "; nothing had been done: " + plainError(a.reason)}
}

// rest waits before the next attempt. It returns over if the retry time would be exceeded, and an error if the context ended.
func (a *attempts) rest(ctx context.Context) (over bool, err error) {
	if a.pause = min(2*a.pause, maxPause); a.pause == 0 {
		a.pause = firstPause
	}
	if time.Since(a.begun)+a.pause > a.c.retry {
		return true, nil
	}
	t := time.NewTimer(a.pause)
	defer t.Stop()
	select {
	case <-t.C:
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// Turns counts the attempts at an operation that lost a race: the catalog no longer has the version for which a statement was
// planned, or that a definition was based on.
type Turns struct {
	attempts
	N int // how many attempts there were
}

// Turns starts counting.
func (c *Conn) Turns() Turns { return Turns{attempts: attempts{c: c}} }

// maxStale is the number of attempts that follow without a pause.
const maxStale = 3

// Next waits before the next attempt. It returns false if there were enough.
func (t *Turns) Next(ctx context.Context) (bool, error) {
	if t.N++; t.N == 1 {
		t.start()
	}
	if t.N <= maxStale {
		return true, nil
	}
	over, err := t.rest(ctx)
	if err != nil {
		return false, &lang.Error{Code: lang.CodeCancelled, Statement: -1, Cause: err, Message: err.Error() + "; the catalog was being changed until then"}
	}
	return !over, nil
}

// repeats reports whether to retry after an error.
func (a *attempts) repeats(err error) bool {
	again, broken := a.temporary(err)
	if broken {
		a.broken++
	}
	return again
}

// temporary reports whether to retry after an error, and whether it is one of a connection that broke.
func (a *attempts) temporary(err error) (again, broken bool) {
	switch {
	case !IsConnection(err):
		return a.c.reaches(repeated[fail.ReplyWord(err.Error())]), false
	case isEnded(err), isTimeout(err) && !isDial(err), errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrClosed):
		return false, false
	case isDial(err):
		return a.c.reaches(several), false
	}
	return !a.write && a.broken < maxBroken && time.Since(a.sent) < brokenSoon, true
}

// over returns the error of a command whose retry time is over.
func (a *attempts) over(err error) error {
	if IsConnection(err) || a.c.retry <= 0 {
		return err
	}
	x := ServerError(err, false, "")
	if x.Code == lang.CodeNeeds { // MOVED, from one node to the other
		x.Code, x.Hint = lang.CodeBusy, fail.ServerHint("TRYAGAIN")
	}
	x.Message += "; it was tried for " + a.c.retry.String()
	return x
}

// reaches reports whether a refusal with this reach may be temporary on this connection.
func (c *Conn) reaches(r reach) bool {
	switch r {
	case always:
		return true
	case several:
		return c.several
	case cluster:
		return c.cluster != nil
	}
	return false
}

// reloadEvery is the minimum interval between reloads of the cluster's nodes that are caused by errors.
const reloadEvery = 200 * time.Millisecond

// reloadNodes makes the client reload the nodes of a cluster after an error that suggests that they changed. Without this, the
// client dials a dead node until its next regular reload, up to a minute later.
func (c *Conn) reloadNodes(ctx context.Context, err error) {
	if c.cluster == nil || !IsConnection(err) && repeated[fail.ReplyWord(err.Error())] < several {
		return
	}
	last, now := c.reloaded.Load(), time.Now().UnixNano()
	if now-last >= int64(reloadEvery) && c.reloaded.CompareAndSwap(last, now) {
		c.cluster.ReloadState(ctx)
	}
}

// Process sends a command and waits for its reply, or until the context ends.
func (c *Conn) Process(ctx context.Context, cmd redis.Cmder) error { return c.process(ctx, cmd, false) }

// process is Process; share says that the command may share its round trip. It is repeated in one of its own: the commands of
// others may have been what broke the connection.
func (c *Conn) process(ctx context.Context, cmd redis.Cmder, share bool) error {
	once, write := cmd.(*Write)
	for a := (attempts{c: c}); ; share = false {
		a.start()
		err := c.send(ctx, cmd, share)
		if err == nil || err == redis.Nil {
			return err
		}
		a.write = MayHaveRun(cmd, err)
		if err = a.again(ctx, err); err != nil {
			return err
		}
		if write {
			once.again()
		}
		cmd.SetErr(nil)
	}
}

// Pipeline sends read commands in one round trip. Each command keeps its own error.
func (c *Conn) Pipeline(ctx context.Context, cmds []redis.Cmder) error {
	return c.pipeline(ctx, cmds, false)
}

// Share is Pipeline for commands that are brief: they may share the round trip with those of other callers. If the context ends,
// the commands and what they refer to may be in use until their replies arrive.
func (c *Conn) Share(ctx context.Context, cmds []redis.Cmder) error {
	return c.pipeline(ctx, cmds, true)
}

func (c *Conn) pipeline(ctx context.Context, cmds []redis.Cmder, share bool) error {
	if c.Spreads() {
		if err := c.everywhere(ctx, cmds); err != nil {
			return ServerError(err, false, "")
		}
		return left(cmds)
	}
	if len(cmds) == 1 {
		err := c.process(ctx, cmds[0], share)
		if _, over := fail.As(err); over || IsConnection(err) {
			return ServerError(err, false, "")
		}
		return nil
	}
	for a := (attempts{c: c}); ; share = false {
		a.start()
		err := c.sendAll(ctx, cmds, nil, share)
		if err == nil {
			return nil
		}
		if err = a.first(cmds, err); err == nil {
			return nil
		}
		if err = a.again(ctx, err); err != nil {
			return ServerError(err, false, "")
		}
		for _, c := range cmds {
			c.SetErr(nil)
		}
	}
}

// first returns the first error after which the whole pipeline may be sent again. The last command often checks that the replies
// to the others are still valid, so the pipeline is always sent whole. err is the error of the round trip.
func (a *attempts) first(cmds []redis.Cmder, err error) error {
	if IsConnection(err) {
		return err
	}
	for _, c := range cmds {
		if err := c.Err(); err != nil && (IsConnection(err) || a.c.reaches(repeated[fail.ReplyWord(err.Error())])) {
			return err
		}
	}
	return nil
}
