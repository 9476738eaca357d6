package conn

import (
	"context"
	"errors"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/address"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
)

// link is a client of a database, and what belongs to it.
type link struct {
	client redis.UniversalClient
	pool   *pool // nil if calls share the client
	nodes  bool  // commands may go directly to the nodes of a cluster: no one else observes the client
	// replicas is a client of the same cluster for reading from replicas; nil if that is not wanted.
	replicas *redis.ClusterClient
	close    func() error
	// The clock of an embedded server, and the function that moves it; nil for other servers.
	now     func() time.Time
	advance func(d time.Duration) error
	// cluster connects to the whole cluster if the server turns out to be one of its nodes; nil if that is not wanted.
	cluster func() *link
}

// nodesEvery is the interval at which the nodes of a cluster are reloaded.
const nodesEvery = 10 * time.Second

// registered opens a URL that has a registered scheme. It returns nil if the scheme is not registered.
func registered(ctx context.Context, u *url.URL) (*Opened, error) {
	if open, ok := schemes.Load(u.Scheme); ok {
		return open.(Opener)(ctx, u)
	}
	return nil, nil
}

// dial creates the client for a URL. own is the result of registered.
func dial(u *url.URL, o Options, own *Opened) (*link, error) {
	if own == nil {
		return dialServer(u, o)
	}
	l := &link{client: own.Client, close: own.Close}
	if own.Server != "" {
		var err error
		if l, err = dialServer(u, o); err != nil {
			return nil, err
		}
	}
	l.now, l.advance = own.Now, own.Advance
	return l, nil
}

// dialServer creates the client for the URL of a server.
func dialServer(u *url.URL, o Options) (*link, error) {
	switch {
	case u.Scheme == "mem":
		return nil, &lang.Error{Code: lang.CodeNeeds, Statement: -1, Message: "the embedded server is not part of this program",
			Hint: `import _ "github.com/rql-lang/rql/mem"`}
	case !address.IsServer(u.Scheme):
		return nil, unknownScheme(u.Scheme)
	}
	secure, err := secured(u, o.TLS)
	if err != nil {
		return nil, badURL(err)
	}
	change := func(opt *redis.Options) { setUp(opt, o, secure) }
	switch u.Scheme {
	case "cluster", "clusters":
		return dialCluster(u, o, change)
	case "sentinel", "sentinels":
		return dialSentinel(u, change)
	}
	return dialOne(u, o, change)
}

// unknownScheme returns the error for an unknown scheme.
func unknownScheme(scheme string) error {
	known := address.Schemes()
	schemes.Range(func(k, _ any) bool { known = append(known, k.(string)); return true })
	sort.Strings(known)
	return &lang.Error{Code: lang.CodeBadURL, Statement: -1, Message: "unknown scheme " + lang.Quote(scheme) + " in the database URL",
		Hint: "known are " + strings.Join(known, ", ")}
}

// dialOne connects to one server, which may turn out to be a node of a cluster.
func dialOne(u *url.URL, o Options, change func(*redis.Options)) (*link, error) {
	opt, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, badURL(errOptions)
	}
	change(opt)
	c, p := redis.NewClient(opt), newPool(u.String(), opt, change)
	l := &link{client: c, pool: p, close: func() error { return errors.Join(p.Close(), c.Close()) }}
	if u.Scheme != "unix" { // a socket belongs to a single node
		l.cluster = func() *link { return clusterLink(universal(opt, []string{opt.Addr}), o) }
	}
	return l, nil
}

// dialCluster connects to a cluster, given some of its nodes.
func dialCluster(u *url.URL, o Options, change func(*redis.Options)) (*link, error) {
	if p := strings.Trim(u.Path, "/"); p != "" && p != "0" || u.Query().Has("db") {
		return nil, &lang.Error{Code: lang.CodeNeeds, Statement: -1, Message: "a cluster has only database 0", Hint: fail.ServerHint("SELECT")}
	}
	opt, addrs, err := hosts(u, "6379", change)
	if err != nil {
		return nil, err
	}
	return clusterLink(universal(opt, addrs), o), nil
}

