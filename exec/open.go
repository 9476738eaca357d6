package exec

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/address"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
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

// Opened is a client of a server that is part of the program.
type Opened struct {
	Client redis.UniversalClient
	Close  func() error     // frees what belongs to it
	Now    func() time.Time // the server's clock, which now() reads too
	// Advance moves the server's clock forward, in whole milliseconds.
	Advance func(d time.Duration)
}

// Opener makes a client of a URL with its scheme.
type Opener func(ctx context.Context, u *url.URL) (*Opened, error)

var schemes sync.Map // string → Opener

// RegisterScheme adds a URL scheme; package mem adds its own.
func RegisterScheme(scheme string, open Opener) { schemes.Store(scheme, open) }

// Engine runs programs on one database. It is safe for goroutines.
type Engine struct {
	client redis.UniversalClient
	lanes  *lanes // nil where the client is not the engine's own
	close  func() error
	keys   keyspace.Keys
	caps   planner.Caps
	// eviction says in words that the server may evict keys.
	eviction string
	blesses  bool          // keys can be protected from it
	retry    time.Duration // how long what was not carried out is repeated
	now      func() time.Time
	advance  func(d time.Duration) // moves the clock of an embedded server; nil of others
	// cluster is the client where it is that of a whole cluster.
	cluster *redis.ClusterClient
	nodes   bool // its nodes may be asked past it: nobody watches it
	// several: another server may take over. It is set when the first was reached.
	several  bool
	reloaded atomic.Int64 // when cluster was last asked for its nodes, in nanoseconds
	// noSearch: the server lets this user, or this database, have no Search index.
	noSearch atomic.Bool
	// noScriptSearch: the server refused a search in a script when it came to it.
	noScriptSearch atomic.Bool

	catalogMu sync.Mutex
	schema    atomic.Pointer[ir.Schema]
	lost      sync.Map // name → *ir.Model whose Search index was not found
	cache     planCache
	patterns  patternCache
}

// ErrNoURL is returned by Open for an empty URL: there is no silent fallback.
var ErrNoURL = errors.New("no database URL was given")

// Open connects to the database that a URL names and reads its catalog.
func Open(ctx context.Context, rawURL string, o Options) (*Engine, error) {
	if strings.TrimSpace(rawURL) == "" {
		return nil, ErrNoURL
	}
	u, err := address.Parse(rawURL)
	if err != nil {
		return nil, badURL(err)
	}
	o.Namespace = cmp.Or(o.Namespace, u.Namespace)
	o.Retry = cmp.Or(o.Retry, u.Retry)
	o.TLS = o.TLS.Or(u.TLS)
	l, err := dial(ctx, u.URL, o)
	if err != nil {
		return nil, err
	}
	e, err := newEngine(ctx, l, o)
	if err != nil {
		return nil, hinted(err, u.Scheme, o.TLS)
	}
	return e, nil
}

// Wrap makes an engine of a client that the caller has and closes himself.
func Wrap(ctx context.Context, client redis.UniversalClient, o Options) (*Engine, error) {
	if _, ring := client.(*redis.Ring); ring {
		return nil, &Error{Code: lang.CodeNeeds, Statement: -1, Message: "a Ring spreads keys over servers that know nothing of each other, and over others when one fails",
			Hint: "Wrap a client of one server, of Sentinels (redis.NewFailoverClient) or of a cluster (redis.NewClusterClient)"}
	}
	if c, ok := client.(*redis.ClusterClient); ok && c.Options().ReadOnly {
		return nil, &Error{Code: lang.CodeNeeds, Statement: -1, Message: "this client reads at replicas, which may be behind and do not know that a slot is moving",
			Hint: "Wrap a redis.ClusterClient without ReadOnly, RouteByLatency and RouteRandomly"}
	}
	return newEngine(ctx, &link{client: client, close: func() error { return nil }}, o)
}

