// Package run runs sources for the terminal program: it prints results, notes
// and errors, and determines the exit status.
package run

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/render"
	"github.com/rql-lang/rql/lang"
)

// Output is the destination of results, notes and errors. Results go to Out,
// everything else to Err.
type Output struct {
	Out, Err io.Writer
	Format   string // table, json, jsonl or csv
	Quiet    bool   // no notes, counts and progress
	Timing   bool   // counts include the statement's duration

	Terminal    bool // Out is a terminal of Width columns
	Width       int
	ErrTerminal bool // Err is a terminal
	OutColor    bool
	ErrColor    bool

	writer render.Writer
	format string // format of writer
}

// Begin resets the output: nothing separates it from the next result.
func (o *Output) Begin() { o.writer = nil }

// Note prints something that is neither a result nor an error.
func (o *Output) Note(format string, a ...any) {
	if !o.Quiet {
		fmt.Fprintln(o.Err, o.dim(lang.VisibleLines(fmt.Sprintf(format, a...))))
	}
}

func (o *Output) dim(s string) string { return paint(o.ErrColor, "2", s) }

func paint(on bool, code, s string) string {
	if !on {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// result prints the rows of a statement under its heading. The error is the one
// that ended the rows, or a write error. statement is its ordinal in the
// script, start is when it began.
func (o *Output) result(r *exec.Rows, statement int, heading string, start time.Time) error {
	if o.writer == nil || o.format != o.Format {
		o.writer = render.New(o.Format, o.Out, render.Options{Terminal: o.Terminal, Width: o.Width, Color: o.OutColor})
		o.format = o.Format
	}
	n, err := o.writer.Write(&render.Result{Statement: statement, Kind: r.Kind, Heading: heading,
		Columns: r.Columns, Types: r.Types, Scalar: r.Scalar, Rows: r})
	r.Close()
	o.warnings(r.Warnings())
	if err == nil && o.Format == "table" {
		o.count(r, n, time.Since(start))
	}
	return err
}

// count prints the number of rows and of changed documents.
func (o *Output) count(r *exec.Rows, rows int64, took time.Duration) {
	var parts []string
	switch r.Kind {
	case "LET":
		return
	case "EXPLAIN", "PROFILE", "SHOW":
	default:
		if len(r.Columns) > 0 {
			parts = append(parts, plural(rows, "row"))
		}
		if n := r.Affected(); n > 0 || changes(r.Kind) {
			parts = append(parts, fmt.Sprintf("%d affected", n))
		}
		if len(parts) == 0 {
			parts = append(parts, r.Kind+" done")
		}
	}
	if o.Timing {
		parts = append(parts, duration(took))
	}
	if len(parts) > 0 {
		o.Note("(%s)", strings.Join(parts, ", "))
	}
}

// changes reports the statements whose number of documents is printed even if
// it is 0.
func changes(kind string) bool {
	s := lang.FindStatement(kind)
	return s != nil && s.Class == lang.Writes
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// are returns "1 row is" or "n rows are".
func are(n int64) string {
	if n == 1 {
		return "1 row is"
	}
	return plural(n, "row") + " are"
}

// duration formats a time with three digits: 1.23 ms.
func duration(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.3g ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// warnings prints the warnings of statements; --quiet does not suppress them.
func (o *Output) warnings(list []exec.Warning) {
	for _, w := range list {
		fmt.Fprintln(o.Err, paint(o.ErrColor, "33", "warning: "+lang.Visible(warningText(w))))
	}
}

func warningText(w exec.Warning) string {
	s := string(w.Code) + ": " + w.Text
	var at []string
	if w.Key != "" {
		at = append(at, "key "+lang.Quote(w.Key))
	}
	if w.Field != "" {
		at = append(at, "field "+w.Field)
	}
	if len(at) > 0 {
		s += " (" + strings.Join(at, ", ") + ")"
	}
	if w.Count > 1 {
		s += fmt.Sprintf(" [%d times]", w.Count)
	}
	return s
}
