package rql

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/parser"
)

// Hook observes the calls of a database, for traces, metrics and logs. It runs in the goroutine of the call, and must be safe for
// concurrent use. Several hooks of a DB are called in order before a call, and in reverse order after it. After is called for each
// Before that returned, also if the program panics during the call, as in the body of a loop over Stream; the call then has an
// error of code cancelled. A panic of a hook itself goes to the caller of the call.
type Hook interface {
	// Before is called before a text is sent. The call uses the context that it returns, unless that is nil.
	Before(ctx context.Context, e *Event) context.Context
	// After is called with the same context, after the rows have been read.
	After(ctx context.Context, e *Event)
}

// Event describes a call to a Hook. It contains no values.
type Event struct {
	Text  string // with literals replaced: "GET User ?"
	Start time.Time
	Batch int // number of texts sent together, including this one; 0 if it is not in a batch

	// The following fields are set after the call.

	Kind       string   // the last statement's first word
	Models     []string // models that the text uses
	Took       time.Duration
	RoundTrips int   // round trips; for a text in a batch, those of the batch
	Rows       int64 // rows that the text returned
	Affected   int64 // documents created, changed or deleted
	Warnings   []Warning
	Err        error
}

// WithHook adds a hook to the database; nil adds none.
func WithHook(h Hook) Option {
	return Option{func(o *options) {
		if h != nil {
			o.hooks = append(o.hooks, h)
		}
	}}
}

// slowDefault is the default of WithSlow.
const slowDefault = time.Second

// WithSlow sets the duration from which WithLogger logs a call as slow. The default is one second; a negative duration disables
// it.
func WithSlow(d time.Duration) Option { return Option{func(o *options) { o.slow = d }} }

// watched is a group of calls that are observed together; nil if there is no observer.
type watched struct {
	db     *DB
	calls  []*Call
	events []*Event
	ctxs   []context.Context // of each call
	begun  int               // hooks that were called before the last of these
	ended  bool
	trips  *exec.RoundTrips
	start  time.Time
}

// observed reports whether there is an observer.
func (db *DB) observed() bool { return len(db.opts.hooks) > 0 || db.opts.Log != nil }

// watch starts observing calls.
func (db *DB) watch(ctx context.Context, calls []*Call) *watched {
	if !db.observed() {
		return nil
	}
	w := &watched{db: db, calls: calls, start: time.Now()}
	if len(db.opts.hooks) == 0 {
		return w
	}
	known := false
	defer func() {
		if !known { // a hook panicked
			w.abandon()
		}
	}()
	for _, c := range calls {
		e := &Event{Text: parser.Masked(c.Text), Start: w.start}
		if len(calls) > 1 {
			e.Batch = len(calls)
		}
		w.events, w.ctxs, w.begun = append(w.events, e), append(w.ctxs, ctx), 0
		of := &w.ctxs[len(w.ctxs)-1]
		for _, h := range db.opts.hooks {
			if next := h.Before(*of, e); next != nil {
				*of = next
			}
			w.begun++
		}
	}
	known = true
	return w
}

// abandon reports the end of calls that did not end by themselves: the program panicked, or its goroutine ended.
func (w *watched) abandon() {
	if w != nil && !w.ended {
		w.done(errAbandoned)
	}
}

var errAbandoned = &Error{Code: CodeCancelled, Statement: -1, Message: "the program panicked during the call"}

// context returns the context in which the calls run: that of call i, because a round trip has only one.
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

// done reports the end of the calls. err is the error of a call that is not in a batch.
func (w *watched) done(err error) {
	if w == nil {
		return
	}
	took := time.Since(w.start)
	w.ended = true
	for i, c := range w.calls {
		hooks := len(w.db.opts.hooks)
		switch {
		case hooks > 0 && i >= len(w.events): // a hook panicked before it
			return
		case i == len(w.events)-1:
			hooks = w.begun
		}
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
		for j := hooks - 1; j >= 0; j-- {
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

// codeOf returns the code of a call's error, which contains no values.
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
