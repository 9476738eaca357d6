package exec

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/doctor"
	"github.com/rql-lang/rql/exec/lock"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Engine runs programs on one database. It is safe for concurrent use.
type Engine struct {
	db       *run.Database
	replicas *run.Database // reads from replicas; nil if the database is not opened so
	cache    *compile.Cache
	calls    *sync.Pool // of *Call, that were released; the runtime holds on to a pool for a while, and not to the engine with it
	rooms    *sync.Pool // of *tripRoom
}

// Open connects to the database at a URL and reads its catalog.
func Open(ctx context.Context, rawURL string, o Options) (*Engine, error) {
	c, err := conn.Open(ctx, rawURL, o)
	if err != nil {
		return nil, err
	}
	return newEngine(ctx, c)
}

// Wraps returns an error if no engine can use a client. It sends nothing.
func Wraps(client redis.UniversalClient, o Options) error { return conn.Wraps(client, o) }

// Wrap returns an engine that uses the caller's client. The caller closes the client.
func Wrap(ctx context.Context, client redis.UniversalClient, o Options) (*Engine, error) {
	c, err := conn.Wrap(ctx, client, o)
	if err != nil {
		return nil, err
	}
	return newEngine(ctx, c)
}

// newEngine reads the catalog.
func newEngine(ctx context.Context, c *conn.Conn) (*Engine, error) {
	held, err := catalog.Open(ctx, c)
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	e := &Engine{db: run.New(c, held), cache: compile.New(held), calls: &sync.Pool{}, rooms: &sync.Pool{}}
	if from := c.FromReplicas(); from != nil {
		e.replicas = e.db.On(from)
	}
	c.Replan, c.ClearAway, c.Claim, c.GiveBack, c.Begin = held.Replan, e.db.ClearModel, e.db.Claim, e.db.GiveBack, e.db.Begin
	return e, nil
}

// Schema returns the schema as last read.
func (e *Engine) Schema() *ir.Schema { return e.db.Catalog.Schema() }

// Lock runs f while locks are held: see lock.Hold.
func (e *Engine) Lock(ctx context.Context, keys []lock.Key, lease time.Duration, f func(ctx context.Context, fence int64) error) error {
	stored := slices.Clone(keys)
	for i := range stored {
		if m := e.Schema().Lookup(stored[i].Model); m != nil {
			stored[i].Model = m.StoredName()
		}
	}
	return lock.Hold(ctx, e.db.Conn, stored, lease, f)
}

// Close closes the connection if Open made it.
func (e *Engine) Close() error { return e.db.Conn.Close() }

// Client returns the underlying client.
func (e *Engine) Client() redis.UniversalClient { return e.db.Conn.Client() }

// Namespace returns the prefix of every key, without its colon, or "".
func (e *Engine) Namespace() string { return e.db.Conn.Namespace() }

// Eviction returns a text that says that the server may evict keys: see conn.Conn.
func (e *Engine) Eviction() string { return e.db.Conn.Eviction() }

// Stats are the counters of an engine.
type Stats struct {
	Conn  conn.Stats
	Cache compile.Stats
}

// Stats returns the current counters.
func (e *Engine) Stats() Stats { return Stats{Conn: e.db.Conn.Stats(), Cache: e.cache.Stats()} }

// Embedded reports whether the server is part of the program: see conn.Conn.
func (e *Engine) Embedded() bool { return e.db.Conn.Embedded() }

// Ping checks that the server replies.
func (e *Engine) Ping(ctx context.Context) error { return e.db.Conn.Ping(ctx) }

// Advance moves the clock of an embedded server forward.
func (e *Engine) Advance(d time.Duration) error { return e.db.Conn.Advance(d) }

// Doctor examines the database and its server: see doctor.Examine.
func (e *Engine) Doctor(ctx context.Context, o doctor.Options) (*doctor.Report, error) {
	return doctor.Examine(ctx, e.db.Conn, e.db.Catalog, o)
}

// Capabilities lists what the server was found to support when the connection was opened: see conn.Conn.
func (e *Engine) Capabilities() *Rows {
	out := rows.New("SHOW", []string{"capability", "found", "means"}, e.db.Conn.Capabilities())
	out.Types = []lang.Type{lang.TypeString, lang.TypeBool, lang.TypeString}
	return out
}
