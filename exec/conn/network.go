package conn

import (
	"errors"
	"net"

	"github.com/redis/go-redis/v9"
)

// IsConnection tells an error of the connection from an answer of the server.
func IsConnection(err error) bool {
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

// isTimeout reports that an answer did not come in time.
func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// errNoNodes is what the client says when it can reach no node of a cluster; it has no value to compare with.
const errNoNodes = "redis: cluster has no nodes"

// isDial reports that there was no connection to send anything on.
func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" || err.Error() == errNoNodes
}

// endedError says that the caller's context ended before the reply arrived.
type endedError struct{ cause error }

func (e *endedError) Error() string { return e.cause.Error() }

func (e *endedError) Unwrap() error { return e.cause }

// isEnded distinguishes the end of the caller's context from a broken
// connection.
func isEnded(err error) bool {
	var e *endedError
	return errors.As(err, &e)
}
