package rql

import (
	"errors"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/lang"
)

// Error is a failure while a text ran: its Code, Message and Hint, the position
// in the text, the statement, and what was left behind (Outcome, Done,
// InDoubt).
type Error struct {
	Code      string
	Message   string
	Hint      string
	Line, Col int // from 1; 0 if no position is known
	Statement int // ordinal of the statement, from 0; -1 if none was reached
	Outcome   Outcome
	Done      int64 // rows that a stepped statement is known to have changed
	InDoubt   int64 // with OutcomeUnknown, of a stepped statement: upper bound of the rows in steps without a reply
	Key       string
	Field     string
	Holder    string // of ErrUnique: the key of the document that has the value
	Cause     error

	inner *exec.Error
}

// Outcome says what a failed call left behind.
type Outcome = exec.Outcome

// Outcomes of a failed call.
const (
	OutcomeNone    = exec.OutcomeNone    // nothing happened
	OutcomePartial = exec.OutcomePartial // Done rows, or earlier statements, were committed
	OutcomeUnknown = exec.OutcomeUnknown // there was no reply after sending: the statement, or a step of it, was applied once or not at all
)

// Errors for use with errors.Is.
var (
	ErrNoDatabase   = errors.New("rql: no database in the context and no RQL_URL")
	ErrNotFound     = &sentinel{lang.CodeKeyNotFound}
	ErrExists       = &sentinel{lang.CodeAlreadyExists}
	ErrUnique       = &sentinel{lang.CodeUnique}
	ErrCheck        = &sentinel{lang.CodeCheckFailed}
	ErrEnsure       = &sentinel{lang.CodeEnsureFailed}
	ErrOutOfMemory  = &sentinel{lang.CodeOutOfMemory}
	ErrUnknown      = &sentinel{lang.CodeOutcomeUnknown}
	ErrDenied       = &sentinel{lang.CodeDenied}
	ErrNoConnection = &sentinel{lang.CodeConnection}
	ErrKeyReused    = &sentinel{lang.CodeKeyReused}
	ErrLockLost     = &sentinel{lang.CodeLockLost}
)

// sentinel matches every error of one code.
type sentinel struct{ code lang.Code }

func (s *sentinel) Error() string { return "rql: " + string(s.code) }

// Error returns code and message, and the outcome if something may have
// happened.
func (e *Error) Error() string { return "rql: " + e.inner.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is matches the sentinel of the error's code.
func (e *Error) Is(target error) bool {
	s, ok := target.(*sentinel)
	return ok && string(s.code) == e.Code
}

// Render returns the error with the line of the text and a caret under the
// position.
func (e *Error) Render() string {
	if e.inner.Source == nil {
		return e.Error()
	}
	return e.inner.Diag().Render(e.inner.Source)
}

// CheckError lists all errors found in a text before anything ran.
type CheckError struct {
	// Errors are in the order of the text.
	Errors []*Error
	inner  *exec.CheckError
}

// Error describes the first error and says how many follow.
func (e *CheckError) Error() string { return "rql: " + e.inner.Error() }

// Render returns every error with its line and a caret.
func (e *CheckError) Render() string { return e.inner.Diags.Render(e.inner.Source) }

// Unwrap lets errors.As find the errors.
func (e *CheckError) Unwrap() []error {
	out := make([]error, len(e.Errors))
	for i, x := range e.Errors {
		out[i] = x
	}
	return out
}

// publicError converts errors of internal packages to the package's own.
func publicError(err error) error {
	if err == nil {
		return nil
	}
	var ce *exec.CheckError
	if errors.As(err, &ce) {
		out := &CheckError{inner: ce}
		for _, d := range ce.Diags {
			if d.Severity == lang.SeverityError {
				out.Errors = append(out.Errors, newError(&exec.Error{Code: d.Code, Message: d.Message, Hint: d.Hint, Source: ce.Source, Span: d.Span, Statement: d.Stmt}))
			}
		}
		return out
	}
	var e *exec.Error
	if errors.As(err, &e) {
		return newError(e)
	}
	if errors.Is(err, conn.ErrNoURL) {
		return ErrNoDatabase
	}
	return err
}

func newError(e *exec.Error) *Error {
	out := &Error{Code: string(e.Code), Message: e.Message, Hint: e.Hint, Statement: e.Statement, Outcome: e.Outcome,
		Done: e.Done, InDoubt: e.InDoubt, Key: e.Key, Field: e.Field, Holder: e.Holder, Cause: e.Cause, inner: e}
	out.Line, out.Col = e.Position()
	return out
}
