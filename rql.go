package rql

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec"
)

// Args are the values of a text's $parameters by name: numbers, strings, bools,
// []byte, time.Time, time.Duration, slices, maps with string keys and structs,
// and pointers to these. A missing parameter, and one that the text does not
// use, is an error before anything runs.
type Args map[string]any

// DB is a database. It is safe for concurrent use.
type DB struct {
	engine  atomic.Pointer[exec.Engine]
	closed  atomic.Bool
	client  redis.UniversalClient // of Wrap, until the first call
	opts    options
	mu      sync.Mutex
	targets sync.Map // reflect.Type → *target
}

// Open connects to the database of a URL: redis://, rediss://, unix://,
// cluster://host:port,host:port, sentinel://host:port?master=name (clusters://
// and sentinels:// over TLS), or mem:// if package mem is imported. An empty
// URL is an error: there is no silent fallback.
func Open(ctx context.Context, url string, opts ...Option) (*DB, error) {
	db := &DB{opts: chosen(opts)}
	e, err := exec.Open(ctx, url, db.opts.Options)
	if err != nil {
		return nil, publicError(err)
	}
	db.engine.Store(e)
	return db, nil
}

// Wrap returns a database that uses the caller's client, which the caller
// closes. The client's own retry settings do not matter: writes are sent once,
// and commands that were not executed are retried as WithRetry says. The first
// call probes the server and reads the catalog.
func Wrap(client redis.UniversalClient, opts ...Option) *DB {
	return &DB{client: client, opts: chosen(opts)}
}

// ready returns the engine, which the first call on a wrapped client creates.
func (db *DB) ready(ctx context.Context) (*exec.Engine, error) {
	if db == nil || db.closed.Load() {
		return nil, ErrNoDatabase
	}
	if e := db.engine.Load(); e != nil {
		return e, nil
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if e := db.engine.Load(); e != nil {
		return e, nil
	}
	e, err := exec.Wrap(ctx, db.client, db.opts.Options)
	if err != nil {
		return nil, err
	}
	db.engine.Store(e)
	return e, nil
}

// Close closes the connections, if Open made them. Calls after it fail with
// ErrNoDatabase.
func (db *DB) Close() error {
	if db == nil || db.closed.Swap(true) {
		return nil
	}
	if e := db.engine.Load(); e != nil {
		return e.Close()
	}
	return nil
}

// Advance moves the clock of an embedded server (mem://) forward, for tests:
// documents that expire by then are gone, and now() is later by the same
// amount, in every database on that server. The databases of package rqltest
// have such a clock on any server. Fractions of a millisecond are ignored. The
// error has the code needs for any other database, and bad-argument if d is
// negative.
func (db *DB) Advance(ctx context.Context, d time.Duration) error {
	e, err := db.ready(ctx)
	if err != nil {
		return err
	}
	return publicError(e.Advance(d))
}

// Exec runs the statements of a text in order; the whole text is parsed and
// checked before the first one runs. The result is that of the last statement
// with rows; Result.Statements has the result of each. The first statement that
// fails ends the text; the result then describes what was done before it.
func (db *DB) Exec(ctx context.Context, text string, args ...Args) (*Result, error) {
	return Do(ctx, db, text, args...)
}

// merged are the arguments of all maps.
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

// Exec runs a text on the Runner of the context (NewContext), else on the
// database that RQL_URL names; if there is neither, it fails with ErrNoDatabase.
func Exec(ctx context.Context, text string, args ...Args) (*Result, error) {
	r, err := fromContext(ctx)
	if err != nil {
		return nil, err
	}
	c, res := execCall(text, args)
	return res, r.Run(ctx, c)
}

type contextKey struct{}

// NewContext returns a context that carries a database, or another Runner, for
// the package's own Exec. With a Batch in the context, Exec adds to the batch:
// code that is called with such a context joins it.
func NewContext(ctx context.Context, r Runner) context.Context {
	return context.WithValue(ctx, contextKey{}, r)
}

// standard is the database that RQL_URL names, opened on first use.
var standard struct {
	mu sync.Mutex
	db *DB
}

func fromContext(ctx context.Context) (Runner, error) {
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
	standard.mu.Lock()
	defer standard.mu.Unlock()
	if standard.db == nil {
		db, err := Open(ctx, url)
		if err != nil {
			return nil, err
		}
		standard.db = db
	}
	return standard.db, nil
}
