package rql

import (
	"context"
	"log/slog"
	"time"

	"github.com/rql-lang/rql/exec"
)

// Option is an option of Open or Wrap; the functions that begin with With make
// one. The zero Option changes nothing.
type Option struct{ set func(*options) }

// options are what the options of a database choose.
type options struct {
	exec.Options
	hooks  []Hook
	slow   time.Duration // 0: slowDefault
	limit  time.Duration // of a call whose context has no deadline; 0: none
	models []modelFiles
	schema SchemaMode
}

// limited is the context of a call, which ends in time.
func (o *options) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if o.limit > 0 {
		if _, ok := ctx.Deadline(); !ok {
			return context.WithTimeout(ctx, o.limit)
		}
	}
	return ctx, func() {}
}

// chosen are the options together; of two of a kind the later one counts.
func chosen(opts []Option) options {
	var o options
	for _, x := range opts {
		if x.set != nil {
			x.set(&o)
		}
	}
	return o
}

// WithNamespace puts every key of the database under the prefix "name:", like
// ?ns=name in the URL, so that an ACL user with ~name:* is enough. A name in
// braces ({shop}) keeps all keys in one slot of a cluster. On a cluster a name
// is required, and the braces are added.
func WithNamespace(name string) Option { return Option{func(o *options) { o.Namespace = name }} }

// WithClientName sets the name of the connections in the server's CLIENT LIST.
func WithClientName(name string) Option { return Option{func(o *options) { o.ClientName = name }} }

// WithRetry sets how long a statement is retried that the server did not
// execute but may soon, while a slot of a cluster moves or a replica takes
// over, like ?retry=10s in the URL. The default is 10 seconds; a negative
// duration disables retries. What may have been executed is never retried:
// ATOMIC KEY makes a repetition safe.
func WithRetry(d time.Duration) Option { return Option{func(o *options) { o.Retry = d }} }

// WithTimeLimit ends a call, or the sending of a batch, whose context has no
// deadline after this time, like a context with that timeout: of a Stream it
// includes the time that the program takes for the rows. Without the option,
// such a call waits as long as the connection does: 10 seconds for each answer,
// unless the URL says otherwise.
func WithTimeLimit(d time.Duration) Option { return Option{func(o *options) { o.limit = d }} }

// WithClock makes now() read a clock other than the machine's, for tests.
// Expiry of documents is decided by the server's clock, which DB.Advance moves.
func WithClock(now func() time.Time) Option { return Option{func(o *options) { o.Now = now }} }

// WithLogger sends to a logger each call with the level debug, each call that
// took longer than WithSlow says with the level warn and its plan, and warnings
// about the server that do not belong to a statement, such as one about an
// eviction policy. No values are logged: the literals of texts are replaced.
// Without it, only warnings about the server are logged, to slog.Default(). The
// lines that the Redis client logs, of which it has one logger for the whole
// program, go to the logger that was given last.
func WithLogger(l *slog.Logger) Option { return Option{func(o *options) { o.Log = l }} }

// WithMaxBlock lets one step of a statement that works in steps (UPDATE and DELETE with WHERE, MODEL and ALTER
// MODEL, reads that look at many documents) occupy the server for about this time at most: a step takes fewer documents, or
// more, depending on how long those before it took, which the server's clock says; a single document may take longer. Without it, a step takes up to 1,000
// documents. What is all or nothing, like ATOMIC, is no step.
func WithMaxBlock(d time.Duration) Option {
	return Option{func(o *options) { o.Pace.MaxBlock = max(d, 0) }}
}

// WithDuty is the share of the time, above 0 and 1 at most, in which a statement that works in steps may occupy the server: with 0.5 there is a
// pause behind each step that is as long as the step took. A share beyond that means 1, which is as without it.
func WithDuty(share float64) Option { return Option{func(o *options) { o.Pace.Duty = share }} }
