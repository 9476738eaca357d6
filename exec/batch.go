package exec

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/planner"
)

// Batched is a call of a batch, and its outcome.
type Batched struct {
	Call *Call    // nil if it could not be made; Err says why
	To   Receiver // receives the result of each statement
	Err  error

	// Follows: Err says only that another call of the batch failed, whose Err is the cause.
	Follows bool

	plan *planner.Plan // of a call that can share a round trip; else nil
	job  *run.Job      // of a call that shares one, unless it is
	read *run.Parked   // a read of one document
}

// maxTogetherBatch is the maximum number of calls of a batch that share a round trip.
const maxTogetherBatch = 1000

// Batch runs calls in order. If one of them cannot be run, none is. Calls of a
// single statement that takes one step share round trips; any other call is sent on
// its own, after those before it. A call that fails does not stop the others.
func (e *Engine) Batch(ctx context.Context, calls []Batched) {
	for i := range calls {
		x := &calls[i]
		if x.Err == nil {
			x.Err = x.prepare()
		}
		if x.Err != nil {
			spoil(calls, i)
			return
		}
	}
	for at := 0; at < len(calls); {
		n := 1
		for n < maxTogetherBatch && at+n < len(calls) && calls[at].plan != nil && calls[at+n].plan != nil {
			n++
		}
		if n == 1 {
			calls[at].Err = calls[at].Call.Run(ctx, calls[at].To)
		} else {
			e.together(ctx, calls[at:at+n])
		}
		at += n
	}
}

// spoil gives an error to every call of a batch that is not sent, except to those that have one of their own.
func spoil(calls []Batched, by int) {
	for i := range calls {
		x := &calls[i]
		if x.Err == nil {
			x.Follows, x.Err = true, &lang.Error{Code: lang.CodeCancelled, Statement: -1,
				Message: "the batch was not sent: this is its text " + strconv.Itoa(i+1) + ", and text " + strconv.Itoa(by+1) + " cannot be run"}
		}
	}
}

// prepare plans a call, and notes whether it may share a round trip.
func (x *Batched) prepare() error {
	r := &x.Call.runner
	r.to = x.To
	if len(r.c.Prog.Stmts) != 1 {
		return nil
	}
	p, err := r.c.Plan(0, r.s.e.db.Conn.Can())
	if err != nil {
		return r.place(run.PlanError(err, 0), 0)
	}
	if joins, _ := run.Joins(p); joins {
		x.plan = p
	}
	return nil
}

// together sends the first round trips of several calls as one.
func (e *Engine) together(ctx context.Context, calls []Batched) {
	room, _ := e.rooms.Get().(*tripRoom)
	if room == nil {
		room = &tripRoom{}
	}
	shared := &room.shared
	if ctx.Err() == nil {
		shared.Most(len(calls))
	}
	for i := range calls {
		_, writes := run.Joins(calls[i].plan)
		shared.Ordered = shared.Ordered || writes
	}
	cmds, brief, now, c := slices.Grow(room.cmds, len(calls)+1), true, e.db.Instant(), e.db.Conn
	for i := range calls {
		x := &calls[i]
		x.Call.scope.now = now
		r, sum := &x.Call.runner, ""
		if env := shared.Parks(e.db, x.plan); env != nil {
			r.setEnv(ctx, env, r.refers(x.plan))
			if x.read = shared.Park(ctx, e.db, x.plan); x.read != nil {
				cmds, brief = append(cmds, x.read.Cmd()), brief && x.plan.Brief
				continue
			}
		}
		x.job = r.newJob(ctx, x.plan)
		x.job.Join(shared)
		if step, ok := x.plan.Step.(*planner.BlockStep); ok && step.Key != nil {
			sum = r.blockSum(step)
		}
		if err := x.job.Start(ctx, sum); err != nil {
			x.job.Fail(err)
		}
		if cmds, brief = append(cmds, x.job.Cmds()...), brief && x.job.Brief(); x.job.InBucket() {
			c = e.db.Conn.Wide()
		}
	}
	cmds = append(cmds, shared.Cmds()...)
	var lost error
	if len(cmds) > 0 {
		lost = c.Batch(ctx, cmds, brief)
	}
	for i := range calls {
		x := &calls[i]
		switch {
		case x.read != nil:
			x.Err = x.waited(ctx, room, lost)
		case lost != nil:
			x.job.Lost(lost)
			fallthrough
		default:
			x.Err = x.joined(ctx)
		}
	}
	if lost == nil && e.db.Conn.Own() {
		clear(cmds)
		room.cmds = cmds[:0]
		shared.Reset()
		e.rooms.Put(room)
	}
}

// tripRoom is memory of a round trip of a batch.
type tripRoom struct {
	shared run.Shared
	job    run.Job // of the reads of one document, one after the other
	cmds   []redis.Cmder
}

// waited delivers the result of a read of one document.
func (x *Batched) waited(ctx context.Context, room *tripRoom, lost error) error {
	x.job = &room.job
	defer x.job.Reset()
	x.Call.runner.begin(ctx, x.job, x.plan)
	if lost != nil {
		x.job.Fail(run.Unread(lost))
	} else {
		x.job.Resume(ctx, &room.shared, x.read)
	}
	return x.joined(ctx)
}

// joined delivers the result of a call that shared a round trip. If the call's plan was made for another catalog, or may have
// been, it runs the call alone.
func (x *Batched) joined(ctx context.Context) error {
	r, err := &x.Call.runner, x.job.Finish()
	switch {
	case err == nil:
		err = r.deliver(&x.job.Rows, 0)
	case errors.Is(err, fail.ErrStale), errors.Is(err, bind.ErrRefused):
		err = r.one(ctx, 0, nil)
	case x.plan.Refreshes:
		var rows *Rows
		if rows, err = r.withoutRefresh(ctx, x.plan, err); err == nil {
			err = r.deliver(rows, 0)
		}
	}
	if err != nil {
		return r.place(err, 0)
	}
	return nil
}
