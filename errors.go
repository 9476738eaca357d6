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

// Errors for use with errors.Is.
var (
	ErrNoDatabase   = errors.New("rql: no database: none in the context and no RQL_URL, or it is nil or closed")
	ErrNotFound     = &lang.Sentinel{Code: lang.CodeKeyNotFound}
	ErrExists       = &lang.Sentinel{Code: lang.CodeAlreadyExists}
	ErrUnique       = &lang.Sentinel{Code: lang.CodeUnique}
	ErrCheck        = &lang.Sentinel{Code: lang.CodeCheckFailed}
	ErrEnsure       = &lang.Sentinel{Code: lang.CodeEnsureFailed}
	ErrOutOfMemory  = &lang.Sentinel{Code: lang.CodeOutOfMemory}
	ErrUnknown      = &lang.Sentinel{Code: lang.CodeOutcomeUnknown}
	ErrDenied       = &lang.Sentinel{Code: lang.CodeDenied}
	ErrNoConnection = &lang.Sentinel{Code: lang.CodeConnection}
	ErrKeyReused    = &lang.Sentinel{Code: lang.CodeKeyReused}
	ErrLockLost     = &lang.Sentinel{Code: lang.CodeLockLost}
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
