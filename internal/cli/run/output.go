// Package run runs sources for the command-line program: it prints results, notes and errors, and determines the exit status.
package run

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/render"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// Output is the destination of results, notes and errors. Results go to Out,
// everything else to Err.
type Output struct {
	Out, Err io.Writer
	Format   string // table, json, jsonl or csv
	Quiet    bool   // no notes, counts and progress
	Timing   bool   // counts include the statement's duration

	Terminal    bool                       // Out is a terminal
	Size        func() (rows, columns int) // of the terminal now; 0 if unknown
	ErrTerminal bool                       // Err is a terminal
	OutColor    bool
	ErrColor    bool

	Prompt  bool // a prompt shows the output: it can show again what a table omitted
	MaxRows int64
	Records render.Records
	Null    string // text of null in tables, or ""
	Pager   string // command that shows tables of more rows than the terminal has

	last     continued // the last result, if rows follow it
	restored int64     // documents of RESTORE statements since it was last reported
	clear    func()    // erases the progress of a statement; nil if none is shown
	writer   render.Writer
	format   string // format of writer
}

// Begin resets the output: nothing separates it from the next result.
func (o *Output) Begin() { o.writer = nil }

// Note prints something that is neither a result nor an error.
func (o *Output) Note(format string, a ...any) {
	if !o.Quiet {
		o.erase()
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

// Rows prints a result that belongs to no script.
func (o *Output) Rows(r *exec.Rows) error { return o.result(r, 0, "", time.Now()) }

// result prints the rows of a statement under its heading. The error is the one that ended the rows, or a write error. statement
// is its index in the script, start is when it began.
func (o *Output) result(r *exec.Rows, statement int, heading string, start time.Time) error {
	w, done := o.to(r.Kind)
	res := &render.Result{Statement: statement, Kind: r.Kind, Heading: heading,
		Columns: r.Columns, Types: r.Types, Scalar: r.Scalar, Rows: r}
	n, err := w.Write(res)
	if err = done(err); err == nil && n < res.Left.Shown {
		n = res.Left.Shown
	}
	r.Close()
	o.last = continued{}
	if r.Kind == "FIND" && r.Cursor() != "" {
		o.last = continued{text: r.Text, cursor: r.Cursor()}
	}
	o.Warnings(r.Warnings())
	switch {
	case err != nil:
	case r.Kind == "RESTORE": // a dump has one for each few documents
		o.restored += r.Affected()
	case o.Format == "table":
		o.count(r, res, n, time.Since(start))
	case o.Format != "json" && len(r.Columns) == 0 && changes(r.Kind): // these have no place for it
		o.Note("%s: %d affected", r.Kind, r.Affected())
	}
	return err
}

// to returns the writer for a result, and a function that ends it.
func (o *Output) to(kind string) (render.Writer, func(error) error) {
	if o.Format == "table" && o.Pager != "" && o.Terminal && o.Prompt {
		p := &pager{out: cleared{o}, terminal: o.Out, command: o.Pager, rows: func() int { rows, _ := o.Size(); return rows }, whole: kind != "FIND" && kind != "GET"}
		return render.New(o.Format, p, o.options(0)), p.end
	}
	if o.writer == nil || o.format != o.Format {
		o.writer = render.New(o.Format, cleared{o}, o.options(o.MaxRows))
		o.format = o.Format
	}
	return o.writer, func(err error) error { return err }
}

// cleared is the destination of an output's results. It erases the progress first.
type cleared struct{ o *Output }

// Write writes to the output.
func (c cleared) Write(p []byte) (int, error) {
	c.o.erase()
	return c.o.Out.Write(p) //nolint:wrapcheck // it stands for the output
}

// erase erases the progress that is shown.
func (o *Output) erase() {
	if o.clear != nil {
		o.clear()
	}
}

func (o *Output) options(maxRows int64) render.Options {
	return render.Options{Terminal: o.Terminal, Width: o.columns, Color: o.OutColor, Null: o.Null, Records: o.Records, MaxRows: maxRows}
}

func (o *Output) columns() int {
	if o.Size == nil {
		return 0
	}
	_, columns := o.Size()
	return columns
}

// count prints the number of rows and of changed documents, and what the table
// did not show.
func (o *Output) count(r *exec.Rows, res *render.Result, rows int64, took time.Duration) {
	parts := o.leftOut(res, rows)
	if len(parts) > 0 && o.Quiet { // a part must not look like the whole result
		fmt.Fprintf(o.Err, "(%s)\n", lang.Visible(strings.Join(parts, ", ")))
		return
	}
	switch r.Kind {
	case "LET", "PRINT":
		return
	case "EXPLAIN", "PROFILE", "SHOW":
	default:
		if len(r.Columns) > 0 && res.Left.Shown == 0 {
			parts = append(parts, plural(rows, "row"))
		}
		if n := r.Affected(); n > 0 || changes(r.Kind) {
			parts = append(parts, fmt.Sprintf("%d affected", n))
		}
		if len(parts) == 0 {
			parts = append(parts, r.Kind+" done")
		}
	}
	if o.last.cursor != "" && o.Prompt {
		parts = append(parts, `\n shows the next`)
	}
	if o.Timing {
		parts = append(parts, duration(took))
	}
	if len(parts) > 0 {
		o.Note("(%s)", strings.Join(parts, ", "))
	}
}

// sayRestored says how many documents the RESTORE statements of a script have put back.
func (o *Output) sayRestored() {
	if o.restored > 0 {
		o.Note("restored: %s", plural(o.restored, "document"))
	}
	o.restored = 0
}

// leftOut says which rows and columns of a result are not shown, and how to see them.
func (o *Output) leftOut(r *render.Result, rows int64) (parts []string) {
	switch {
	case r.Left.Unread:
		parts = append(parts, fmt.Sprintf(`the first %d rows, there are more (\rows all)`, r.Left.Shown))
	case r.Left.Shown > 0:
		parts = append(parts, fmt.Sprintf(`%d of %d rows shown (\rows all)`, r.Left.Shown, rows))
	}
	if n := len(r.Left.Columns); n > 0 {
		how := `--format json`
		if o.Prompt {
			how = `\x`
		}
		parts = append(parts, fmt.Sprintf("no room for %s (%s)", strings.Join(r.Left.Columns, ", "), how))
	}
	return parts
}

// continued is the text of a FIND whose LIMIT left rows, and the cursor behind those that it returned.
type continued struct{ text, cursor string }

// Next returns the statement that gives the rows after those of the last result; "" if there are none.
func (o *Output) Next() string {
	f := parser.Parse(lang.NewSource("", o.last.text))
	if len(f.Stmts) != 1 {
		return ""
	}
	st, ok := f.Stmts[0].(*lang.FindStmt)
	if !ok {
		return ""
	}
	st.After = &lang.Literal{Value: o.last.cursor}
	return lang.Print(st) + ";"
}

// changes reports whether the number of documents is printed for a statement even if it is 0.
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

// Warnings prints the warnings of statements; --quiet does not suppress them.
func (o *Output) Warnings(list []exec.Warning) {
	for _, w := range list {
		o.erase()
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
