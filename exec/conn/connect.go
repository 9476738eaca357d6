package conn

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/rql-lang/rql/exec/address"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
)

// errOptions is returned for a URL that the client rejects although all its settings are valid.
var errOptions = &address.Error{Message: "the database URL cannot be read", Hint: "a URL looks like redis://user:password@host:6379/0?ns=shop"}

// secured returns a function that gives the TLS configuration for an address; nil if the URL does not use TLS.
func secured(u *url.URL, t address.TLS) (func(string) *tls.Config, error) {
	if err := t.For(u.Scheme); err != nil || !address.IsTLS(u.Scheme) {
		return nil, err
	}
	port := "6379"
	if u.Scheme == "sentinels" {
		port = "26379"
	}
	return t.Config(addresses(u.Host, port))
}

// setUp sets the client options that the engine needs.
func setUp(opt *redis.Options, o Options, secure func(string) *tls.Config) {
	opt.DisableIdentity = true
	opt.DialerRetries, opt.MaxRetries = 1, -1
	opt.ReadTimeout = cmp.Or(opt.ReadTimeout, readTimeout)
	opt.DialTimeout = cmp.Or(opt.DialTimeout, dialTimeout)
	opt.OnConnect = naming(cmp.Or(o.ClientName, opt.ClientName))
	opt.ClientName = "" // otherwise the client would reject a connection that it cannot name
	opt.Dialer, opt.TLSConfig = dialer(opt.DialTimeout, secure), nil
	opt.MaintNotificationsConfig = NoNotifications()
}

// NoNotifications turns off notifications of maintenance. For them the client would resolve the name of the host, or the
// path of a socket, whenever a client is made, which takes seconds where no name server answers.
func NoNotifications() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// naming returns a function that names a new connection, if the server allows it. The name is for display only.
func naming(name string) func(context.Context, *redis.Conn) error {
	if name == "" {
		return nil
	}
	return func(ctx context.Context, c *redis.Conn) error {
		if err := c.ClientSetName(ctx, name).Err(); IsConnection(err) {
			return err
		}
		return nil
	}
}

// dialer returns a function that opens connections. The client's own dialer sets no time limit for the TLS handshake.
func dialer(timeout time.Duration, secure func(string) *tls.Config) func(context.Context, string, string) (net.Conn, error) {
	plain := &net.Dialer{Timeout: timeout, KeepAlive: 5 * time.Minute}
	if secure == nil {
		return plain.DialContext
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&tls.Dialer{NetDialer: plain, Config: secure(addr)}).DialContext(ctx, network, addr)
		if err == nil || isDial(err) {
			return c, err
		}
		if errors.Is(err, context.DeadlineExceeded) { // the client's time limit; a context that ended reports its own error
			err = os.ErrDeadlineExceeded
		}
		// Nothing but the handshake was sent.
		return nil, &net.OpError{Op: "dial", Net: network, Err: &handshakeError{err}}
	}
}

// Timeout reports whether the handshake exceeded its time limit.
func (e *handshakeError) Timeout() bool { return isTimeout(e.cause) }

// hinted adds a hint to the error of a database that could not be opened because the server closed the connection without a
// reply.
func hinted(err error, scheme string, t address.TLS) error {
	x, ok := fail.As(err)
	if !ok || x.Hint != "" || x.Code != lang.CodeConnection || x.Cause == nil || isTimeout(x.Cause) || !address.IsServer(scheme) || scheme == "unix" {
		return err
	}
	switch {
	case !address.IsTLS(scheme):
		return x.WithHint("does this port require TLS? " + scheme + "s:// speaks it")
	case t.Cert == "":
		return x.WithHint("does the server require a certificate? ?cert=FILE&key=FILE in the URL")
	}
	return err
}

// addresses splits the list of hosts in a URL, and adds the port to each host that has none.
func addresses(list, port string) []string {
	addrs := strings.Split(list, ",")
	for i, a := range addrs {
		host, p, err := net.SplitHostPort(a)
		if err != nil {
			host, p = strings.Trim(a, "[]"), port
		}
		addrs[i] = net.JoinHostPort(cmp.Or(host, "localhost"), p)
	}
	return addrs
}

// readTimeout is the default time limit for a reply. It is longer than the 5 s after which a server that runs a slow script
// replies BUSY.
const readTimeout = 10 * time.Second

// dialTimeout is the default time limit for connecting, and for the TLS handshake.
const dialTimeout = 5 * time.Second

// badURL converts the error of an invalid URL.
func badURL(err error) *lang.Error {
	x := &lang.Error{Code: lang.CodeBadURL, Message: err.Error(), Statement: -1}
	var bad *address.Error
	if errors.As(err, &bad) {
		x.Hint = bad.Hint
	}
	return x
}