// clusterLink creates a client of a whole cluster.
func clusterLink(u *redis.UniversalOptions, o Options) *link {
	opt := u.Cluster()
	opt.ClusterStateReloadInterval = nodesEvery
	c := redis.NewClusterClient(opt)
	if !o.Replicas && !o.Nearest {
		return &link{client: c, nodes: true, close: c.Close}
	}
	read := u.Cluster()
	read.ClusterStateReloadInterval, read.ReadOnly, read.RouteByLatency = nodesEvery, true, o.Nearest
	r := redis.NewClusterClient(read)
	return &link{client: c, nodes: true, replicas: r, close: func() error { return errors.Join(c.Close(), r.Close()) }}
}

// dialSentinel connects to the primary that Sentinels monitor.
func dialSentinel(u *url.URL, change func(*redis.Options)) (*link, error) {
	q, own := u.Query(), *u
	name, user, password := q.Get("master"), q.Get("sentinel_username"), q.Get("sentinel_password")
	if name == "" {
		return nil, &lang.Error{Code: lang.CodeBadURL, Statement: -1, Message: "the database URL does not name the master that the Sentinels monitor", Hint: "sentinel://host:26379?master=mymaster"}
	}
	for _, k := range []string{"master", "sentinel_username", "sentinel_password"} {
		q.Del(k)
	}
	own.RawQuery = q.Encode()
	opt, addrs, err := hosts(&own, "26379", change)
	if err != nil {
		return nil, err
	}
	o := universal(opt, addrs)
	o.MasterName, o.SentinelUsername, o.SentinelPassword = name, user, password
	c := redis.NewFailoverClient(o.Failover())
	return &link{client: c, close: c.Close}, nil
}

// hosts parses a URL with several hosts. It returns the options that apply to all of them, and their addresses.
func hosts(u *url.URL, port string, change func(*redis.Options)) (*redis.Options, []string, error) {
	addrs := addresses(u.Host, port)
	one := *u
	one.Host, one.Scheme = addrs[0], "redis"
	if address.IsTLS(u.Scheme) {
		one.Scheme = "rediss"
	}
	opt, err := redis.ParseURL(one.String())
	if err != nil {
		return nil, nil, badURL(errOptions)
	}
	change(opt)
	return opt, addrs, nil
}

// universal converts the options of one server to those of several, as far as a URL can set them.
func universal(o *redis.Options, addrs []string) *redis.UniversalOptions {
	return &redis.UniversalOptions{
		Addrs: addrs, DB: o.DB, OnConnect: o.OnConnect, DisableIdentity: o.DisableIdentity, Dialer: o.Dialer,
		Protocol: o.Protocol, Username: o.Username, Password: o.Password,
		MaxRetries: o.MaxRetries, DialTimeout: o.DialTimeout, DialerRetries: o.DialerRetries, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout,
		PoolFIFO: o.PoolFIFO, PoolSize: o.PoolSize, PoolTimeout: o.PoolTimeout,
		MinIdleConns: o.MinIdleConns, MaxIdleConns: o.MaxIdleConns, MaxActiveConns: o.MaxActiveConns, MaxConcurrentDials: o.MaxConcurrentDials,
		PipelinePoolSize: o.PipelinePoolSize, PipelineReadBufferSize: o.PipelineReadBufferSize, PipelineWriteBufferSize: o.PipelineWriteBufferSize,
		ConnMaxIdleTime: o.ConnMaxIdleTime, ConnMaxLifetime: o.ConnMaxLifetime, ConnMaxLifetimeJitter: o.ConnMaxLifetimeJitter,
		MaintNotificationsConfig: o.MaintNotificationsConfig,
	}
}

// bySentinel reports whether the client finds its server through Sentinels.
func bySentinel(client redis.UniversalClient) bool {
	c, ok := client.(*redis.Client)
	return ok && c.Options().Addr == "FailoverClient" // the address that go-redis sets for such a client
}
