package conn

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
)

// handshakeError is a TLS error that occurred before a command could be sent.
type handshakeError struct{ cause error }

func (e *handshakeError) Error() string {
	return "TLS: " + strings.TrimPrefix(e.cause.Error(), "tls: ")
}

func (e *handshakeError) Unwrap() error { return e.cause }

// alert returns the text of the alert with which the other side ended TLS, or "". The library has no error value to compare with.
func alert(err error) string {
	for op := new(net.OpError); errors.As(err, &op); err = op.Err {
		if op.Op == "remote error" {
			return op.Err.Error()
		}
	}
	return ""
}

// refusedByTLS reports whether the server refused a handshake, even if this side had completed it. The server has executed
// nothing.
func refusedByTLS(err error) bool {
	text := alert(err)
	return strings.Contains(text, "certificate") || strings.Contains(text, "handshake") ||
		strings.Contains(text, "access denied") || strings.Contains(text, "unrecognized name")
}

// tlsHint returns a hint for a TLS error; "" for other errors.
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
		return "?server_name=NAME in the URL sets the name that the certificate must have, if it is not that of the host"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the server's certificate has expired or is not yet valid: it needs a new one, or this machine's clock is wrong"
	case errors.As(err, &invalid):
		return "the server's certificate cannot be used for this"
	case errors.As(err, &record):
		return "this port does not use TLS: redis:// (cluster://, sentinel://) connects without it"
	case strings.Contains(alert(err), "certificate authority"):
		return "the server does not know the authority that signed the certificate shown to it: ?cert=FILE&key=FILE in the URL"
	case refusedByTLS(err):
		return "the server requires a client certificate that it trusts: ?cert=FILE&key=FILE in the URL"
	case errors.As(err, &shake) && (isTimeout(err) || errors.Is(err, io.EOF)):
		return "does this port use TLS? redis:// (cluster://, sentinel://) connects without it"
	}
	return ""
}
