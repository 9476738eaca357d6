package conn

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// combiner lets brief commands of concurrent callers share round trips. A few lanes each make one round trip at a time. A caller
// that finds a lane free, and nobody waiting, makes its round trip itself; any other waits in the queue, and whoever ends a round
// trip sends what has gathered there meanwhile as the next one. No timer delays anything.
//
// Replies belong to callers, not to the round trip: each caller reads the errors of its own commands. So the end of one caller's
// context, or a refused command, is of no concern to the others.
type combiner struct {
	alone func(ctx context.Context, cmds []redis.Cmder, write redis.Cmder) error // makes a round trip for one caller
	carry func(cmds []redis.Cmder)                                               // makes one for several; each command gets its error
	most  int                                                                    // lanes at most
	wait  time.Duration                                                          // how long to wait for room in the queue
	grace time.Duration                                                          // see Options.Grace

	mu          sync.Mutex
	lanes       int           // lanes that make a round trip
	extra       int           // lanes more than usual, because others do not come back
	nearest     time.Duration // the shortest round trip so far; 0: none yet
	entered     uint          // how many callers made a round trip by themselves
	size        int           // commands of a round trip, at most
	first, last *waiter       // the queue
	n, bytes    int           // commands in the queue, and the bytes of their arguments
	room        chan struct{} // closed when the queue shrinks; nil if nobody waits for that
	checking    bool          // check is going to be called
	waiters     sync.Pool
}

// waiter is a caller in the queue.
type waiter struct {
	cmds       []redis.Cmder
	bytes      int
	since      time.Time
	prev, next *waiter
	queued     bool
	done       chan struct{} // receives a value when the commands were answered
}

const (
	// usualLanes: with one lane the server would be idle between two round trips; with many, each would carry few commands.
	usualLanes = 2
	// farther is the length of a round trip for which another lane is worth it: while the network is busy with one round trip,
	// the server can work for another.
	farther = 250 * time.Microsecond
	// timedEach: of the round trips that callers make by themselves, every so many is timed.
	timedEach = 16
	// stuckAfter is how long the first waiter waits before another lane is opened: the others do not come back.
	stuckAfter = 100 * time.Millisecond
	// A round trip holds this many commands and bytes of arguments at most. It is made smaller while round trips take longer than
	// slowTrip, because the client waits for all replies of a round trip together.
	maxTripCommands = 256
	maxTripBytes    = 128 << 10
	slowTrip        = time.Second
	// A caller with more commands or bytes makes its round trip itself.
	maxSharedCommands = 16
	maxSharedBytes    = 32 << 10
	argBytes          = 32 // counted for each argument
	// The queue holds this many commands and bytes of arguments at most.
	maxQueued      = 10_000
	maxQueuedBytes = 64 << 20
)

// do sends commands, of which write may change something, and waits for their replies. Each command keeps its own error; the
// result is the first of them, or that of the connection.
func (q *combiner) do(ctx context.Context, cmds []redis.Cmder, write redis.Cmder) error {
	if len(cmds) > maxSharedCommands {
		return q.alone(ctx, cmds, write)
	}
	if lane, timed := q.enter(); lane {
		var begun time.Time
		if timed {
			begun = time.Now()
		}
		defer q.leave(begun)
		return q.alone(ctx, cmds, write)
	}
	bytes := bytesOf(cmds)
	if bytes > maxSharedBytes {
		return q.alone(ctx, cmds, write)
	}
	w := q.waiter(cmds, bytes)
	if err := q.join(ctx, w); err != nil {
		return failAll(cmds, err)
	}
	once, _ := write.(*Write)
	if once != nil {
		once.among = true
	}
	return q.await(ctx, w, once)
}

// enter takes a lane if one is free and nobody waits. timed says that the length of the round trip is of interest: to read the
// clock twice for each would take longer than the rest of the queue's work.
func (q *combiner) enter() (lane, timed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.first != nil || q.lanes >= q.limit() {
		return false, false
	}
	q.lanes++
	q.entered++
	return true, q.nearest == 0 || q.extra > 0 || q.entered%timedEach == 0
}

// limit returns how many lanes there may be now.
func (q *combiner) limit() int {
	return min(usualLanes+int(q.nearest/farther)+q.extra, q.most)
}

