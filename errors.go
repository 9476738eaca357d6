package rql

import (
	"context"
	"errors"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/lang"
)

// Error is a failure of a text that ran. Its fields:
//
//	Code      Code    // for errors.Is
//	Message   string  // for people, without the position
//	Hint      string  // what to do about it, or ""
//	Line, Col int     // position in the text, from 1; 0 if unknown
//	Statement int     // index of the statement in the text, from 0; -1 if none was reached
//	Outcome   Outcome // what was left behind
//	Done      int64   // number of documents that were certainly changed
//	InDoubt   int64   // with OutcomeUnknown: in a stepped change, how many more may have been changed
//	Key       string  // of the document, if the error is about one
//	Field     string  // of the model, the parameter or the Go type
//	Holder    string  // of CodeUnique and CodeRestricted: the key of the other document
//	Reason    string  // of CodeEnsureFailed: the CODE of the ENSURE
//	Parts     []lang.Part // of a statement over several partitions: where it failed, and where it changed documents
//	Cause     error   // the underlying error, or nil
//	Source    *lang.Source // the text, and
//	Span      lang.Span    // the position in it, in bytes
//	Within    *lang.Within // the position in a stored procedure, or nil
//
// Error returns code, message and outcome on one line. Render returns the line of the text with a caret under the position.
// LogValue returns attributes for log/slog, without the text. MarshalText returns the same as Error, so that an Error is a string
// in JSON.
type Error = lang.Error

// CheckError contains all errors that were found in a text before anything ran: Errors are *Errors in text order, which errors.Is
// and errors.As find. Render prints all of them with their lines. LogValue and MarshalText are like those of Error.
type CheckError = lang.CheckError

// Outcome says what a failed call left behind. String and MarshalText return none, partial, unknown or done.
type Outcome = lang.Outcome

// Outcomes of a failed call.
const (
	OutcomeNone    = lang.OutcomeNone    // nothing was changed
	OutcomePartial = lang.OutcomePartial // Done rows, or earlier statements, were committed
	OutcomeUnknown = lang.OutcomeUnknown // no reply arrived after sending: the statement, or a step of it, was applied once or not at all
	OutcomeDone    = lang.OutcomeDone    // the text was executed and changed Done documents, but its rows could not be returned
)

// ErrNoDatabase is returned by a call without a database: there is none in the context and RQL_URL is not set, or the database is
// nil or closed.
var ErrNoDatabase = errors.New("rql: no database: none in the context and no RQL_URL, or it is nil or closed")

// Errors for use with errors.Is, like every [Code]. These are aliases of the codes that programs use most.
const (
	ErrNotFound     = CodeKeyNotFound
	ErrExists       = CodeAlreadyExists
	ErrUnique       = CodeUnique
	ErrCheck        = CodeCheckFailed
	ErrEnsure       = CodeEnsureFailed
	ErrOutOfMemory  = CodeOutOfMemory
	ErrUnknown      = CodeOutcomeUnknown
	ErrDenied       = CodeDenied
	ErrNoConnection = CodeConnection
	ErrKeyReused    = CodeKeyReused
	ErrLockLost     = CodeLockLost
)

// publicError converts an internal error to one that the package documents: a *CheckError, an *Error, or ErrNoDatabase.
func publicError(err error) error {
	var ce *CheckError
	var e *Error
	switch {
	case errors.As(err, &ce):
		return ce
	case errors.As(err, &e):
		return e
	case errors.Is(err, conn.ErrNoURL):
		return ErrNoDatabase
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &Error{Code: CodeCancelled, Statement: -1, Message: err.Error(), Cause: err}
	}
	return err
}
