package run

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/address"
	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/lang"
)

// errorObject is an error as --format json writes it.
type errorObject struct {
	Code      lang.Code `json:"code"` // "" for an error that is not about a statement
	Message   string    `json:"message"`
	Hint      string    `json:"hint,omitempty"`
	File      string    `json:"file,omitempty"`
	Line      int       `json:"line,omitempty"`
	Column    int       `json:"column,omitempty"`
	Statement int       `json:"statement,omitempty"` // from 1
	Outcome   string    `json:"outcome,omitempty"`   // none, partial or unknown
	Done      int64     `json:"done,omitempty"`      // documents changed before it
}

// objects prints errors as JSON objects, each on its own line.
func (o *Output) objects(err error) {
	for _, x := range errorObjects(err) {
		text, err := json.Marshal(map[string]errorObject{"error": x})
		if err != nil { // it contains only texts and numbers
			continue
		}
		fmt.Fprintln(o.Err, string(text))
	}
}

// Found prints the errors and warnings of a source that was not run.
func (o *Output) Found(list lang.Diags, src *lang.Source) {
	for _, d := range list {
		if o.Format != "json" {
			o.diag(d, src)
			continue
		}
		kind := "error"
		if d.Severity == lang.SeverityWarning {
			kind = "warning"
		}
		x := errorObject{Code: d.Code, Message: d.Message, Hint: d.Hint}
		x.at(src, d.Span)
		if text, err := json.Marshal(map[string]errorObject{kind: x}); err == nil { // it contains only texts and numbers
			fmt.Fprintln(o.Err, string(text))
		}
	}
}

func errorObjects(err error) (out []errorObject) {
	var usage *args.UsageError
	var check *exec.CheckError
	var open *OpenError
	switch {
	case errors.As(err, &usage):
		return []errorObject{{Message: usage.Message, Hint: usage.Hint}}
	case errors.As(err, &open):
		x := errorObject{Code: lang.CodeConnection, Message: "cannot open " + open.Server + ": " + open.Error()}
		var e *exec.Error
		if errors.As(err, &e) {
			x.Code, x.Hint = e.Code, openHint(e)
		}
		return []errorObject{x}
	case errors.As(err, &check):
		for _, d := range check.Diags {
			x := errorObject{Code: d.Code, Message: d.Message, Hint: d.Hint, Statement: d.Stmt + 1, Outcome: outcome(exec.OutcomeNone)}
			x.at(check.Source, d.Span)
			out = append(out, x)
		}
		return out
	}
	before := 0
	if in := (&SourceError{}); errors.As(err, &in) {
		before = in.Source.Before
	}
	for _, e := range runErrors(err) {
		x := errorObject{Code: e.Code, Message: address.RedactIn(e.Message), Hint: e.Hint, Outcome: outcome(e.Outcome), Done: e.Done}
		if e.Source != nil && e.Statement >= 0 {
			x.Statement = before + e.Statement + 1
			x.at(e.Source, e.Span)
		}
		out = append(out, x)
	}
	if len(out) == 0 {
		out = []errorObject{{Message: address.RedactIn(err.Error())}}
	}
	return out
}

func (x *errorObject) at(src *lang.Source, sp lang.Span) {
	if src == nil {
		return
	}
	x.File = src.Name
	x.Line, x.Column = src.Position(sp.Start)
}

func outcome(o exec.Outcome) string {
	switch o {
	case exec.OutcomePartial:
		return "partial"
	case exec.OutcomeUnknown:
		return "unknown"
	}
	return "none"
}
