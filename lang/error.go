package lang

import (
	"fmt"
	"log/slog"
	"strconv"
)

// Outcome says what a failed call left behind.
type Outcome uint8

const (
	OutcomeNone    Outcome = iota // nothing was changed
	OutcomePartial                // Error.Done rows of a stepped statement, or earlier statements, were committed
	OutcomeUnknown                // no reply arrived after sending: the statement, or a step of it, was applied once or not at all
	OutcomeDone                   // the text was executed and changed Error.Done documents, but its rows could not be returned
)

// String returns the name of the outcome.
func (o Outcome) String() string { return [...]string{"none", "partial", "unknown", "done"}[o] }

// MarshalText returns the name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Error is a failure of a program that was checked or run.
type Error struct {
	Code      Code
	Message   string
	Hint      string
	Source    *Source // may be nil
	Span      Span
	Line, Col int // of Span, from 1; 0 if the position is unknown
	Statement int // index of the statement, from 0; -1 if none was reached
	Outcome   Outcome
	Done      int64 // rows that a stepped change has certainly changed
	InDoubt   int64 // with OutcomeUnknown, in a stepped change: maximum number of rows in steps without a reply; otherwise 0
	Key       string
	Field     string
	Holder    string // for CodeUnique: key of the document that has the value; for CodeRestricted: of the one that refers
	Reason    string // for CodeEnsureFailed: the CODE of the ENSURE
	// Parts, of a statement over several partitions, are those in which it failed and those in which it changed documents.
	Parts  []Part
	Cause  error
	Within *Within // position in the body of a stored procedure; Span is then its CALL
}

// Part is what a statement over several partitions did in one of them.
type Part struct {
	Partition string  // the value of the field, as text
	Code      Code    // of the error; "" if it succeeded
	Outcome   Outcome // of the error, in this partition
	Done      int64   // documents that were certainly changed there
}

// Error returns the code and the message, and the outcome unless nothing was changed.
func (e *Error) Error() string {
	s := "rql: " + string(e.Code) + ": " + e.Message
	switch e.Outcome {
	case OutcomePartial:
		s += fmt.Sprintf(" (partly done: %d rows)", e.Done)
	case OutcomeDone:
		s += fmt.Sprintf(" (carried out: %d documents changed)", e.Done)
	case OutcomeUnknown:
		s += " (outcome unknown: no reply arrived after sending"
		if e.InDoubt > 0 {
			s += fmt.Sprintf("; %d rows are done, at most %d more may be", e.Done, e.InDoubt)
		}
		s += ")"
	}
	return s
}

// Stepped converts the error of one step to that of its statement: done rows have certainly changed, and if the step has no
// reply, at most inDoubt more may have.
func (e *Error) Stepped(done, inDoubt int64) *Error {
	c := *e
	c.Done = done
	switch {
	case c.Outcome == OutcomeUnknown:
		c.InDoubt = inDoubt
		c.Hint = "the steps before are done; the one without a reply was applied once or not at all; read before you repeat it"
	case done > 0:
		c.Outcome = OutcomePartial
	}
	return &c
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Locate sets the line and the column of the error's position.
func (e *Error) Locate() *Error {
	if e.Source != nil {
		e.Line, e.Col = e.Source.Position(e.Span.Start)
	}
	return e
}

// Render returns the error with the line of the text and a caret under the position.
func (e *Error) Render() string {
	if e.Source == nil {
		return e.Error()
	}
	return e.Diag().Render(e.Source)
}

// LogValue returns code, message, position, outcome and what else is known as attributes, without the text that was run.
func (e *Error) LogValue() slog.Value {
	at := []slog.Attr{slog.String("code", string(e.Code)), slog.String("message", e.Message)}
	add := func(name, value string) {
		if value != "" {
			at = append(at, slog.String(name, value))
		}
	}
	add("reason", e.Reason)
	add("hint", e.Hint)
	add("key", e.Key)
	add("field", e.Field)
	add("holder", e.Holder)
	if e.Line > 0 {
		at = append(at, slog.Int("line", e.Line), slog.Int("col", e.Col))
	}
	if e.Statement >= 0 {
		at = append(at, slog.Int("statement", e.Statement))
	}
	if e.Outcome != OutcomeNone {
		at = append(at, slog.String("outcome", e.Outcome.String()), slog.Int64("done", e.Done))
	}
	if e.InDoubt > 0 {
		at = append(at, slog.Int64("in_doubt", e.InDoubt))
	}
	return slog.GroupValue(at...)
}

// MarshalText returns the same as Error, so that the error is a string in JSON.
func (e *Error) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// Is matches the error's code.
func (e *Error) Is(target error) bool {
	c, ok := target.(Code)
	return ok && c == e.Code
}

// WithHint adds a hint.
func (e *Error) WithHint(h string) *Error { e.Hint = h; return e }

// Diag returns the error as a diagnostic for rendering with a caret.
func (e *Error) Diag() *Diag {
	return &Diag{Code: e.Code, Span: e.Span, Message: e.Message, Hint: e.Hint, Stmt: e.Statement, Within: e.Within}
}

// Place moves the error's position into the text of a procedure, unless it is there already.
func (e *Error) Place(w *Within) {
	if w != nil && e.Within == nil {
		e.Within, e.Span = w, w.Call
	}
}

// In converts the diagnostic to an error of a text.
func (d *Diag) In(src *Source) *Error {
	e := &Error{Code: d.Code, Message: d.Message, Hint: d.Hint, Source: src, Span: d.Span, Statement: d.Stmt, Within: d.Within}
	return e.Locate()
}

// CheckError contains all errors that were found in a text before anything ran.
type CheckError struct {
	// Errors are the errors in text order.
	Errors []*Error
	Source *Source
	Diags  Diags // errors and warnings, in the order in which they were found
}

// NewCheckError returns the error for the diagnostics of a text.
func NewCheckError(src *Source, diags Diags) *CheckError {
	e := &CheckError{Source: src, Diags: diags}
	for _, d := range diags {
		if d.Severity == SeverityError {
			e.Errors = append(e.Errors, d.In(src))
		}
	}
	return e
}

// Error returns the position of the first error, with the file if the text has a name, and its message, and says how many follow.
func (e *CheckError) Error() string {
	if len(e.Errors) == 0 {
		return "rql: " + e.Diags.Error()
	}
	first, more := e.Errors[0], ""
	if len(e.Errors) > 1 {
		more = fmt.Sprintf(" (and %d more)", len(e.Errors)-1)
	}
	file := ""
	if e.Source != nil && e.Source.Name != "" {
		file = e.Source.Name + ":"
	}
	return fmt.Sprintf("rql: %s%d:%d: %s: %s%s", file, first.Line, first.Col, string(first.Code), first.Message, more)
}

// LogValue returns the errors as attributes.
func (e *CheckError) LogValue() slog.Value {
	at := make([]slog.Attr, len(e.Errors))
	for i, x := range e.Errors {
		at[i] = slog.Attr{Key: strconv.Itoa(i), Value: x.LogValue()}
	}
	return slog.GroupValue(at...)
}

// MarshalText returns the same as Error.
func (e *CheckError) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// Render returns every error with its line and a caret.
func (e *CheckError) Render() string { return e.Diags.Render(e.Source) }

// Unwrap lets errors.As find the individual errors.
func (e *CheckError) Unwrap() []error {
	out := make([]error, len(e.Errors))
	for i, x := range e.Errors {
		out[i] = x
	}
	return out
}
