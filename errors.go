package rql

import (
	"errors"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/lang"
)

// Error is a failure while a text ran: Code, Message, Hint, where in the text,
// which statement, and what was left behind (Outcome, Done, InDoubt).
type Error = lang.Error

// CheckError is everything found wrong with a text before anything ran.
type CheckError = lang.CheckError

// Outcome says what a failed call left behind.
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
