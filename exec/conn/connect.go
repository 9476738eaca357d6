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

	"github.com/rql-lang/rql/exec/address"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
)

// errOptions is the error of a URL that the client refuses although everything in it is known.
var errOptions = &address.Error{Message: "the database URL cannot be read", Hint: "a URL looks like redis://user:password@host:6379/0?ns=shop"}

// secured is the configuration of TLS for each address; nil where the URL asks for none.
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

// setUp makes the options of a client what the engine needs.
func setUp(opt *redis.Options, o Options, secure func(string) *tls.Config) {
	opt.DisableIdentity = true
	opt.DialerRetries, opt.MaxRetries = 1, -1
	opt.ReadTimeout = cmp.Or(opt.ReadTimeout, readTimeout)
	opt.DialTimeout = cmp.Or(opt.DialTimeout, dialTimeout)
	opt.OnConnect = naming(cmp.Or(o.ClientName, opt.ClientName))
	opt.ClientName = "" // the client would take no connection that cannot be named
	opt.Dialer, opt.TLSConfig = dialer(opt.DialTimeout, secure), nil
}

// naming names connections, where the server lets the user do so. The name is only shown.
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

// dialer makes connections. The client's own one has no end for a handshake that nobody answers.
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
		if errors.Is(err, context.DeadlineExceeded) { // of the client, or of the call, which says so itself
			err = os.ErrDeadlineExceeded
		}
		// Nothing was sent but the handshake.
		return nil, &net.OpError{Op: "dial", Net: network, Err: &handshakeError{err}}
	}
}

// Timeout reports that it took too long.
func (e *handshakeError) Timeout() bool { return isTimeout(e.cause) }

// hinted gives the error of a database that could not be opened a hint, where the server hung up without a word.
func hinted(err error, scheme string, t address.TLS) error {
	x, ok := fail.As(err)
	if !ok || x.Hint != "" || x.Code != lang.CodeConnection || x.Cause == nil || isTimeout(x.Cause) || !address.IsServer(scheme) || scheme == "unix" {
		return err
	}
	switch {
	case !address.IsTLS(scheme):
		return x.WithHint("does this port want TLS? " + scheme + "s:// speaks it")
	case t.Cert == "":
		return x.WithHint("does the server want a certificate? ?cert=FILE&key=FILE in the URL")
	}
	return err
}

// addresses lists the hosts of a URL, each with its port.
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

// readTimeout is how long an answer may take where the URL does not say it: more
// than the 5 s after which a server with a script that runs too long answers BUSY.
const readTimeout = 10 * time.Second

// dialTimeout is how long a connection, and the handshake of TLS, may take where the URL does not say it.
const dialTimeout = 5 * time.Second

// badURL is the error of a URL that cannot be used.
func badURL(err error) *lang.Error {
	x := &lang.Error{Code: lang.CodeBadURL, Message: err.Error(), Statement: -1}
	var bad *address.Error
	if errors.As(err, &bad) {
		x.Hint = bad.Hint
	}
	return x
}
