package conn

import (
	"errors"
	"net"

	"github.com/redis/go-redis/v9"
)

// IsConnection reports whether err is an error of the connection, not a reply of the server.
func IsConnection(err error) bool {
	if err == nil {
		return false
	}
	var re redis.Error
	return !errors.As(err, &re)
}

// brokeSending reports whether the connection broke before a command was sent completely.
func brokeSending(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "write"
}

// isTimeout reports whether a reply did not arrive in time.
func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// errNoNodes is the text of the client's error when it can reach no node of a cluster. There is no error value to compare with.
const errNoNodes = "redis: cluster has no nodes"

// isDial reports whether no connection could be opened.
func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" || err.Error() == errNoNodes
}

// endedError says that the caller's context ended before the reply arrived.
type endedError struct{ cause error }

func (e *endedError) Error() string { return e.cause.Error() }

func (e *endedError) Unwrap() error { return e.cause }

// isEnded distinguishes the end of the caller's context from a broken connection.
func isEnded(err error) bool {
	var e *endedError
	return errors.As(err, &e)
}
