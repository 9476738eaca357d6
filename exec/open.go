package exec

import (
	"context"
	"errors"
	"net"
	"net/url"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// Options are the settings of a connection.
type Options struct {
	Namespace  string // prefix of every key; "ns" in the URL does the same
	ClientName string
	// SearchFirst asks Search wherever it can serve, not only where it is thought to be quicker.
	SearchFirst bool
	// SearchNever asks Search for nothing.
	SearchNever bool
	// Retry is how long a statement is repeated that the server did not carry out and soon may:
	// while a slot moves or a replica takes over. 0 is DefaultRetry, below it nothing is repeated. "retry" in the URL does the same.
	Retry time.Duration
}

// Opener makes a client of a URL with its scheme; close frees what belongs to it.
type Opener func(ctx context.Context, u *url.URL) (client redis.UniversalClient, close func() error, err error)

var schemes sync.Map // string → Opener

// RegisterScheme adds a URL scheme; package mem adds its own.
func RegisterScheme(scheme string, open Opener) { schemes.Store(scheme, open) }

// Engine runs programs on one database. It is safe for goroutines.
type Engine struct {
	client redis.UniversalClient
	lanes  *lanes // nil where the client is not the engine's own
	close  func() error
	keys   keyspace
	caps   planner.Caps
	retry  time.Duration // how long what was not carried out is repeated
	// cluster is the client where it is that of a whole cluster.
	cluster *redis.ClusterClient
	// several: another server may take over. It is set when the first was reached.
	several  bool
	reloaded atomic.Int64 // when cluster was last asked for its nodes, in nanoseconds
	// noSearch: the server lets this user, or this database, have no Search index.
	noSearch atomic.Bool

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
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, &Error{Code: lang.CodeConnection, Message: "the database URL cannot be read", Statement: -1,
			Hint: "a URL looks like redis://user:password@host:6379/0?ns=shop"}
	}
	q := u.Query()
	if ns := q.Get("ns"); ns != "" && o.Namespace == "" {
		o.Namespace = ns
	}
	if err := o.retryOf(q); err != nil {
		return nil, err
	}
	q.Del("ns")
	q.Del("retry")
	u.RawQuery = q.Encode()
	client, ls, closer, err := dial(ctx, u, o)
	if err != nil {
		return nil, err
	}
	e, err := newEngine(ctx, client, o)
	if err != nil {
		_ = closer()
		return nil, err
	}
	e.lanes, e.close = ls, closer
	return e, nil
}

// retryOf reads how long is repeated what was not carried out, unless the caller said it.
func (o *Options) retryOf(q url.Values) error {
	bad := &Error{Code: lang.CodeConnection, Statement: -1, Message: "the database URL says no duration in retry", Hint: "?retry=10s, or ?retry=0 for never"}
	if q.Has("max_retries") {
		bad.Message = "max_retries in the database URL is not used: RQL repeats by itself, and only what was not carried out"
		return bad
	}
	text := q.Get("retry")
	if text == "" || o.Retry != 0 {
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return bad
	}
	if o.Retry = d; d == 0 {
		o.Retry = -1
	}
	return nil
}

// Wrap makes an engine of a client that the caller has and closes himself.
func Wrap(ctx context.Context, client redis.UniversalClient, o Options) (*Engine, error) {
	return newEngine(ctx, client, o)
}

// readTimeout is how long an answer may take where the URL does not say it: more
// than the 5 s after which a server with a script that runs too long answers BUSY.
const readTimeout = 10 * time.Second

// dial makes the client.
func dial(ctx context.Context, u *url.URL, o Options) (redis.UniversalClient, *lanes, func() error, error) {
	if open, ok := schemes.Load(u.Scheme); ok {
		c, closer, err := open.(Opener)(ctx, u)
		return c, nil, closer, err
	}
	switch u.Scheme {
	case "redis", "rediss", "unix":
	case "":
		return nil, nil, nil, &Error{Code: lang.CodeConnection, Statement: -1, Message: "the database URL has no scheme",
			Hint: "a URL looks like redis://user:password@host:6379/0?ns=shop or unix:///path/to/socket"}
	case "mem":
		return nil, nil, nil, &Error{Code: lang.CodeNeeds, Statement: -1, Message: "the embedded server is not part of this program",
			Hint: `import _ "github.com/rql-lang/rql/mem"`}
	default:
		known := []string{"redis", "rediss", "unix"}
		schemes.Range(func(k, _ any) bool { known = append(known, k.(string)); return true })
		sort.Strings(known)
		return nil, nil, nil, &Error{Code: lang.CodeConnection, Statement: -1, Message: "unknown scheme " + lang.Quote(u.Scheme) + " in the database URL",
			Hint: "known are " + strings.Join(known, ", ")}
	}
	opt, err := redis.ParseURL(u.String())
	if err != nil {
		// The parser's own text may repeat the URL, password included.
		return nil, nil, nil, &Error{Code: lang.CodeConnection, Statement: -1, Message: "the database URL cannot be read",
			Hint: "a URL looks like redis://user:password@host:6379/0?ns=shop or unix:///path/to/socket"}
	}
	change := func(opt *redis.Options) {
		opt.ClientName = o.ClientName
		opt.DisableIdentity = true
		opt.DialerRetries, opt.MaxRetries = 1, -1
		if opt.ReadTimeout == 0 {
			opt.ReadTimeout = readTimeout
		}
	}
	change(opt)
	c, ls := redis.NewClient(opt), newLanes(u.String(), opt, change)
	return c, ls, func() error { return errors.Join(ls.Close(), c.Close()) }, nil
}

