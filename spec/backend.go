package spec

import (
	"context"
	"errors"
	"time"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/spec/judge"
)

// Result is the result of a statement, and Error the reason why one failed.
type (
	Result = judge.Result
	Error  = judge.Error
	Errors = judge.Errors
)

// ErrUnsupported is returned by a Backend for a feature it does not support;
// the case is then skipped.
var ErrUnsupported = errors.New("not supported by this backend")

// Backend is an implementation of RQL under test.
type Backend interface {
	// Name is judge, embedded, redis or search.
	Name() string
	// Has reports a capability: json, search, plan (EXPLAIN).
	Has(capability string) bool
	// Reset gives the next case an empty database of its own.
	Reset(ctx context.Context) error
	// Exec runs a text. On an *Error or Errors the results are those of the
	// statements before the failed one. Values have the types of package lang.
	Exec(ctx context.Context, text string, params map[string]any) ([]Result, error)
	// Advance moves the clock that decides expiry, and now() with it.
	Advance(ctx context.Context, d time.Duration) error
	// State lists keys and documents, one line per key in byte order, or
	// returns ErrUnsupported.
	State(ctx context.Context) ([]string, error)
	// Finish checks, after a case, that nothing was left outside its database.
	Finish(ctx context.Context) error
	// Close closes the backend.
	Close() error
}

// Commander is a Backend that accepts plain commands, as another program would
// send them.
type Commander interface {
	// Command sends a command; its key, the second argument, is given without
	// the namespace.
	Command(ctx context.Context, args []string) error
}

// Judge returns the backend of the reference evaluator. Its clock stands still
// unless it is moved.
func Judge() Backend { return &judgeBackend{} }

type judgeBackend struct {
	db  *judge.DB
	now lang.DateTime
}

func (b *judgeBackend) Name() string { return "judge" }
func (b *judgeBackend) Has(what string) bool {
	return what == "json" || what == "search" || what == "partitions" || what == "hash"
}

func (b *judgeBackend) Reset(context.Context) error {
	b.db, b.now = judge.New(), lang.DateTime(time.Now().UnixMilli())
	b.db.Clock = func() lang.DateTime { return b.now }
	return nil
}

func (b *judgeBackend) Exec(_ context.Context, text string, params map[string]any) ([]Result, error) {
	return b.db.Exec(text, params)
}

func (b *judgeBackend) Advance(_ context.Context, d time.Duration) error {
	b.now += lang.DateTime(d.Milliseconds())
	return nil
}

func (b *judgeBackend) State(context.Context) ([]string, error) { return nil, ErrUnsupported }
func (b *judgeBackend) Finish(context.Context) error            { return nil }
func (b *judgeBackend) Close() error                            { return nil }