// newEngine asks the server what it can do and reads the catalog.
func newEngine(ctx context.Context, l *link, o Options) (*Engine, error) {
	e := &Engine{keys: keyspace.New(o.Namespace)}
	if e.retry = o.Retry; e.retry == 0 {
		e.retry = DefaultRetry
	}
	e.now, e.advance = o.clock(l), l.advance
	e.cache.init()
	e.caps.SearchFirst, e.caps.SearchNever = o.SearchFirst, o.SearchNever
	e.use(l)
	mode, err := e.probe(ctx)
	if err = e.settle(ctx, mode, o.Namespace, l, err); err == nil {
		err = e.free(ctx)
	}
	if err == nil {
		_, err = e.reload(ctx)
	}
	if err != nil {
		_ = e.close()
		return nil, err
	}
	e.several = e.cluster != nil || bySentinel(e.client)
	e.log(ctx, o)
	return e, nil
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

// use makes a link the engine's.
func (e *Engine) use(l *link) {
	e.client, e.lanes, e.close = l.client, l.lanes, l.close
	e.cluster, _ = l.client.(*redis.ClusterClient)
	e.nodes = l.nodes
}

// Close closes the connection, if Open made it.
func (e *Engine) Close() error { return e.close() }

// Advance moves the clock of an embedded server forward: see rql.DB.Advance.
func (e *Engine) Advance(d time.Duration) error {
	if e.advance == nil {
		return &Error{Code: lang.CodeNeeds, Statement: -1, Message: "only the clock of an embedded server (mem://) can be moved"}
	}
	if d < 0 {
		return &Error{Code: lang.CodeBadArgument, Statement: -1, Message: "a clock moves forward only"}
	}
	e.advance(d)
	return nil
}

// Namespace is the prefix of every key without its colon, or "".
func (e *Engine) Namespace() string { return strings.TrimSuffix(e.keys.Prefix, ":") }

// Client is the connection underneath.
func (e *Engine) Client() redis.UniversalClient { return e.client }

// Schema is the catalog as it was last read.
func (e *Engine) Schema() *ir.Schema { return e.schema.Load() }

// probe finds out what the server can do by trying: mostly in one trip. Nothing is written. mode is the way in which the server runs.
func (e *Engine) probe(ctx context.Context) (mode string, err error) {
	e.caps = planner.Caps{SearchFirst: e.caps.SearchFirst, SearchNever: e.caps.SearchNever}
	hello := redis.NewCmd(ctx, "hello")
	scripts := redis.NewCmd(ctx, "eval_ro", scriptHeader, 1, e.keys.Never())
	modules, found := e.probeModules(ctx)
	memory := memoryCmd(ctx)
	keys, read := e.probeKeys(ctx)
	known, blessed := e.probeSums(ctx), e.blessCmd(ctx)
	if err := e.pipeline(ctx, slices.Concat([]redis.Cmder{hello, scripts, memory, known.read, known.write, blessed}, keys, modules)); err != nil {
		return "", err
	}
	found()
	e.eviction, e.blesses = evictionText(memory), knowsBless(blessed)
	if err = e.probeScripts(ctx, scripts.Err()); err == nil {
		err = known.found(e)
	}
	if err != nil {
		return modeOf(hello), err
	}
	return modeOf(hello), read()
}

// probeKeys gives the commands that show which keys a script may touch, and what reads their answers.
func (e *Engine) probeKeys(ctx context.Context) ([]redis.Cmder, func() error) {
	locking := redis.NewCmd(ctx, "eval_ro", scriptLocking, 1, e.keys.Never())
	anything := redis.NewCmd(ctx, "eval_ro", scriptAnything, 1, e.keys.Never())
	undeclared := redis.NewCmd(ctx, "eval_ro", scriptUndeclared, 1, e.keys.Never(), e.keys.Undeclared())
	return []redis.Cmder{locking, anything, undeclared}, func() error {
		if !e.caps.EvalRO {
			undeclared = redis.NewCmd(ctx, "eval", scriptUndeclared, 1, e.keys.Never(), e.keys.Undeclared())
			if err := e.process(ctx, undeclared); isConnection(err) {
				return serverError(err, false, "")
			}
		}
		// A server that takes any flag does not know this one.
		e.caps.Locking = e.caps.Shebang && locking.Err() == nil && anything.Err() != nil
		e.caps.Declared = e.caps.Locking || refusesUndeclared(undeclared)
		return nil
	}
}

// refusesUndeclared reads the answer to a script that touches a key which it
// does not declare. Refused for another reason, as by an ACL, it says nothing.
func refusesUndeclared(cmd *redis.Cmd) bool {
	text := errText(cmd.Err())
	if text == "" {
		text, _ = cmd.Text()
	}
	e := &Error{}
	refused(e, text)
	return text != "" && e.Code == lang.CodeServer
}

// Scripts by which it is tried what a server takes. A user who may only read has just the command that cannot write.
const (
	scriptHeader     = "#!lua flags=no-writes\nreturn 1"
	scriptPlain      = "return 1"
	scriptLocking    = "#!lua flags=no-writes,allow-key-locking\nreturn 1"
	scriptAnything   = "#!lua flags=no-writes,rql-no-such-flag\nreturn 1"
	scriptUndeclared = "local r=redis.pcall('HLEN',ARGV[1])\nreturn type(r)=='table' and r.err or ''"
)

// probeScripts finds out how scripts are sent; err is the answer to EVAL_RO of one with a header.
func (e *Engine) probeScripts(ctx context.Context, err error) error {
	if err == nil {
		e.caps.EvalRO, e.caps.Shebang = true, true
		return nil
	}
	if x := serverError(err, false, ""); x.Code != lang.CodeServer && !commandRefused(err) {
		return x
	}
	if e.caps.EvalRO = e.process(ctx, redis.NewCmd(ctx, "eval_ro", scriptPlain, 1, e.keys.Never())) == nil; e.caps.EvalRO {
		return nil
	}
	if err = e.process(ctx, redis.NewCmd(ctx, "eval", scriptHeader, 1, e.keys.Never())); err == nil {
		e.caps.Shebang = true
		return nil
	}
	if err = e.process(ctx, redis.NewCmd(ctx, "eval", scriptPlain, 1, e.keys.Never())); err == nil {
		return nil
	}
	if x := serverError(err, false, ""); e.deniedKey(x, e.keys.Never()) {
		return x
	}
	return noScripts(err)
}

// probeModules gives the commands that show which modules there are, and what reads their answers. An index
// or a key that cannot be there is asked for: a server that knows the command, and lets this user run it, says so.
// More than ten words end the connection of a user who has not logged in yet, so these have fewer.
func (e *Engine) probeModules(ctx context.Context) ([]redis.Cmder, func()) {
	index := e.keys.SearchIndexes("")
	search := redis.NewCmd(ctx, "ft.search", index, "*", "nocontent", "timeout", 0, "dialect", 2)
	aggregate := redis.NewCmd(ctx, "ft.aggregate", index, "*", "limit", 0, 1, "timeout", 0, "dialect", 2)
	// Where a search is split over shards, a script cannot wait for them.
	script := redis.NewCmd(ctx, "eval_ro", "#!lua flags=no-writes\nreturn redis.pcall('FT.SEARCH',ARGV[1],'*').err", 1, e.keys.Never(), index)
	doc := redis.NewCmd(ctx, "json.get", e.keys.Catalog()+":json")
	return []redis.Cmder{search, aggregate, script, doc}, func() {
		e.caps.JSON = doc.Err() == nil || doc.Err() == redis.Nil
		e.caps.Search = saysMissing(errText(search.Err())) && saysMissing(errText(aggregate.Err()))
		text, _ := script.Text()
		e.caps.SearchInScript = e.caps.Search && saysMissing(text)
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// saysMissing reports the answer of a Search command that knows no such index,
// as opposed to that of a server that does not know or not allow the command.
func saysMissing(text string) bool {
	t := strings.ToLower(text)
	return strings.Contains(t, "index") && !strings.HasPrefix(t, "noperm") && !strings.Contains(t, "unknown command")
}

// isConnection tells an error of the connection from an answer of the server.
func isConnection(err error) bool {
	if err == nil {
		return false
	}
	var re redis.Error
	return !errors.As(err, &re)
}

// brokeSending reports a connection that ended before a command was sent whole.
func brokeSending(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "write"
}

// notSent reports an error that happened before a command could be sent
// whole: a server does nothing with a part of one.
func notSent(err error) bool {
	if isDial(err) || brokeSending(err) || refusedByTLS(err) {
		return true
	}
	var dns *net.DNSError
	return errors.As(err, &dns) || errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, redis.ErrClosed)
}
