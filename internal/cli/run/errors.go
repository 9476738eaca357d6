package run

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/address"
	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/lang"
)

// The exit statuses of the program.
const (
	StatusOK          = 0
	StatusFailed      = 1   // a statement failed
	StatusUsage       = 2   // wrong usage, or a script that does not parse or check: nothing was run
	StatusConnection  = 3   // no connection, or access denied
	StatusFound       = 4   // what was asked for was found: a problem, or work to do
	StatusUnknown     = 5   // the connection broke after a write was sent
	StatusInterrupted = 130 // by a signal
)

// OpenError reports a server that could not be reached or that denied access.
type OpenError struct {
	Server string // without its password
	Cause  error
}

// Error returns the cause, without the password that a URL may contain.
func (e *OpenError) Error() string { return address.RedactIn(e.Cause.Error()) }

// Unwrap returns the cause.
func (e *OpenError) Unwrap() error { return e.Cause }

// SourceError is an error of a source while it was checked or run.
type SourceError struct {
	Source *Source
	Cause  error
	Alone  bool // say nothing about earlier statements, which may have failed too or did not run
}

// Error returns the cause.
func (e *SourceError) Error() string { return e.Cause.Error() }

// Unwrap returns the cause.
func (e *SourceError) Unwrap() error { return e.Cause }

// Status returns the exit status of an error; of several errors, the most
// serious one.
func Status(err error) int {
	if err == nil {
		return StatusOK
	}
	var usage *args.UsageError
	var check *exec.CheckError
	var open *OpenError
	var printed *Printed
	worst := StatusFailed
	for _, e := range runErrors(err) {
		switch status := lang.InfoOf(e.Code).Status; {
		case e.Outcome == exec.OutcomeUnknown || status == StatusUnknown:
			return StatusUnknown
		case status == StatusConnection:
			worst = StatusConnection
		}
	}
	switch {
	case errors.As(err, &printed):
		return printed.Status
	case Interrupted(err):
		return StatusInterrupted
	case errors.As(err, &open):
		return StatusConnection
	case errors.As(err, &check) && partOf(err) > 0:
		return StatusFailed // earlier parts of the script have run
	case errors.As(err, &usage), errors.As(err, &check):
		return StatusUsage
	}
	return worst
}

// partOf returns how many statements of a script precede the part that an error is about.
func partOf(err error) int {
	if in := (&SourceError{}); errors.As(err, &in) {
		return in.Source.Before
	}
	return 0
}

// Interrupted reports whether an error is only the cancellation of its context.
func Interrupted(err error) bool {
	if errors.Is(err, context.Canceled) {
		return true
	}
	var e *exec.Error
	return errors.As(err, &e) && e.Code == lang.CodeCancelled
}

// runErrors lists every statement error in err.
func runErrors(err error) []*exec.Error {
	var out []*exec.Error
	if e, ok := err.(*exec.Error); ok { //nolint:errorlint // the tree is walked here
		return append(out, e)
	}
	switch x := err.(type) { //nolint:errorlint // the tree is walked here
	case interface{ Unwrap() []error }:
		for _, e := range x.Unwrap() {
			out = append(out, runErrors(e)...)
		}
	case interface{ Unwrap() error }:
		if inner := x.Unwrap(); inner != nil {
			out = runErrors(inner)
		}
	}
	return out
}

// Error prints all errors.
func (o *Output) Error(err error) {
	var usage *args.UsageError
	var check *exec.CheckError
	var open *OpenError
	var printed *Printed
	switch {
	case errors.As(err, &printed):
		return
	case o.Format == "json":
		o.objects(err)
		return
	case errors.As(err, &usage):
		o.plain(usage.Message, usage.Hint)
		return
	case errors.As(err, &open):
		o.openError(open)
		return
	case errors.As(err, &check):
		o.diags(check.Diags, check.Source)
		before, n := partOf(err), len(check.Diags)
		switch {
		case before > 0: // a part of a long script
			fmt.Fprintf(o.Err, "  statements 1 to %d are done; none after them was run\n", before)
		case n > 1:
			fmt.Fprintf(o.Err, "%d errors; nothing was run\n", n)
		}
		return
	}
	list := runErrors(err)
	if len(list) == 0 {
		o.plain(address.RedactIn(err.Error()), "")
		return
	}
	in := &SourceError{}
	if !errors.As(err, &in) {
		in.Source = &Source{File: &lang.File{}}
	}
	for _, e := range list {
		o.runError(e, in)
	}
}

// openError prints why there is no connection.
func (o *Output) openError(err *OpenError) {
	message, hint := err.Error(), ""
	var e *exec.Error
	if errors.As(err, &e) {
		message, hint = address.RedactIn(e.Message), openHint(e)
	}
	o.plain("cannot open "+err.Server+": "+message, hint)
}

// openHint is the hint of an error of opening: a password need not be in the URL.
func openHint(e *exec.Error) string {
	if e.Code == lang.CodeDenied && strings.Contains(e.Message, "NOAUTH") {
		return "-W asks for a password; RQL_PASSWORD, REDISCLI_AUTH and --password-file give one (rql help servers)"
	}
	return e.Hint
}

// plain prints an error without a position in a source.
func (o *Output) plain(message, hint string) {
	fmt.Fprintln(o.Err, paint(o.ErrColor, "1;31", "rql: "+lang.Visible(message)))
	if hint != "" {
		fmt.Fprintln(o.Err, "  hint: "+lang.VisibleLines(hint))
	}
}

func (o *Output) diags(list lang.Diags, src *lang.Source) {
	for _, d := range list {
		o.diag(d, src)
	}
}

func (o *Output) diag(d *lang.Diag, src *lang.Source) {
	columns := 0
	if o.ErrTerminal {
		columns = o.columns()
	}
	head, rest, _ := strings.Cut(d.RenderIn(src, columns), "\n")
	color := "1;31"
	if d.Severity == lang.SeverityWarning {
		color = "33"
	}
	fmt.Fprint(o.Err, paint(o.ErrColor, color, head)+"\n"+rest)
}

// runError prints an error and what was committed before it.
func (o *Output) runError(e *exec.Error, in *SourceError) {
	if e.Source == nil || e.Statement < 0 {
		o.plain(address.RedactIn(string(e.Code)+": "+e.Message), e.Hint)
		return
	}
	o.diag(e.Diag(), e.Source)
	before := in.Source.Before
	if before == 0 && len(in.Source.File.Stmts) == 1 && e.Outcome == exec.OutcomeNone {
		return
	}
	fmt.Fprintln(o.Err, "  "+committed(e, before+e.Statement+1, in.Alone))
}

// committed says how far the script got; n is the number of the failed
// statement; alone omits those before it.
func committed(e *exec.Error, n int, alone bool) string {
	own := fmt.Sprintf("statement %d did nothing", n)
	switch e.Outcome {
	case exec.OutcomePartial:
		own = fmt.Sprintf("statement %d stopped after %s; what it had done stays", n, plural(e.Done, "row"))
	case exec.OutcomeUnknown:
		if e.InDoubt > 0 {
			own = fmt.Sprintf("statement %d: %s certainly done; there was no reply to its last step: at most %s more were changed, or none", n, are(e.Done), plural(e.InDoubt, "row"))
			break
		}
		own = fmt.Sprintf("statement %d was sent, but there was no reply: it was applied once or not at all", n)
	}
	switch {
	case n == 1 || alone:
		return own
	case n == 2:
		return own + "; statement 1 is done"
	}
	return fmt.Sprintf("%s; statements 1 to %d are done", own, n-1)
}
