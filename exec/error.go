package exec

import (
	"errors"
	"fmt"

	"github.com/rql-lang/rql/lang"
)

// Outcome says what a failed call left behind.
type Outcome uint8

const (
	OutcomeNone    Outcome = iota // nothing happened
	OutcomePartial                // Error.Done rows of a stepped statement, or earlier statements, were committed
	OutcomeUnknown                // there was no answer after sending: the statement, or a step of it, was applied once or not at all
)

// String names the outcome as it is printed.
func (o Outcome) String() string { return [...]string{"none", "partial", "unknown"}[o] }

// Error is a failure while a program was checked or run.
type Error struct {
	Code      lang.Code
	Message   string
	Hint      string
	Source    *lang.Source // may be nil
	Span      lang.Span
	Statement int // ordinal of the statement, from 0; -1 when none was reached
	Outcome   Outcome
	Done      int64 // rows that a stepped statement has surely changed
	InDoubt   int64 // with OutcomeUnknown, of a stepped statement: rows of the steps without an answer, at most; 0 for one that takes no steps
	Key       string
	Field     string
	Holder    string // of CodeUnique: the key of the document that has the value
	Cause     error
	Within    *lang.Within // where in the body of a stored procedure; Span is then its CALL
}

// Error gives code and message, and the outcome where something may have happened.
func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Message
	switch e.Outcome {
	case OutcomePartial:
		s += fmt.Sprintf(" (partly done: %d rows)", e.Done)
	case OutcomeUnknown:
		s += " (outcome unknown: there was no answer after sending"
		if e.InDoubt > 0 {
			s += fmt.Sprintf("; %d rows are done, at most %d more may be", e.Done, e.InDoubt)
		}
		s += ")"
	}
	return s
}

// stepped makes the error of one step that of its statement: done rows are
// surely changed, and where the step has no answer, at most inDoubt more may be.
func (e *Error) stepped(done, inDoubt int64) *Error {
	c := *e
	c.Done = done
	switch {
	case c.Outcome == OutcomeUnknown:
		c.InDoubt = inDoubt
		c.Hint = "the steps before are done, the one without an answer was applied once or not at all; read before you repeat it"
	case done > 0:
		c.Outcome = OutcomePartial
	}
	return &c
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Position returns line and column from 1, or zeros without a source.
func (e *Error) Position() (line, col int) {
	if e.Source == nil {
		return 0, 0
	}
	return e.Source.Position(e.Span.Start)
}

// Diag returns the error as a diagnostic for rendering with a caret.
func (e *Error) Diag() *lang.Diag {
	return &lang.Diag{Code: e.Code, Span: e.Span, Message: e.Message, Hint: e.Hint, Stmt: e.Statement, Within: e.Within}
}

// within moves the error's place into a procedure's text, unless it is there already.
func (e *Error) within(w *lang.Within) {
	if w != nil && e.Within == nil {
		e.Within, e.Span = w, w.Call
	}
}

// CheckError is the list of everything found wrong before anything ran.
type CheckError struct {
	Source *lang.Source
	Diags  lang.Diags
}

// Error shows the first diagnostic and says how many follow.
func (e *CheckError) Error() string { return e.Diags.Error() }

// errorf makes a run-time error at a span.
func errorf(code lang.Code, sp lang.Span, format string, args ...any) *Error {
	return &Error{Code: code, Span: sp, Message: fmt.Sprintf(format, args...), Statement: -1}
}

// asError finds the *Error in err.
func asError(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// smaller is how many rows the next attempt of a step takes when one of so many
// rows asked for more work than one script may do, and so did nothing; 0 where
// that is not what was wrong, or no smaller step is left.
func smaller(err error, rows int) int {
	e, ok := asError(err)
	if !ok || e.Code != lang.CodeBudget || rows <= 1 {
		return 0
	}
	return max(1, rows/8)
}
