package conn

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
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

// handshakeError is one of TLS, before a command could be sent.
type handshakeError struct{ cause error }

func (e *handshakeError) Error() string {
	return "TLS: " + strings.TrimPrefix(e.cause.Error(), "tls: ")
}
func (e *handshakeError) Unwrap() error { return e.cause }

// Timeout reports that it took too long.
func (e *handshakeError) Timeout() bool { return isTimeout(e.cause) }

// alert is the text by which the other side has ended TLS; "" where it has not. The library has no value to compare with.
func alert(err error) string {
	for op := new(net.OpError); errors.As(err, &op); err = op.Err {
		if op.Op == "remote error" {
			return op.Err.Error()
		}
	}
	return ""
}

// refusedByTLS reports that the server refused a handshake, also after this
// side believed it done: it has carried out nothing.
func refusedByTLS(err error) bool {
	text := alert(err)
	return strings.Contains(text, "certificate") || strings.Contains(text, "handshake") ||
		strings.Contains(text, "access denied") || strings.Contains(text, "unrecognized name")
}

// tlsHint is what helps against an error of TLS; "" for another error.
func tlsHint(err error) string {
	var (
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
		shake   *handshakeError
	)
	switch {
	case errors.As(err, &unknown):
		return "?ca=FILE in the URL names the authority that signed the server's certificate (PEM); ?insecure=true checks no certificate"
	case errors.As(err, &name):
		return "?server_name=NAME in the URL says whose certificate is expected, where it is not that of the host"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the server's certificate has ended or not begun: it needs a new one, or this machine's clock is wrong"
	case errors.As(err, &invalid):
		return "the server's certificate cannot be used for this"
	case errors.As(err, &record):
		return "this port speaks no TLS: redis:// (cluster://, sentinel://) connects without"
	case strings.Contains(alert(err), "certificate authority"):
		return "the server does not know the authority that signed the certificate shown to it: ?cert=FILE&key=FILE in the URL"
	case refusedByTLS(err):
		return "the server wants a certificate that it trusts: ?cert=FILE&key=FILE in the URL"
	case errors.As(err, &shake) && (isTimeout(err) || errors.Is(err, io.EOF)):
		return "does this port speak TLS? redis:// (cluster://, sentinel://) connects without"
	}
	return ""
}

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
