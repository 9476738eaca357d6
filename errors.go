package rql

import (
	"errors"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/lang"
)

// Error is a failure while a text ran. Its fields:
//
//	Code      Code    // what errors.Is compares
//	Message   string  // for people, without the place
//	Hint      string  // what to do about it, or ""
//	Line, Col int     // in the text, from 1; 0 where no place is known
//	Statement int     // ordinal in the text, from 0; -1 if none was reached
//	Outcome   Outcome // what was left behind
//	Done      int64   // documents that were surely changed
//	InDoubt   int64   // with OutcomeUnknown: of a statement in steps, how many more may be
//	Key       string  // of the document, if it is of one
//	Field     string  // of the model, the parameter or the Go type
//	Holder    string  // of CodeUnique and CodeRestricted: the key of the other document
//	Reason    string  // of CodeEnsureFailed: the CODE of the ENSURE
//	Cause     error   // from below, or nil
//	Source    *lang.Source // the text, and
//	Span      lang.Span    // the bytes of the place in it
//	Within    *lang.Within // the place in a stored procedure, or nil
//
// Error gives code, message and outcome in one line, Render the line of the text
// with a caret under the place. LogValue gives attributes for log/slog without the
// text, MarshalText what Error does, so that it is a string in JSON.
type Error = lang.Error

// CheckError is everything found wrong with a text before anything ran: Errors
// are *Errors in the order of the text, which errors.Is and errors.As find.
// Render prints all of them with their lines; LogValue and MarshalText are as
// those of Error.
type CheckError = lang.CheckError

// Outcome says what a failed call left behind. String and MarshalText give none,
// partial, unknown or done.
type Outcome = lang.Outcome

// Outcomes of a failed call.
const (
	OutcomeNone    = lang.OutcomeNone    // nothing happened
	OutcomePartial = lang.OutcomePartial // Done rows, or earlier statements, were committed
	OutcomeUnknown = lang.OutcomeUnknown // there was no answer after sending: the statement, or a step of it, was applied once or not at all
	OutcomeDone    = lang.OutcomeDone    // the text was carried out, and changed Done documents; its rows could not be given
)

// ErrNoDatabase is the error of a call without a database: none is in the
// context and RQL_URL is not set, or it is nil or closed.
var ErrNoDatabase = errors.New("rql: no database: none in the context and no RQL_URL, or it is nil or closed")

// Errors for use with errors.Is, as every [Code] is: these are other names of
// the codes that programs branch on most.
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

// publicError gives of an error from below the one that the package promises:
// a *CheckError, an *Error, or ErrNoDatabase.
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
	}
	return err
}