// leave gives back the lane of a caller whose round trip began at a time, if that is known. Those who wait get it.
func (q *combiner) leave(begun time.Time) {
	took := time.Duration(0)
	if !begun.IsZero() {
		took = time.Since(begun)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if took > 0 {
		q.took(took)
	}
	if q.first == nil {
		q.lanes--
		return
	}
	go q.run()
}

// took records how long a round trip took.
func (q *combiner) took(d time.Duration) {
	if q.nearest == 0 || d < q.nearest {
		q.nearest = d
	}
	if d > stuckAfter && q.extra > 0 {
		q.extra--
	}
}

// waiter returns a caller that is not in the queue yet.
func (q *combiner) waiter(cmds []redis.Cmder, bytes int) *waiter {
	w, _ := q.waiters.Get().(*waiter)
	if w == nil {
		w = &waiter{done: make(chan struct{}, 1)}
	}
	w.cmds, w.bytes = cmds, bytes
	return w
}

// join puts a caller into the queue, as soon as there is room.
func (q *combiner) join(ctx context.Context, w *waiter) error {
	var over <-chan time.Time
	for {
		q.mu.Lock()
		if q.n == 0 || q.n+len(w.cmds) <= maxQueued && q.bytes+w.bytes <= maxQueuedBytes {
			q.push(w)
			q.mu.Unlock()
			return nil
		}
		if q.room == nil {
			q.room = make(chan struct{})
		}
		room := q.room
		q.mu.Unlock()
		if over == nil {
			t := time.NewTimer(q.wait)
			defer t.Stop()
			over = t.C
		}
		select {
		case <-room:
		case <-ctx.Done():
			return &endedError{ctx.Err()}
		case <-over:
			return redis.ErrPoolTimeout
		}
	}
}

// push appends a caller to the queue. A lane that became free meanwhile sends it.
func (q *combiner) push(w *waiter) {
	w.since, w.queued = time.Now(), true
	if w.prev = q.last; q.last != nil {
		q.last.next = w
	} else {
		q.first = w
	}
	q.last = w
	q.n, q.bytes = q.n+len(w.cmds), q.bytes+w.bytes
	if q.lanes < q.limit() {
		q.lanes++
		go q.run()
	}
	if !q.checking {
		q.checking = true
		time.AfterFunc(stuckAfter/2, q.check)
	}
}

// remove takes a caller out of the queue.
func (q *combiner) remove(w *waiter) {
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		q.first = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		q.last = w.prev
	}
	w.prev, w.next, w.queued = nil, nil, false
	q.n, q.bytes = q.n-len(w.cmds), q.bytes-w.bytes
	if q.room != nil {
		close(q.room)
		q.room = nil
	}
}

// check opens another lane if the first caller in the queue has waited for long: the connections of the others may lead to a
// server that is gone, which shows only when the time for a reply is over.
func (q *combiner) check() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.first == nil {
		q.checking = false
		return
	}
	if time.Since(q.first.since) > stuckAfter && q.lanes < q.most {
		q.extra = min(q.extra+1, q.most)
		q.lanes++
		go q.run()
	}
	time.AfterFunc(stuckAfter/2, q.check)
}

// run makes round trips until the queue is empty. It holds a lane.
func (q *combiner) run() {
	var t trip
	for q.take(&t) {
		begun := time.Now()
		q.carry(t.cmds)
		took := time.Since(begun)
		t.answer()
		q.mu.Lock()
		q.took(took)
		if took > slowTrip {
			q.size = max(1, len(t.cmds)/4)
		} else {
			q.size = min(2*q.size, maxTripCommands)
		}
		q.mu.Unlock()
		// Let those who got their replies put their next statements into the queue, so that the next round trip carries them.
		runtime.Gosched()
	}
}

// take removes the callers of the next round trip from the queue. It returns false if the lane ends.
func (q *combiner) take(t *trip) bool {
	t.reset()
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.first == nil || q.lanes > q.limit() {
		q.lanes--
		return false
	}
	for bytes := 0; q.first != nil; {
		w := q.first
		if bytes += w.bytes; len(t.of) > 0 && (bytes > maxTripBytes || len(t.cmds)+len(w.cmds) > q.size) {
			break
		}
		q.remove(w)
		t.add(w)
	}
	t.cmds = append(t.cmds, t.checks...)
	return true
}

// await waits for the replies to a caller's commands, or until its context ends. A write that was sent gets the grace period.
// Commands that are in a round trip then belong to it: the caller must not touch them any more, nor what they refer to.
func (q *combiner) await(ctx context.Context, w *waiter, write *Write) error {
	select {
	case <-w.done:
	case <-ctx.Done():
		if q.cancel(w) || !q.lingers(w, write) {
			return &endedError{ctx.Err()}
		}
	}
	err := firstError(w.cmds)
	w.cmds = nil
	q.waiters.Put(w)
	if err != nil && ctx.Err() != nil && IsConnection(err) {
		return &endedError{ctx.Err()}
	}
	return err
}

// cancel takes a caller out of the queue. It returns false if its commands are in a round trip.
func (q *combiner) cancel(w *waiter) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !w.queued {
		return false
	}
	q.remove(w)
	return true
}

// lingers waits for the reply to a write that was sent before its caller's context ended. It returns false if there is none.
func (q *combiner) lingers(w *waiter, write *Write) bool {
	if write == nil || write.sending().CompareAndSwap(onceWaiting, onceGivenUp) || q.grace <= 0 {
		select {
		case <-w.done:
			return true
		default:
			return false
		}
	}
	t := time.NewTimer(q.grace)
	defer t.Stop()
	select {
	case <-w.done:
		return true
	case <-t.C:
		return false
	}
}

// firstError returns the connection error that ended the round trip before all commands were answered; otherwise the first error
// among the replies.
func firstError(cmds []redis.Cmder) (first error) {
	for _, cmd := range cmds {
		err := cmd.Err()
		if IsConnection(err) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// failAll gives all commands the error of a round trip that was not made, and returns it.
func failAll(cmds []redis.Cmder, err error) error {
	for _, cmd := range cmds {
		cmd.SetErr(err)
	}
	return err
}

// bytesOf returns the approximate size of the arguments of commands.
func bytesOf(cmds []redis.Cmder) (n int) {
	for _, cmd := range cmds {
		args := argsOf(cmd)
		n += argBytes * len(args)
		for _, x := range args {
			switch x := x.(type) {
			case string:
				n += len(x)
			case *string:
				n += len(*x)
			case []byte:
				n += len(x)
			}
		}
	}
	return n
}