// newEngine asks the server what it can do and reads the catalog.
func newEngine(ctx context.Context, client redis.UniversalClient, o Options) (*Engine, error) {
	e := &Engine{client: client, close: func() error { return nil }, keys: newKeyspace(o.Namespace)}
	if e.retry = o.Retry; e.retry == 0 {
		e.retry = DefaultRetry
	}
	e.cluster, _ = client.(*redis.ClusterClient)
	e.cache.init()
	e.caps.SearchFirst, e.caps.SearchNever = o.SearchFirst, o.SearchNever
	if err := e.probe(ctx); err != nil {
		return nil, err
	}
	if _, err := e.reload(ctx); err != nil {
		return nil, err
	}
	e.several = e.cluster != nil || bySentinel(client)
	return e, nil
}

// bySentinel reports a client that asks Sentinels which server it is for.
func bySentinel(client redis.UniversalClient) bool {
	c, ok := client.(*redis.Client)
	return ok && c.Options().Addr == "FailoverClient" // the name that the client gives it
}

// Close closes the connection, if Open made it.
func (e *Engine) Close() error { return e.close() }

// Namespace is the prefix of every key without its colon, or "".
func (e *Engine) Namespace() string { return strings.TrimSuffix(e.keys.prefix, ":") }

// Client is the connection underneath.
func (e *Engine) Client() redis.UniversalClient { return e.client }

// Schema is the catalog as it was last read.
func (e *Engine) Schema() *ir.Schema { return e.schema.Load() }

// probe finds out what the server can do by trying: mostly in one trip. Nothing is written.
func (e *Engine) probe(ctx context.Context) error {
	const header, plain = "#!lua flags=no-writes\nreturn 1", "return 1"
	// A user who may only read has just the command that cannot write.
	scripts := redis.NewCmd(ctx, "eval_ro", header, 1, e.keys.never())
	modules, found := e.probeModules(ctx)
	if err := e.pipeline(ctx, append([]redis.Cmder{scripts}, modules...)); err != nil {
		return err
	}
	found()
	err := scripts.Err()
	if err == nil {
		e.caps.EvalRO, e.caps.Shebang = true, true
		return nil
	}
	if x := serverError(err, false, ""); x.Code != lang.CodeServer && !strings.HasPrefix(err.Error(), "NOPERM") {
		return x
	}
	if e.caps.EvalRO = e.process(ctx, redis.NewCmd(ctx, "eval_ro", plain, 1, e.keys.never())) == nil; e.caps.EvalRO {
		return nil
	}
	if err = e.process(ctx, redis.NewCmd(ctx, "eval", header, 1, e.keys.never())); err == nil {
		e.caps.Shebang = true
		return nil
	}
	if err = e.process(ctx, redis.NewCmd(ctx, "eval", plain, 1, e.keys.never())); err == nil {
		return nil
	}
	x := serverError(err, false, "")
	if x.Code == lang.CodeDenied && !e.deniedKey(x, e.keys.never()) {
		x.Message, x.Hint = "the server does not let this user run scripts: "+err.Error(), "every change and most reads are scripts: ACL SETUSER … +eval +evalsha +eval_ro +evalsha_ro"
	}
	return x
}

// probeModules gives the commands that show which modules there are, and what reads their answers. An index
// or a key that cannot be there is asked for: a server that knows the command, and lets this user run it, says so.
func (e *Engine) probeModules(ctx context.Context) ([]redis.Cmder, func()) {
	index := e.keys.searchIndexes("")
	search := redis.NewCmd(ctx, "ft.search", index, "*")
	cursor := redis.NewCmd(ctx, "ft.cursor", "read", index, 1)
	// Where a search is split over shards, a script cannot wait for them.
	script := redis.NewCmd(ctx, "eval_ro", "#!lua flags=no-writes\nreturn redis.pcall('FT.SEARCH',ARGV[1],'*').err", 1, e.keys.never(), index)
	doc := redis.NewCmd(ctx, "json.get", e.keys.catalog()+":json")
	return []redis.Cmder{search, cursor, script, doc}, func() {
		e.caps.JSON = doc.Err() == nil || doc.Err() == redis.Nil
		// Without cursors not all that is found could be read, so such a Search is as good as none.
		e.caps.Search = saysMissing(errText(search.Err())) && saysMissing(errText(cursor.Err()))
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

// saysMissing reports the answer of a Search command that knows no such index
// or cursor, as opposed to that of a server that does not know or not allow the command.
func saysMissing(text string) bool {
	t := strings.ToLower(text)
	return (strings.Contains(t, "index") || strings.Contains(t, "cursor not found")) &&
		!strings.HasPrefix(t, "noperm") && !strings.Contains(t, "unknown command")
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
	if isDial(err) || brokeSending(err) {
		return true
	}
	var dns *net.DNSError
	return errors.As(err, &dns) || errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, redis.ErrClosed)
}
