package conn

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/address"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/planner"
)

// Options are the settings of a connection.
type Options struct {
	Namespace  string // prefix of every key; "ns" in the URL does the same
	ClientName string
	Log        *slog.Logger // hears of what makes a server unfit; nil: slog.Default()
	// SearchFirst asks Search wherever it can serve, not only where it is thought to be quicker.
	SearchFirst bool
	// SearchNever asks Search for nothing.
	SearchNever bool
	// Retry is how long a statement is repeated that the server did not carry out and soon may:
	// while a slot moves or a replica takes over. 0 is DefaultRetry, below it nothing is repeated. "retry" in the URL does the same.
	Retry time.Duration
	// Now is the clock of now(); nil is that of the machine, or of the embedded server.
	Now func() time.Time
	// TLS is what a URL says of certificates; what is set here comes first.
	TLS address.TLS
}

// Opened is a client of a server that is part of the program, or the URL of
// another server whose clock seems to move.
type Opened struct {
	Server string // the URL of the other server; then there is neither Client nor Close
	Client redis.UniversalClient
	Close  func() error     // frees what belongs to it
	Now    func() time.Time // the server's clock, which now() reads too
	// Advance moves the server's clock forward, in whole milliseconds.
	Advance func(d time.Duration) error
}

// Opener opens a URL with its scheme.
type Opener func(ctx context.Context, u *url.URL) (*Opened, error)

var schemes sync.Map // string → Opener

// RegisterScheme adds a URL scheme; package mem adds its own.
func RegisterScheme(scheme string, open Opener) { schemes.Store(scheme, open) }

// Conn is a connection to one database: it sends commands and scripts, and
// repeats what was surely not carried out. It is safe for goroutines.
type Conn struct {
	Keys   keyspace.Keys
	Caps   planner.Caps
	client redis.UniversalClient
	Lanes  *lanes // nil where the client is not the connection's own
	close  func() error
	// eviction says in words that the server may evict keys.
	eviction string
	blesses  bool          // keys can be protected from it
	retry    time.Duration // how long what was not carried out is repeated
	Now      func() time.Time
	advance  func(d time.Duration) error // moves the clock of an embedded server; nil of others
	// cluster is the client where it is that of a whole cluster.
	cluster *redis.ClusterClient
	nodes   bool // its nodes may be asked past it: nobody watches it
	// several: another server may take over. It is set when the first was reached.
	several  bool
	reloaded atomic.Int64 // when cluster was last asked for its nodes, in nanoseconds
	// noScriptSearch: the server refused a search in a script when it came to it.
	noScriptSearch atomic.Bool
	noIndexes      atomic.Bool // the server refused to make a Search index
	// Replan makes plans that were made before not be taken again; who makes plans sets it.
	Replan func()
	// ClearAway clears away the documents of a model whose time has come; who knows the models sets it.
	ClearAway func(ctx context.Context, model string) error
}

// ErrNoURL is returned by Open for an empty URL: there is no silent fallback.
var ErrNoURL = errors.New("no database URL was given")

// Dial connects to the database that a URL names and finds out what it can do.
func Open(ctx context.Context, rawURL string, o Options) (*Conn, error) {
	if strings.TrimSpace(rawURL) == "" {
		return nil, ErrNoURL
	}
	u, err := address.Parse(rawURL)
	if err != nil {
		return nil, badURL(err)
	}
	own, err := registered(ctx, u.URL)
	if err != nil {
		return nil, err
	}
	if own != nil && own.Server != "" {
		if u, err = address.Parse(own.Server); err != nil {
			return nil, badURL(err)
		}
	}
	o.Namespace = cmp.Or(o.Namespace, u.Namespace)
	o.Retry = cmp.Or(o.Retry, u.Retry)
	o.TLS = o.TLS.Or(u.TLS)
	l, err := dial(u.URL, o, own)
	if err != nil {
		return nil, err
	}
	c, err := newConn(ctx, l, o)
	if err != nil {
		return nil, hinted(err, u.Scheme, o.TLS)
	}
	return c, nil
}

// Wrap makes a connection of a client that the caller has and closes himself.
func Wrap(ctx context.Context, client redis.UniversalClient, o Options) (*Conn, error) {
	if _, ring := client.(*redis.Ring); ring {
		return nil, &lang.Error{Code: lang.CodeNeeds, Statement: -1, Message: "a Ring spreads keys over servers that know nothing of each other, and over others when one fails",
			Hint: "Wrap a client of one server, of Sentinels (redis.NewFailoverClient) or of a cluster (redis.NewClusterClient)"}
	}
	if c, ok := client.(*redis.ClusterClient); ok && c.Options().ReadOnly {
		return nil, &lang.Error{Code: lang.CodeNeeds, Statement: -1, Message: "this client reads at replicas, which may be behind and do not know that a slot is moving",
			Hint: "Wrap a redis.ClusterClient without ReadOnly, RouteByLatency and RouteRandomly"}
	}
	return newConn(ctx, &link{client: client, close: func() error { return nil }}, o)
}

// newConn asks the server what it can do.
func newConn(ctx context.Context, l *link, o Options) (*Conn, error) {
	c := &Conn{Keys: keyspace.New(o.Namespace)}
	if c.retry = o.Retry; c.retry == 0 {
		c.retry = DefaultRetry
	}
	c.Now, c.advance = o.clock(l), l.advance
	c.Caps.SearchFirst, c.Caps.SearchNever = o.SearchFirst, o.SearchNever
	c.use(l)
	mode, err := c.probe(ctx)
	if err = c.settle(ctx, mode, o.Namespace, l, err); err != nil {
		_ = c.close()
		return nil, err
	}
	c.several = c.cluster != nil || bySentinel(c.client)
	c.log(ctx, o)
	return c, nil
}

// clock is what now() reads.
func (o *Options) clock(l *link) func() time.Time {
	switch {
	case o.Now != nil:
		return o.Now
	case l.now != nil:
		return l.now
	}
	return time.Now
}

// use makes a link the connection's.
func (c *Conn) use(l *link) {
	c.client, c.Lanes, c.close = l.client, l.lanes, l.close
	c.cluster, _ = l.client.(*redis.ClusterClient)
	c.nodes = l.nodes
}

// Can is what plans are made for.
func (c *Conn) Can() planner.Caps {
	caps := c.Caps
	caps.SearchInScript = caps.SearchInScript && !c.noScriptSearch.Load()
	return caps
}

// Close closes the connection, if Open made it.
func (c *Conn) Close() error { return c.close() }

// Advance moves the clock of an embedded server forward: see rql.DB.Advance.
func (c *Conn) Advance(d time.Duration) error {
	if c.advance == nil {
		return &lang.Error{Code: lang.CodeNeeds, Statement: -1, Message: "only the clock of an embedded server (mem://), or of a database of rqltest, can be moved"}
	}
	if d < 0 {
		return &lang.Error{Code: lang.CodeBadArgument, Statement: -1, Message: "a clock moves forward only"}
	}
	return c.advance(d)
}

// Namespace is the prefix of every key without its colon, or "".
func (c *Conn) Namespace() string { return strings.TrimSuffix(c.Keys.Prefix, ":") }

// Client is the connection underneath.
func (c *Conn) Client() redis.UniversalClient { return c.client }
