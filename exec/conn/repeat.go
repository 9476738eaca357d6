package conn

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
)

// The client underneath repeats nothing. What is repeated, is repeated here: a
// command that surely was not carried out, because another attempt may be while
// a slot moves or a replica takes over; and a read whose connection broke. A
// command that was sent and not answered in time may still be running, so it
// is never repeated.

// Pauses between attempts, and how many of them may follow a broken connection.
const (
	firstPause = 5 * time.Millisecond
	maxPause   = 100 * time.Millisecond
	maxBroken  = 3
	// A connection that breaks later may have been closed by a proxy that waited
	// no longer, while the server still works.
	brokenSoon = time.Second
)

// reach says for which clients an answer may change by itself.
type reach uint8

const (
	always  reach = iota + 1 // of whatever server
	several                  // where a replica may take over: a cluster, Sentinels
	cluster                  // of all nodes of a cluster
)

// repeated are the answers that say that nothing was done and that another attempt may do it.
var repeated = map[string]reach{
	"TRYAGAIN": always, "ASK": always, "CLUSTERDOWN": always, "LOADING": always,
	"READONLY": several, "MASTERDOWN": several, "NOREPLICAS": several,
	"MOVED": cluster,
}

// attempts are those of one command or pipeline.
type attempts struct {
	c      *Conn
	write  bool // something was sent that may have changed something when its connection breaks
	begun  time.Time
	sent   time.Time // when the last attempt began
	broken int
	pause  time.Duration
	reason error // why the attempt before the last one is repeated
}

// start notes when an attempt begins.
func (a *attempts) start() {
	a.sent = time.Now()
	if a.begun.IsZero() {
		a.begun = a.sent
	}
}

// again waits for the time of the next attempt and gives nil, or gives the error that is final.
func (a *attempts) again(ctx context.Context, err error) error {
	if !a.repeats(err) {
		if isEnded(err) && !a.write && a.reason != nil && ctx.Err() != nil { // before this attempt was sent
			return a.ended(ctx.Err())
		}
		return err
	}
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

// ended is the error of a context that ended when nothing was carried out yet.
func (a *attempts) ended(cause error) error {
	return &lang.Error{Code: lang.CodeCancelled, Statement: -1, Cause: cause,
		Message: cause.Error() + "; nothing was done until then: " + plainError(a.reason)}
}

// rest waits for the time of the next attempt, or reports that it would be over by then; err says that the context ended.
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

// Turns are attempts at what somebody else was faster with: a statement whose
// plan, or a definition whose version, is not that of the catalog any more.
type Turns struct {
	attempts
	N int // how many there were
}

// Turns begins them.
func (c *Conn) Turns() Turns { return Turns{attempts: attempts{c: c}} }

// maxStale is how many attempts follow at once; the others wait.
const maxStale = 3

// Next waits for the next turn; false: there were enough.
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

// repeats reports an error after which another attempt is right.
func (a *attempts) repeats(err error) bool {
	switch {
	case !IsConnection(err):
		return a.c.reaches(repeated[fail.ReplyWord(err.Error())])
	case isEnded(err), isTimeout(err) && !isDial(err), errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrClosed):
		return false
	case isDial(err):
		return a.c.reaches(several)
	}
	a.broken++
	return (!a.write || brokeSending(err)) && a.broken <= maxBroken && time.Since(a.sent) < brokenSoon
}

// over is the error of a command that was repeated for long enough.
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

// reaches reports whether an answer of this reach may change by itself.
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

// reloadEvery is how often the nodes of a cluster are asked for at most because of an error.
const reloadEvery = 200 * time.Millisecond

// reloadNodes asks a cluster which nodes it has now, when an error says that
// it may be others: by itself the client dials a dead one until its next question, as much as a minute later.
func (c *Conn) reloadNodes(ctx context.Context, err error) {
	if c.cluster == nil || !IsConnection(err) && repeated[fail.ReplyWord(err.Error())] < several {
		return
	}
	last, now := c.reloaded.Load(), time.Now().UnixNano()
	if now-last >= int64(reloadEvery) && c.reloaded.CompareAndSwap(last, now) {
		c.cluster.ReloadState(ctx)
	}
}

// Process sends a command and waits for its answer, or until the context ends.
func (c *Conn) Process(ctx context.Context, cmd redis.Cmder) error {
	once, write := cmd.(*Write)
	for a := (attempts{c: c}); ; {
		a.start()
		err := c.send(ctx, cmd)
		if err == nil || err == redis.Nil {
			return err
		}
		a.write = write && once.state.Load() == onceSent
		if err = a.again(ctx, err); err != nil {
			return err
		}
		if write {
			once.state.Store(onceWaiting)
		}
		cmd.SetErr(nil)
	}
}

// Pipeline sends commands that read in one round trip. Errors of single commands stay with them.
func (c *Conn) Pipeline(ctx context.Context, cmds []redis.Cmder) error {
	if len(cmds) == 1 {
		err := c.Process(ctx, cmds[0])
		if _, over := fail.As(err); over || IsConnection(err) {
			return ServerError(err, false, "")
		}
		return nil
	}
	for a := (attempts{c: c}); ; {
		a.start()
		err := c.sendAll(ctx, cmds)
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

// first is the error of commands for which all of them may be sent again: the
// last one often asks whether the others are still right, so none is left out. err is that of the round trip.
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
