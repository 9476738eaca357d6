package rql

import (
	"context"
	"sync"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// Batch collects texts, of one or many models, that are sent together:
//
//	b := db.Batch()
//	user := rql.Queue[User](b, `GET User $id`, rql.Args{"id": "u1"})
//	cart := rql.Queue[Item](b, `FIND Item WHERE owner = $id`, rql.Args{"id": "u1"})
//	_, err := b.Exec(ctx, `UPDATE User $id SET seen = now()`, rql.Args{"id": "u1"})
//	err = b.Send(ctx)
//	u, err := user.Get()
//	items, err := cart.All()
//
// Texts of one statement that takes one step, which are most, travel in one
// round trip. One that takes several (several statements, a subquery, UPDATE or
// DELETE with WHERE, a FIND beyond its first rows) makes the others in its own
// turn. Order is kept, but for a text that must be planned again because its
// model is changed at this moment: that one runs behind the others.
//
// Each text has a result, an error and an outcome of its own, and one that fails
// does not keep the others from running: a batch is not a block, which
// ATOMIC is. If a text has mistakes, nothing is sent.
//
// A Batch is safe for goroutines, and can be used again after Send.
type Batch struct {
	db    *DB
	mu    sync.Mutex
	calls []*Call
}

// Batch returns an empty batch.
func (db *DB) Batch() *Batch { return &Batch{db: db} }

// Run adds a call to the batch, which gets its result when the batch is sent. It
// implements Runner.
func (b *Batch) Run(_ context.Context, c *Call) error {
	if b == nil {
		return ErrNoDatabase
	}
	if c == nil {
		return noCall()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, c)
	return nil
}

// Exec adds a text to the batch. The result is empty until the batch is sent,
// and an error of the text is one of Send; Queue[*Result] gives it by itself.
func (b *Batch) Exec(ctx context.Context, text string, args ...Args) (*Result, error) {
	c, res := execCall(text, args)
	return res, b.Run(ctx, c)
}

// Len is the number of texts that were not sent yet.
func (b *Batch) Len() int {
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
	return calls
}

// Send sends the texts and waits for their results. The error is that of the
// first text with one.
func (b *Batch) Send(ctx context.Context) error {
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
	sent := make([]exec.Batched, len(calls))
	for i, c := range calls {
		sent[i] = exec.Batched{Err: c.prepare(ctx, b.db, e), Call: c.made, Each: c.each}
	}
	e.Batch(w.context(ctx, 0), sent)
	for i, c := range calls {
		if c.err = c.finish(sent[i].Err); c.err != nil && err == nil {
			err = c.err
		}
	}
	w.done(nil)
	for _, c := range calls {
		c.release(c.err)
	}
	return err
}

// Queued is a text of a batch, whose rows are values of T.
type Queued[T any] struct{ c *collected[T] }

// Queue adds a text to a batch. T is what the rows of the text's last statement
// are read into, as by Query, or *Result for the whole result, as by Exec.
func Queue[T any](b *Batch, text string, args ...Args) *Queued[T] {
	q := &Queued[T]{collect[T](text, args)}
	q.c.err = b.Run(context.Background(), &q.c.Call) // which waits for nothing
	return q
}

// state is the error of the text, or that the batch was not sent yet.
func (q *Queued[T]) state() error {
	if q == nil || q.c == nil {
		return noCall()
	}
	if q.c.err == nil && !q.c.ran {
		return &Error{Code: lang.CodeBadArgument, Statement: -1, Message: "the batch has not been sent"}
	}
	return q.c.err
}

// Get gives the only row. If there is none, the error is ErrNotFound.
func (q *Queued[T]) Get() (T, error) { return required(q.single()) }

// Maybe is Get for a row that may be missing: false says that there is none.
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

// All gives all rows.
func (q *Queued[T]) All() ([]T, error) {
	if err := q.state(); err != nil {
		return nil, err
	}
	return q.c.all(), nil
}

// Result gives what else is known of the last statement: how many documents the
// text changed, warnings, and the cursor.
func (q *Queued[T]) Result() (*Result, error) {
	if err := q.state(); err != nil {
		return nil, err
	}
	return q.c.result, nil
}

func noCall() error {
	return &Error{Code: lang.CodeBadArgument, Statement: -1, Message: "there is no call"}
}
