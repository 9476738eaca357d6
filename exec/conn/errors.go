package conn

import (
	"cmp"
	"errors"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// ServerError converts the error of a command to an *Error. write says that the server may have executed a change although the
// reply is missing.
func ServerError(err error, write bool, key string) *lang.Error {
	if e, ok := fail.As(err); ok {
		return e
	}
	out := &lang.Error{Statement: -1, Cause: err, Key: key}
	if !IsConnection(err) {
		fail.Refuse(out, err.Error())
		return out
	}
	unanswered := isTimeout(err) && !isEnded(err) && !notSent(err)
	switch {
	case unanswered && write:
		out.Code, out.Message, out.Outcome = lang.CodeOutcomeUnknown, "no reply arrived in time, and the statement may still be running: "+plainError(err), lang.OutcomeUnknown
		out.Hint = "it is applied once or not at all; read before you repeat it"
	case unanswered:
		out.Code, out.Message = lang.CodeConnection, "no reply arrived in time, and the statement may still be running: "+plainError(err)
		out.Hint = "it was not sent again; ?read_timeout=30s in the URL waits longer, SCRIPT KILL on the server ends it"
	case write && isEnded(err):
		out.Code, out.Message, out.Outcome = lang.CodeOutcomeUnknown, "the statement was cancelled after it was sent: "+err.Error(), lang.OutcomeUnknown
		out.Hint = "it was applied once or not at all; read before you repeat it"
	case write:
		out.Code, out.Message, out.Outcome = lang.CodeOutcomeUnknown, "the connection broke after the write was sent: "+plainError(err), lang.OutcomeUnknown
		out.Hint = "it was applied once or not at all; read before you repeat it"
	case isEnded(err):
		out.Code, out.Message = lang.CodeCancelled, err.Error()
	case brokeSending(err):
		out.Code, out.Message = lang.CodeConnection, "the connection broke while the statement was sent: "+plainError(err)
		out.Hint = "nothing was done; a server also closes the connection on a value longer than its proto-max-bulk-len (512 MB by default)"
	case notSent(err):
		out.Code, out.Message = lang.CodeConnection, "the server cannot be reached: "+plainError(err)
		out.Hint = cmp.Or(tlsHint(err), "is it running, and are host and port right?")
	default:
		out.Code, out.Message, out.Hint = lang.CodeConnection, "the connection broke: "+plainError(err), tlsHint(err)
	}
	return out
}

// plainError returns the text of a network error, without redundant prefixes.
func plainError(err error) string { return strings.TrimPrefix(err.Error(), "redis: ") }

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// notSent reports whether an error occurred before a command was sent completely. A server ignores an incomplete command.
func notSent(err error) bool {
	if isDial(err) || brokeSending(err) || refusedByTLS(err) {
		return true
	}
	var dns *net.DNSError
	return errors.As(err, &dns) || errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, redis.ErrClosed)
}

// DocumentError returns the error of a command on a document's key.
func DocumentError(err error, key string, x ir.Expr) error {
	e := ServerError(err, false, key)
	if e.Code == lang.CodeBadValue {
		e.Message, e.Hint = fail.Describe(lang.CodeBadValue, key, "", "")
	}
	if x != nil {
		e.Span = x.Span()
	}
	return e
}
