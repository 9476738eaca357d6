package rql

import (
	"context"
	"log/slog"
	"time"

	"github.com/rql-lang/rql/exec"
)

// Option is an option of Open or Wrap, returned by a function whose name begins with With. The zero Option changes nothing.
type Option struct{ set func(*options) }

// options are the combined options of a database.
type options struct {
	exec.Options
	hooks  []Hook
	slow   time.Duration // 0: slowDefault
	limit  time.Duration // of a call whose context has no deadline; 0: no limit
	models []rqlFiles
	schema SchemaMode
}

// limited returns the context of a call with its time limit.
func (o *options) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if o.limit > 0 {
		if _, ok := ctx.Deadline(); !ok {
			return context.WithTimeout(ctx, o.limit)
		}
	}
	return ctx, func() {}
}

// chosen combines the options. A later one overrides an earlier one of the same kind.
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
// braces ({shop}) keeps all keys in one slot of a cluster, but for those of models
// with PARTITION BY, which are spread over buckets: 256, or ?buckets= in the URL of
// the program that declared the first of them. On a cluster a name is required, and
// the braces are added.
func WithNamespace(name string) Option { return Option{func(o *options) { o.Namespace = name }} }

// WithClientName sets the name of the connections in the server's CLIENT LIST.
func WithClientName(name string) Option { return Option{func(o *options) { o.ClientName = name }} }

// WithRetry sets how long a statement is retried that the server did not execute but may accept soon, as while a slot of a
// cluster is migrated or a replica takes over. ?retry=10s in the URL does the same. The default is 10 seconds; a negative
// duration disables retries. What may have been executed is never retried; ATOMIC KEY makes a repetition safe.
func WithRetry(d time.Duration) Option { return Option{func(o *options) { o.Retry = d }} }

// WithTimeLimit sets a timeout for a call, or the sending of a batch, whose context has no deadline. For a Stream it includes the
// time that the program takes to process the rows. Without the option, such a call waits as long as the connection does: 10
// seconds for each reply, unless the URL says otherwise.
func WithTimeLimit(d time.Duration) Option { return Option{func(o *options) { o.limit = d }} }

// WithOwnRoundTrips makes each call send its commands by itself. Without it, brief statements of concurrent calls share round
// trips, as pipelines that are sent when the previous one has been answered; a call that is alone is sent by itself anyway. Under
// load this multiplies the throughput. Calls to the embedded server, and those through clients of a cluster or of Sentinels, share
// none in any case. With the option, the hooks of a client passed to Wrap, such as those for tracing, see each command with the
// context of its call rather than a pipeline with a context of its own.
func WithOwnRoundTrips() Option { return Option{func(o *options) { o.OwnTrips = true }} }

// WithClock makes now() use a clock other than the machine's, for tests. Whether a document has expired depends on the server's
// clock, which DB.Advance moves.
func WithClock(now func() time.Time) Option { return Option{func(o *options) { o.Now = now }} }

// WithLogger logs each call at level debug, each call that takes longer than WithSlow at level warn, with its plan, and warnings
// about the server that do not belong to a statement, such as one about an eviction policy. No values are logged: the literals of
// texts are replaced. Without the option, only warnings about the server are logged, to slog.Default(). The Redis client has a
// single logger for the whole program; its log goes to the logger that was set last.
func WithLogger(l *slog.Logger) Option { return Option{func(o *options) { o.Log = l }} }

// WithMaxBlock limits how long one step of a stepped statement (UPDATE and DELETE with WHERE, MODEL and ALTER MODEL, reads that
// examine many documents) occupies the server. The size of a step adapts to the duration of the previous ones, as measured by the
// server's clock, so the limit is approximate; a single document may take longer. Without the option, a step examines up to 1,000
// documents. It does not apply to what is atomic as a whole, like ATOMIC.
func WithMaxBlock(d time.Duration) Option {
	return Option{func(o *options) { o.Pace.MaxBlock = max(d, 0) }}
}

// WithDuty sets the share of the time in which a stepped statement may occupy the server, above 0 and at most 1. With 0.5, each
// step is followed by a pause as long as the step. Any other value means 1, the default.
func WithDuty(share float64) Option { return Option{func(o *options) { o.Pace.Duty = share }} }
