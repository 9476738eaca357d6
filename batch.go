package rql

import (
	"context"
	"sync"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// Batch collects texts, about one or more models, that are sent together:
//
//	b := db.Batch()
//	user := rql.Queue[User](b, `GET User $id`, rql.Args{"id": "u1"})
//	cart := rql.Queue[Item](b, `FIND Item WHERE owner = $id`, rql.Args{"id": "u1"})
//	_, err := b.Exec(ctx, `UPDATE User $id SET seen = now()`, rql.Args{"id": "u1"})
//	err = b.Send(ctx)
//	u, err := user.Get()
//	items, err := cart.All()
//
// Texts of one statement that takes one step, which are most, share one round trip. Other texts (several statements, a subquery,
// UPDATE or DELETE with WHERE, a FIND beyond its first rows) make their remaining round trips when their turn comes. Texts run in
// order, except for a text that must be planned again because its model is being changed: it runs after the others.
//
// Each text has its own result, error and outcome, and a text that fails does not stop the others: a batch is not atomic, unlike
// an ATOMIC block. If a text has errors, nothing is sent.
//
// A Batch is safe for concurrent use, and can be used again after Send.
type Batch struct {
	db    *DB
	mu    sync.Mutex
	calls []*Call
}

// Batch returns an empty batch.
func (db *DB) Batch() *Batch { return &Batch{db: db} }

// Run adds a call to the batch. The call gets its result when the batch is sent. Run implements Runner.
func (b *Batch) Run(_ context.Context, c *Call) error {
	if b == nil {
		return ErrNoDatabase
	}
	if c == nil {
		return noCall()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.queued {
		return badArgument("the call is in a batch already", "a text that is to run twice is added twice")
	}
	c.queued = true
	b.calls = append(b.calls, c)
	return nil
}

// Exec adds a text to the batch. The result is empty until the batch is sent, and an error of the text is returned by Send; use
// Queue[*Result] to get it separately.
func (b *Batch) Exec(ctx context.Context, text string, args ...Args) (*Result, error) {
	c, res := execCall(text, args)
	return res, b.Run(ctx, c)
}

// Len returns the number of texts that have not been sent.
func (b *Batch) Len() int {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.calls)
}

// take empties the batch.
func (b *Batch) take() []*Call {
	b.mu.Lock()
	defer b.mu.Unlock()
	calls := b.calls
	b.calls = nil
	for _, c := range calls {
		c.queued = false
	}
	return calls
}

// Send sends the texts and waits for their results. The error is that of the first text that failed.
func (b *Batch) Send(ctx context.Context) error { return b.send(ctx, (*exec.Engine).Batch) }

// SendAtomic sends the texts as one ATOMIC block, in one round trip: all of them
// are carried out, or none, and no other client sees a part. They run in order,
// and each sees what those before it have changed. Each has its result, as after
// Send.
//
// What may stand in a block may be in such a batch, and its bounds are those of
// a block: an UPDATE or DELETE with WHERE is one step here, not many, and fails
// if it finds too much. What may not is refused before anything is sent, with an
// error that names the text and says why: MODEL and other statements about
// models, ATOMIC, EXPLAIN, a FIND with AFTER or over documents that are found by
// a scan of the keyspace (WRITERS ANY). A FIND gives no cursor. Names of LET end
// with their text. GET of a document that is not there is a failure, as in any
// block; GET … SKIP MISSING gives no row.
//
// If a text fails, the error is its own, and nothing of the batch was done: the
// others have an error with the code cancelled. A row that does not fit its type
// is found when it is read: then all texts were carried out, and the error of
// its text has OutcomeDone if they changed anything. If the connection breaks after
// sending, all have the same error, with OutcomeUnknown: all of the texts were
// carried out, or none. Warnings are those of the whole block.
func (b *Batch) SendAtomic(ctx context.Context) error { return b.send(ctx, (*exec.Engine).Atomic) }

func (b *Batch) send(ctx context.Context, by func(*exec.Engine, context.Context, []exec.Batched)) error {
	if b == nil {
		return ErrNoDatabase
	}
	calls := b.take()
	e, err := b.db.ready(ctx)
	if err != nil {
		for _, c := range calls {
			c.err = c.finish(err)
		}
		return publicError(err)
	}
	ctx, cancel := b.db.opts.limited(ctx)
	defer cancel()
	w := b.db.watch(ctx, calls)
	defer w.abandon()
	sent, last := make([]exec.Batched, len(calls)), &exec.Last{}
	for i, c := range calls {
		sent[i] = exec.Batched{Err: c.prepare(ctx, b.db, e, last), Call: c.made, To: (*receiver)(c)}
	}
	by(e, w.context(ctx, 0), sent)
	for i, c := range calls {
		if c.err = c.finish(sent[i].Err); c.err != nil && err == nil && !sent[i].Follows {
			err = c.err
		}
	}
	w.done(nil)
	for _, c := range calls {
		c.release(c.err)
	}
	return err
}

// Queued is a text in a batch, whose rows are values of T.
type Queued[T any] struct {
	c   collected[T]
	one [1]T // room for the only row
}

// Queue adds a text to a batch. T is the type into which the rows of the text's last statement are read, as with Query, or
// *Result for the whole result, as with Exec.
func Queue[T any](b *Batch, text string, args ...Args) *Queued[T] {
	q := &Queued[T]{}
	q.c.of(text, args)
	q.c.rows = q.one[:0]
	q.c.err = b.Run(context.Background(), &q.c.Call) // it does not block
	return q
}

// state returns the error of the text, or an error if the batch has not been sent.
func (q *Queued[T]) state() error {
	if q == nil || q.c.to == nil {
		return noCall()
	}
	if q.c.err == nil && !q.c.ran {
		return badArgument("the batch has not been sent", "")
	}
	return q.c.err
}

// Get returns the only row. If there is none, the error is ErrNotFound.
func (q *Queued[T]) Get() (T, error) { return required(q.single()) }

// Maybe is like Get, but returns false if there is no row.
func (q *Queued[T]) Maybe() (T, bool, error) { return optional(q.single()) }

func (q *Queued[T]) single() (T, bool, error) {
	var zero T
	if err := q.state(); err != nil {
		return zero, false, err
	}
	if len(q.c.all()) > 1 {
		return zero, false, &Error{Code: lang.CodeTooLarge, Statement: -1, Message: "there is more than one row", Hint: "All gives all rows"}
	}
	return q.c.one()
}

// All returns all rows.
func (q *Queued[T]) All() ([]T, error) {
	if err := q.state(); err != nil {
		return nil, err
	}
	return q.c.all(), nil
}

// Result returns what else is known about the last statement: how many documents the text changed, warnings, and the cursor.
func (q *Queued[T]) Result() (*Result, error) {
	if err := q.state(); err != nil {
		return nil, err
	}
	return q.c.whole(), nil
}

func noCall() error {
	return badArgument("there is no call", "")
}
