package fail

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
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

// Stepped makes the error of one step that of its statement: done rows are
// surely changed, and where the step has no answer, at most inDoubt more may be.
func (e *Error) Stepped(done, inDoubt int64) *Error {
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

// Place moves the error's place into a procedure's text, unless it is there already.
func (e *Error) Place(w *lang.Within) {
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

// Errorf makes a run-time error at a span.
func Errorf(code lang.Code, sp lang.Span, format string, args ...any) *Error {
	return &Error{Code: code, Span: sp, Message: fmt.Sprintf(format, args...), Statement: -1}
}

// As finds the *Error in err.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Smaller is how many rows the next attempt of a step takes when one of so many
// rows asked for more work than one script may do, and so did nothing; 0 where
// that is not what was wrong, or no smaller step is left.
func Smaller(err error, rows int) int {
	e, ok := As(err)
	if !ok || e.Code != lang.CodeBudget || rows <= 1 {
		return 0
	}
	return max(1, rows/8)
}

// Missing is the error of keys that are not there.
func Missing(keys []string, x ir.Expr) error {
	named := make([]string, 0, 10)
	for i, k := range keys {
		if i == cap(named) {
			named = append(named, fmt.Sprintf("and %d more", len(keys)-i))
			break
		}
		named = append(named, lang.Quote(k))
	}
	e := Errorf(lang.CodeKeyNotFound, x.Span(), "there is no document %s", strings.Join(named, ", "))
	e.Key, e.Hint = keys[0], "SKIP MISSING leaves out keys that are not there"
	return e
}

// NullKey is the error of a key that is null.
func NullKey(x ir.Expr) error {
	return Errorf(lang.CodeNullValue, x.Span(), "a key may not be null")
}

// ChangedMeanwhile is the error of a model that is not what it was when the first rows were given.
func ChangedMeanwhile() error {
	return Errorf(lang.CodeStale, lang.Span{}, "the model was changed while the rows were read").WithHint("the rows before were right when they were read; start again")
}

// WithHint adds a hint.
func (e *Error) WithHint(h string) *Error { e.Hint = h; return e }

// ErrStale says that a script met another catalog than it was planned for; it did nothing.
var ErrStale = &Error{Code: lang.CodeStale, Message: "the catalog changed while the statement was planned", Statement: -1}

// Ended is the error of an ended context, before anything was sent.
func Ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return &Error{Code: lang.CodeCancelled, Message: err.Error(), Statement: -1, Cause: err}
	}
	return nil
}
