package lang

import (
	"fmt"
	"sort"
)

// Severity distinguishes errors from warnings.
type Severity uint8

const (
	SeverityError Severity = iota
	SeverityWarning
)

// Diag is an error or a warning in a source.
type Diag struct {
	Code     Code
	Span     Span
	Message  string // one sentence, without position
	Hint     string // what to do about it, or ""
	Fix      *Fix   // the replacement that the hint proposes, or nil
	Severity Severity
	Stmt     int // ordinal of the statement in its file, from 0
	Within   *Within
}

// Fix is a proposed replacement for a part of the source.
type Fix struct {
	Span Span
	Text string
	Else string // the hint if the replacement turns out to be invalid
}

// Propose sets a fix and the hint that describes it.
func (d *Diag) Propose(f Fix) *Diag {
	d.Fix = &f
	return d.WithHint("write %s", f.Text)
}

// Within is the position of an error in a text other than the running one: the
// body of a stored procedure. The span of the diagnostic is then the CALL.
type Within struct {
	Name   string // "procedure transfer"
	Source *Source
	Span   Span
	Call   Span // in the text that runs
}

// At returns the position sp in the same text.
func (w *Within) At(sp Span) *Within {
	return &Within{Name: w.Name, Source: w.Source, Span: sp, Call: w.Call}
}

// Error returns the code and the message; Render adds the position and a caret.
func (d *Diag) Error() string { return string(d.Code) + ": " + d.Message }

// Errorf returns an error diagnostic.
func Errorf(code Code, sp Span, format string, args ...any) *Diag {
	return &Diag{Code: code, Span: sp, Message: clip(fmt.Sprintf(format, args...))}
}

// WithHint sets the hint and returns the diagnostic.
func (d *Diag) WithHint(format string, args ...any) *Diag {
	d.Hint = clip(fmt.Sprintf(format, args...))
	return d
}

// clip limits the length of a text in a diagnostic, which may quote a large part of a source.
func clip(s string) string {
	if len(s) <= MaxMessage {
		return s
	}
	n := MaxMessage
	for s[n]&0xC0 == 0x80 { // not inside a code point
		n--
	}
	return s[:n] + "…"
}

// MaxDiags bounds the number of diagnostics for one source.
const MaxDiags = 100

// Diags is a list of diagnostics of one source; it is an error if not empty.
type Diags []*Diag

// Add appends a diagnostic unless the list is full.
func (ds *Diags) Add(d *Diag) {
	if len(*ds) < MaxDiags {
		*ds = append(*ds, d)
	}
}

// Sort orders the list by position.
func (ds Diags) Sort() {
	sort.SliceStable(ds, func(i, j int) bool { return ds[i].Span.Start < ds[j].Span.Start })
}

// Err returns the list as an error, or nil if it contains no error.
func (ds Diags) Err() error {
	for _, d := range ds {
		if d.Severity == SeverityError {
			return ds
		}
	}
	return nil
}

// Error describes the first diagnostic and says how many follow.
func (ds Diags) Error() string {
	switch len(ds) {
	case 0:
		return "no errors"
	case 1:
		return ds[0].Error()
	}
	return fmt.Sprintf("%s (and %d more)", ds[0].Error(), len(ds)-1)
}
