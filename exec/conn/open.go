package conn

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/address"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
)

// ErrNoURL is returned by Open for an empty URL: there is no silent fallback.
var ErrNoURL = errors.New("no database URL was given")

// Open connects to the database at a URL and probes the capabilities of the server.
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
	o.Buckets = cmp.Or(o.Buckets, u.Buckets)
	o.Replicas, o.Nearest, o.Wait = o.Replicas || u.Replicas, o.Nearest || u.Nearest, cmp.Or(o.Wait, u.Wait)
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

// Wraps returns an error if the client cannot be used for a database. It does not contact the server.
func Wraps(client redis.UniversalClient, o Options) error {
	if v := reflect.ValueOf(client); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return &lang.Error{Code: lang.CodeBadArgument, Statement: -1, Message: "there is no client", Hint: "Wrap a client of one server, of Sentinels or of a cluster"}
	}
	switch c := client.(type) {
	case *redis.Ring:
		return &lang.Error{Code: lang.CodeNeeds, Statement: -1, Message: "a Ring spreads keys over servers that know nothing of each other, and over others when one fails",
			Hint: "Wrap a client of one server, of Sentinels (redis.NewFailoverClient) or of a cluster (redis.NewClusterClient)"}
	case *redis.ClusterClient:
		if c.Options().ReadOnly {
			return &lang.Error{Code: lang.CodeNeeds, Statement: -1, Message: "this client reads from replicas, which may be behind and do not know that a slot is moving",
				Hint: "Wrap a redis.ClusterClient without ReadOnly, RouteByLatency and RouteRandomly"}
		}
		if _, err := braced(o.Namespace); err != nil {
			return err
		}
	}
	return apart(o.Namespace)
}

// Wrap creates a connection on a client that the caller provides and closes.
func Wrap(ctx context.Context, client redis.UniversalClient, o Options) (*Conn, error) {
	if err := Wraps(client, o); err != nil {
		return nil, err
	}
	return newConn(ctx, &link{client: client, close: func() error { return nil }}, o)
}

// newConn probes the server.
func newConn(ctx context.Context, l *link, o Options) (*Conn, error) {
	logClient(o.Log)
	if err := apart(o.Namespace); err != nil {
		_ = l.close()
		return nil, err
	}
	c := &Conn{Keys: keyspace.New(o.Namespace), server: &server{grace: o.Grace, waits: o.Wait, ownTrips: o.OwnTrips, Pace: o.Pace}}
	if c.retry = o.Retry; c.retry == 0 {
		c.retry = DefaultRetry
	}
	c.Now, c.advance = o.clock(l), l.advance
	c.Caps.SearchFirst, c.Caps.SearchNever = o.SearchFirst, o.SearchNever
	if s, ok := ctx.Value(searchKey{}).(search); ok {
		c.Caps.SearchFirst, c.Caps.SearchNever = s.first, s.never
	}
	c.Caps.FlatFirst = ctx.Value(flatKey{}) != nil
	c.use(l)
	mode, err := c.probe(ctx)
	if err = c.useCluster(ctx, mode, o.Namespace, l, err); err == nil {
		err = c.divide(o.Buckets)
	}
	if err == nil {
		err = c.useReplicas(o.Replicas || o.Nearest)
	}
	if err == nil {
		err = c.probeWait(ctx)
	}
	if err != nil {
		_ = c.close()
		return nil, err
	}
	c.several = c.cluster != nil || bySentinel(c.client)
	c.log(ctx, o)
	return c, nil
}

// log writes warnings about the server to the program's log.
func (c *Conn) log(ctx context.Context, o Options) {
	if c.eviction == "" {
		return
	}
	l := o.Log
	if l == nil {
		l = slog.Default()
	}
	l.WarnContext(ctx, "rql: "+c.eviction, "code", string(lang.CodeMayEvict))
}

// clock returns the clock of now().
func (o *Options) clock(l *link) func() time.Time {
	switch {
	case o.Now != nil:
		return o.Now
	case l.now != nil:
		return l.now
	}
	return time.Now
}
