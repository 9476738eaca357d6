package conn

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/planner"
)

// Conn is a connection to one database: it sends commands and scripts, and
// repeats what was surely not carried out. It is safe for goroutines.
type Conn struct {
	Keys   keyspace.Keys
	Caps   planner.Caps
	client redis.UniversalClient
	pool   *pool // nil where the client is not the connection's own
	close  func() error
	// eviction says in words that the server may evict keys.
	eviction string
	blesses  bool          // keys can be protected from it
	retry    time.Duration // how long what was not carried out is repeated
	grace    time.Duration // see Options
	Pace     Pace          // of steps
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
	trips, texts   atomic.Int64
	// Replan makes plans that were made before not be taken again; who makes plans sets it.
	Replan func()
	// ClearAway clears away the documents of a model whose time has come; who knows the models sets it.
	ClearAway func(ctx context.Context, model string) error
}

// use makes a link the connection's.
func (c *Conn) use(l *link) {
	c.client, c.pool, c.close = l.client, l.pool, l.close
	if c.pool != nil {
		c.pool.grace = c.grace
	}
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

// Own reports that the connections are its own, which use no command any more when its round trip is over.
func (c *Conn) Own() bool { return c.pool != nil }

// Embedded reports a server that is part of the program, or whose clock the program moves.
func (c *Conn) Embedded() bool { return c.advance != nil }

// Cluster reports that all nodes of a cluster are known: what is asked of no key may be answered by any of them.
func (c *Conn) Cluster() bool { return c.cluster != nil }

// Blesses reports that the server can protect keys from eviction, and lets this user.
func (c *Conn) Blesses() bool { return c.blesses }

// Ping asks the server whether it answers.
func (c *Conn) Ping(ctx context.Context) error {
	if err := c.Process(ctx, redis.NewStatusCmd(ctx, "ping")); err != nil {
		return ServerError(err, false, "")
	}
	return nil
}

// OneServer reports that every call goes to the same server.
func (c *Conn) OneServer() bool {
	_, one := c.client.(*redis.Client) // another client may use another server
	return one || c.pool != nil
}

// Eviction describes that the server may evict keys, as of when the connection
// was opened; "" if it does not, or if this is unknown.
func (c *Conn) Eviction() string { return c.eviction }

// MakesIndexes reports that the server makes Search indexes, as far as is known.
func (c *Conn) MakesIndexes() bool { return c.Caps.Search && !c.noIndexes.Load() }

// RefuseIndexes notes that the server lets this user, or this database, have no Search index.
func (c *Conn) RefuseIndexes() { c.noIndexes.Store(true) }
