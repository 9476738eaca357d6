package rql

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec"
)

// Args are the values of a text's $parameters by name: numbers, strings, bools, []byte, time.Time, time.Duration, slices, maps
// with string keys and structs, and pointers to these. A missing parameter, or one that the text does not use, is an error before
// anything runs.
type Args map[string]any

// DB is a database. It is safe for concurrent use.
type DB struct {
	engine  atomic.Pointer[exec.Engine]
	closed  atomic.Bool
	client  redis.UniversalClient // of Wrap
	opts    options
	targets sync.Map // reflect.Type → *target

	mu    sync.Mutex
	probe *probe // running, for client
}

// Open connects to the database at a URL: redis://, rediss://, unix://, cluster://host:port,host:port,
// sentinel://host:port?master=name (clusters:// and sentinels:// with TLS), or mem:// if package mem is imported. An empty URL is
// an error: there is no silent fallback. With WithModels, the models of the database are compared with those of the program, or
// changed to match.
func Open(ctx context.Context, url string, opts ...Option) (*DB, error) {
	db := &DB{opts: chosen(opts)}
	if err := given(ctx); err != nil {
		return nil, err
	}
	declared, err := db.opts.declared(ctx)
	if err != nil {
		return nil, publicError(err)
	}
	e, err := exec.Open(ctx, url, db.opts.Options)
	if err != nil {
		return nil, publicError(err)
	}
	if err := db.conform(ctx, e, declared); err != nil {
		return nil, publicError(errors.Join(err, e.Close()))
	}
	db.engine.Store(e)
	return db, nil
}

// Wrap returns a database that uses the caller's client, which the caller closes. A client that cannot be used is rejected: nil,
// a redis.Ring, and a cluster without a namespace. Wrap sends nothing; the first call probes the server, reads the catalog, and
// does what WithModels says. Concurrent calls wait for the same probe, each until its own context ends; the probe continues while
// one of them waits. The client's own retry settings have no effect: writes are sent once, and commands that were not executed
// are retried as set by WithRetry.
func Wrap(client redis.UniversalClient, opts ...Option) (*DB, error) {
	db := &DB{client: client, opts: chosen(opts)}
	if err := exec.Wraps(client, db.opts.Options); err != nil {
		return nil, publicError(err)
	}
	return db, nil
}

// ready returns the engine, which the first call on a wrapped client creates.
func (db *DB) ready(ctx context.Context) (*exec.Engine, error) {
	if db == nil || db.closed.Load() {
		return nil, ErrNoDatabase
	}
	if err := given(ctx); err != nil {
		return nil, err
	}
	if e := db.engine.Load(); e != nil {
		return e, nil
	}
	if db.client == nil {
		return nil, ErrNoDatabase
	}
	return db.probed(ctx)
}

// given returns an error if there is no context.
func given(ctx context.Context) error {
	if ctx == nil {
		return badArgument("the context is nil", "context.Background() never ends")
	}
	return nil
}

// badArgument returns the error for a call that cannot be meant.
func badArgument(message, hint string) error {
	return &Error{Code: CodeBadArgument, Statement: -1, Message: message, Hint: hint}
}

// Ping checks that the server replies. A wrapped client is probed first, if no call has done so yet.
func (db *DB) Ping(ctx context.Context) error {
	e, err := db.ready(ctx)
	if err != nil {
		return publicError(err)
	}
	ctx, cancel := db.opts.limited(ctx)
	defer cancel()
	return publicError(e.Ping(ctx))
}

// Client returns a Redis client of the same server, for use outside RQL: the one that was wrapped, or one that Close closes. It
// returns nil once the database is closed. Do not change keys that RQL manages, unless their model has WRITERS ANY.
func (db *DB) Client() redis.UniversalClient {
	switch {
	case db == nil || db.closed.Load():
		return nil
	case db.client != nil:
		return db.client
	}
	if e := db.engine.Load(); e != nil {
		return e.Client()
	}
	return nil
}

// Close closes the connections, if Open opened them. Later calls fail with ErrNoDatabase.
func (db *DB) Close() error {
	if db == nil || db.closed.Swap(true) {
		return nil
	}
	db.mu.Lock()
	if db.probe != nil {
		db.probe.cancel()
	}
	db.mu.Unlock()
	if e := db.engine.Load(); e != nil {
		return e.Close()
	}
	return nil
}

// Advance moves the clock of an embedded server (mem://) forward, for tests: documents that expire by then are gone, and now() is
// later by the same amount, in every database on that server. The databases of package rqltest have such a clock on any server.
// Fractions of a millisecond are ignored. The error has the code needs for any other database, and bad-argument if d is negative.
func (db *DB) Advance(ctx context.Context, d time.Duration) error {
	e, err := db.ready(ctx)
	if err != nil {
		return publicError(err)
	}
	return publicError(e.Advance(d))
}

// Exec runs the statements of a text in order. The whole text is parsed and checked before the first one runs. The result is that
// of the last statement with rows; Result.Statements returns the result of each. The first statement that fails ends the text;
// the result then describes what was done before it.
func (db *DB) Exec(ctx context.Context, text string, args ...Args) (*Result, error) {
	return Do(ctx, db, text, args...)
}

// merged merges the arguments of all maps.
func merged(args []Args) Args {
	switch len(args) {
	case 0:
		return nil
	case 1:
		return args[0]
	}
	out := Args{}
	for _, a := range args {
		for k, v := range a {
			out[k] = v
		}
	}
	return out
}

// Exec runs a text on the Runner of the context (NewContext), or else on the database at RQL_URL. If there is neither, it fails
// with ErrNoDatabase.
func Exec(ctx context.Context, text string, args ...Args) (*Result, error) {
	r, err := FromContext(ctx)
	if err != nil {
		return nil, err
	}
	c, res := execCall(text, args)
	return res, r.Run(ctx, c)
}

type contextKey struct{}

// NewContext returns a context that carries a database, or another Runner, for FromContext and the package's own Exec. With a
// Batch in the context, Exec adds to the batch: code that is called with such a context joins it.
func NewContext(ctx context.Context, r Runner) context.Context {
	return context.WithValue(ctx, contextKey{}, r)
}

// FromContext returns the Runner of a context (NewContext), or else the database at RQL_URL, which is opened at first use. If
// there is neither, it fails with ErrNoDatabase. Code that gets its database this way joins the Batch of a caller that provides
// one.
func FromContext(ctx context.Context) (Runner, error) {
	if err := given(ctx); err != nil {
		return nil, err
	}
	switch r := ctx.Value(contextKey{}).(type) {
	case nil:
	case *DB:
		if r != nil {
			return r, nil
		}
	case Runner:
		return r, nil
	}
	url := os.Getenv("RQL_URL")
	if url == "" {
		return nil, ErrNoDatabase
	}
	if db := standard.Load(); db != nil {
		return db, nil
	}
	db, err := Open(ctx, url)
	if err != nil {
		return nil, err
	}
	if !standard.CompareAndSwap(nil, db) { // another goroutine was faster
		if err := db.Close(); err != nil {
			return nil, publicError(err)
		}
	}
	return standard.Load(), nil
}

// standard is the database at RQL_URL.
var standard atomic.Pointer[DB]
