package rql

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/parser"
)

// Hook observes the calls of a database, for traces, metrics and logs. It is
// called by the goroutine of the call, and must be safe for goroutines. Those of
// a DB are called in order before a call, and in reverse order after it.
type Hook interface {
	// Before is called before a text is sent. The context that it returns is that
	// of the call.
	Before(ctx context.Context, e *Event) context.Context
	// After is called, with the same context, when its rows were read.
	After(ctx context.Context, e *Event)
}

// Event is a call as a Hook sees it. It holds no values.
type Event struct {
	Text  string // without literals: "GET User ?"
	Start time.Time
	Batch int // how many texts are sent with it, itself included; 0 of one that is no part of a batch

	// What follows is known after the call.

	Kind       string   // the last statement's first word
	Models     []string // that the text touches
	Took       time.Duration
	RoundTrips int   // round trips; of a text in a batch, those of the batch
	Rows       int64 // that the text gave
	Affected   int64 // documents created, changed or deleted
	Warnings   []Warning
	Err        error
}

// WithHook adds a hook to the database.
func WithHook(h Hook) Option { return Option{func(o *options) { o.hooks = append(o.hooks, h) }} }

// slowDefault is how long a call takes that is slow, where WithSlow does not say it.
const slowDefault = time.Second

// WithSlow sets how long a call takes that WithLogger logs as slow: one second
// by default; below zero, none is.
func WithSlow(d time.Duration) Option { return Option{func(o *options) { o.slow = d }} }

// watched are calls that are observed together; nil: nobody does.
type watched struct {
	db     *DB
	calls  []*Call
	events []*Event
	ctxs   []context.Context // of each call
	trips  *exec.RoundTrips
	start  time.Time
}

// watch begins to observe calls.
func (db *DB) watch(ctx context.Context, calls []*Call) *watched {
	if len(db.opts.hooks) == 0 && db.opts.Log == nil {
		return nil
	}
	w := &watched{db: db, calls: calls, start: time.Now()}
	if len(db.opts.hooks) == 0 {
		return w
	}
	for _, c := range calls {
		e := &Event{Text: parser.Masked(c.Text), Start: w.start}
		if len(calls) > 1 {
			e.Batch = len(calls)
		}
		of := ctx
		for _, h := range db.opts.hooks {
			of = h.Before(of, e)
		}
		w.events, w.ctxs = append(w.events, e), append(w.ctxs, of)
	}
	return w
}

// context is that in which the calls are run: the one of call i, for a round trip has one.
func (w *watched) context(ctx context.Context, i int) context.Context {
	if w == nil {
		return ctx
	}
	if i < len(w.ctxs) {
		ctx = w.ctxs[i]
	}
	ctx, w.trips = exec.Counting(ctx)
	return ctx
}

// done tells what became of the calls. err is that of a call which is no part of a batch.
func (w *watched) done(err error) {
	if w == nil {
		return
	}
	took := time.Since(w.start)
	for i, c := range w.calls {
		e := &Event{Start: w.start}
		if i < len(w.events) {
			e = w.events[i]
		}
		e.Took, e.Rows, e.Affected, e.Err = took, c.given, c.done, c.err
		if err != nil {
			e.Err = err
		}
		if w.trips != nil {
			e.RoundTrips = w.trips.Made()
		}
		if c.made != nil {
			e.Kind, e.Models = c.made.Kind(), c.made.Models()
		} else {
			e.Kind, _, _ = strings.Cut(parser.Masked(c.Text), " ")
		}
		if c.result != nil {
			e.Warnings = c.result.Warnings
		}
		for j := len(w.db.opts.hooks) - 1; j >= 0; j-- {
			w.db.opts.hooks[j].After(w.ctxs[i], e)
		}
		w.log(c, e)
	}
}

// log logs a call.
func (w *watched) log(c *Call, e *Event) {
	l, level, slow := w.db.opts.Log, slog.LevelDebug, w.db.opts.slow
	if slow == 0 {
		slow = slowDefault
	}
	late := slow > 0 && e.Took >= slow
	if late {
		level = slog.LevelWarn
	}
	if l == nil || !l.Enabled(context.Background(), level) {
		return
	}
	if e.Text == "" {
		e.Text = parser.Masked(c.Text)
	}
	attrs := []slog.Attr{slog.String("text", e.Text), slog.String("kind", e.Kind), slog.Any("models", e.Models),
		slog.Duration("took", e.Took), slog.Int("trips", e.RoundTrips), slog.Int64("rows", e.Rows), slog.Int64("affected", e.Affected)}
	if len(w.calls) > 1 {
		attrs = append(attrs, slog.Int("batch", len(w.calls)))
	}
	for _, x := range e.Warnings {
		attrs = append(attrs, slog.String("warning", string(x.Code)))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", codeOf(e.Err)))
	}
	message := "rql"
	if late {
		message = "rql: slow"
		if c.made != nil {
			attrs = append(attrs, slog.Any("plan", c.made.Plan()))
		}
	}
	l.LogAttrs(context.Background(), level, message, attrs...)
}

// codeOf is the code of an error of a call, which names no value.
func codeOf(err error) string {
	switch e := publicError(err).(type) {
	case *Error:
		return string(e.Code)
	case *CheckError:
		if len(e.Errors) > 0 {
			return string(e.Errors[0].Code)
		}
	}
	return err.Error()
}
