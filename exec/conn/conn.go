package conn

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner"
)

// Conn is a connection to one database, or to one partition or bucket of it. It sends commands and scripts, and retries those that were
// certainly not executed. It is safe for concurrent use.
type Conn struct {
	Keys    keyspace.Keys
	wide    bool // the keys of one round trip may be in several slots
	replica bool // round trips that only read go to replicas
	*server
}

// In returns the connection to a partition.
func (c *Conn) In(text string) *Conn { return c.Within(c.Keys.In(text)) }

// Home returns the connection to the namespace itself.
func (c *Conn) Home() *Conn { return c.Within(c.Keys.Home()) }

// Within returns the connection with other keys of the namespace.
func (c *Conn) Within(keys keyspace.Keys) *Conn {
	return &Conn{Keys: keys, server: c.server, replica: c.replica}
}

// Bucket returns the connection to bucket i of the namespace.
func (c *Conn) Bucket(i int) *Conn { return c.Within(c.Keys.Bucket(i)) }

// Wide returns the connection for round trips with commands for several buckets: on a cluster each command goes to the node that has
// its key, and those for a node go together. Single commands are better sent by the connection to their bucket.
func (c *Conn) Wide() *Conn {
	return &Conn{Keys: c.Keys, server: c.server, wide: c.Keys.Buckets() > 1, replica: c.replica}
}

// server is what the connections to all partitions share.
type server struct {
	Caps   planner.Caps
	client redis.UniversalClient
	pool   *pool     // nil if the connection did not create the client
	queue  *combiner // nil if every call makes its own round trips
	close  func() error
	// eviction is a text that says that the server may evict keys, or "".
	eviction string
	blesses  bool          // the server can protect keys from eviction
	retry    time.Duration // how long to retry what was not executed
	grace    time.Duration // see Options
	ownTrips bool          // see Options
	Pace     Pace          // of stepped changes
	Now      func() time.Time
	advance  func(d time.Duration) error // moves the clock of an embedded server; nil for others
	// cluster is the client if it is one of a whole cluster, otherwise nil.
	cluster *redis.ClusterClient
	nodes   bool // commands may go directly to the cluster's nodes: no one else observes the client
	// replicas is a client whose connections read from replicas; nil: they are not read from.
	replicas *redis.ClusterClient
	waits    int // how many replicas a write waits for
	// several says that another server may take over, as in a cluster or behind Sentinels.
	several  bool
	buckets  int          // that the connection asks for; 0: any number
	behind   sync.Map     // prefixes of keys → keyspace.Keys of buckets in which a statement found an outdated catalog
	reloaded atomic.Int64 // when the client was last asked to reload the cluster's nodes, in Unix nanoseconds
	// noScriptSearch says that the server refused a search within a script.
	noScriptSearch atomic.Bool
	noIndexes      atomic.Bool // the server refused to create a Search index
	trips, texts   atomic.Int64
	// Replan invalidates the plans made so far. The owner of the plan cache sets it.
	Replan func()
	// ClearAway deletes the expired documents of a model, in the partition of a connection. The owner of the catalog sets it.
	ClearAway func(ctx context.Context, in *Conn, model string) error
	// Claim makes the claims that a script asks for, and GiveBack takes back what documents have lost: see package run. The owner of the
	// catalog sets them.
	Claim    func(ctx context.Context, in *Conn, s *lua.Script, asks []any) (string, error)
	GiveBack func(ctx context.Context, in *Conn, s *lua.Script, gave []any)
	// Begin enters partitions in the registers of the models of a script, by their names in the list of partitions. The owner of the catalog
	// sets it.
	Begin func(ctx context.Context, s *lua.Script, names []any) error
}

// use makes the connection use a link.
func (c *Conn) use(l *link) {
	c.client, c.pool, c.close = l.client, l.pool, l.close
	if c.pool != nil {
		c.pool.grace = c.grace
	}
	c.cluster, _ = l.client.(*redis.ClusterClient)
	c.nodes, c.replicas = l.nodes, l.replicas
	c.queue = c.newQueue()
}

// newQueue returns the queue in which calls share round trips; nil if they do not.
func (c *Conn) newQueue() *combiner {
	if c.ownTrips || c.waits > 0 || c.pool == nil && c.Embedded() { // the embedded server has no network, and executes scripts on several cores
		return nil
	}
	q := &combiner{alone: c.alone, carry: c.carry, grace: c.grace, size: maxTripCommands}
	switch client := c.client.(type) {
	case *redis.Client:
		if bySentinel(client) {
			return nil // as for a cluster
		}
		q.most, q.wait = client.Options().PoolSize, client.Options().PoolTimeout
	default:
		// A client of a cluster may send a round trip on a connection to a primary that is gone, and then all its writes are in
		// doubt. What one of another kind does with a pipeline is unknown.
		return nil
	}
	if c.pool != nil {
		q.most, q.wait = cap(c.pool.turns), c.pool.wait
	}
	return q
}

// Can returns the capabilities for which plans are made.
func (c *Conn) Can() planner.Caps {
	caps := c.Caps
	caps.SearchInScript = caps.SearchInScript && !c.noScriptSearch.Load()
	return caps
}

// Close closes the connection, if Open made it.
func (c *Conn) Close() error { return c.close() }

// Advance moves the clock of an embedded server forward. See rql.DB.Advance.
func (c *Conn) Advance(d time.Duration) error {
	if c.advance == nil {
		return &lang.Error{Code: lang.CodeNeeds, Statement: -1, Message: "only the clock of an embedded server (mem://), or of a database of rqltest, can be moved"}
	}
	if d < 0 {
		return &lang.Error{Code: lang.CodeBadArgument, Statement: -1, Message: "a clock can only move forward"}
	}
	return c.advance(d)
}

// Namespace returns the prefix of every key without its colon, or "".
func (c *Conn) Namespace() string { return strings.TrimSuffix(c.Keys.Prefix, ":") }

// Client returns the underlying client.
func (c *Conn) Client() redis.UniversalClient { return c.client }

// Own reports whether the connection has its own pool, which does not use a command after its round trip has ended.
func (c *Conn) Own() bool { return c.pool != nil }

// Embedded reports whether the server is part of the program, or the program moves its clock.
func (c *Conn) Embedded() bool { return c.advance != nil }

// Cluster reports whether all nodes of a cluster are known. Any of them may answer a command without keys.
func (c *Conn) Cluster() bool { return c.cluster != nil }

// Blesses reports whether the server can protect keys from eviction and allows this user to do so.
func (c *Conn) Blesses() bool { return c.blesses }

// Ping checks that the server replies.
func (c *Conn) Ping(ctx context.Context) error {
	if err := c.Process(ctx, redis.NewStatusCmd(ctx, "ping")); err != nil {
		return ServerError(err, false, "")
	}
	return nil
}

// OneServer reports whether all calls go to the same server.
func (c *Conn) OneServer() bool {
	_, one := c.client.(*redis.Client) // another client may use another server
	return one || c.pool != nil
}

// Eviction returns a text that says that the server may evict keys, as of when the connection was opened; "" if it does not, or
// if this is unknown.
func (c *Conn) Eviction() string { return c.eviction }

// MakesIndexes reports whether the server can create Search indexes, as far as is known.
func (c *Conn) MakesIndexes() bool { return c.Caps.Search && !c.noIndexes.Load() }

// RefuseIndexes records that this user, or this database, cannot have Search indexes.
func (c *Conn) RefuseIndexes() { c.noIndexes.Store(true) }
