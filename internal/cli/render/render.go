// Package render writes the results of statements as tables, JSON, JSON lines or CSV.
package render

import (
	"io"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// Rows is the source of a writer's rows; *exec.Rows implements it. The results of Affected, Warnings and Cursor are final after
// the last row.
type Rows interface {
	Next() bool
	Values() []any
	Err() error
	Affected() int64
	Warnings() []exec.Warning
	Cursor() string
}

// Result is the result of one statement.
type Result struct {
	Statement int // index in its source, from 0
	Kind      string
	Heading   string // shown above a table, or ""
	Columns   []string
	Types     []lang.Type // as Columns, or empty
	Scalar    bool        // one value without a name
	Rows      Rows
	Left      Left // set by the writer
}

// Left describes what a table did not show.
type Left struct {
	Columns []string // columns that did not fit
	Shown   int64    // number of rows that were shown, if there are more
	Unread  bool     // rows after those shown were not read
}

// Writer writes results in one format. Write reads the rows and returns their
// number; its error is the one that ended the rows, or a write error.
type Writer interface {
	Write(r *Result) (rows int64, err error)
}

// Options describe the destination of the output.
type Options struct {
	Terminal bool       // truncate rows that are too wide, and escape CSV
	Width    func() int // columns of the terminal now; 0 if unknown
	Color    bool
	Null     string // text of null in a table; "" is null
	Records  Records
	MaxRows  int64 // rows of a table to show; 0 is all
}

// Records says when a table is written as records: one line per column of each row.
type Records string

// The ways to write rows.
const (
	Never  Records = "off"
	Always Records = "on"
	Auto   Records = "auto" // if a row is wider than the terminal
)

// width returns the width of the terminal, 0 if there is none or it is unknown.
func (o Options) width() int {
	if !o.Terminal || o.Width == nil {
		return 0
	}
	return o.Width()
}

// New returns the writer of a format: table, json, jsonl or csv; for plans mermaid, dot or svg; for texts plain.
func New(format string, w io.Writer, o Options) Writer {
	switch format {
	case "json":
		return &jsonWriter{w: w}
	case "jsonl":
		return &jsonlWriter{w: w}
	case "plain":
		return &plainWriter{w: w, o: o}
	case "csv":
		return &csvWriter{w: w, o: o}
	case "mermaid":
		return &planWriter{w: w, draw: mermaid}
	case "dot":
		return &planWriter{w: w, draw: dot}
	case "svg":
		return &planWriter{w: w, draw: svg}
	}
	return &tableWriter{w: w, o: o}
}

// scalarName is the heading of an unnamed single value.
const scalarName = "value"

// columns returns the names to print.
func (r *Result) columns() []string {
	if r.Scalar && (len(r.Columns) == 0 || r.Columns[0] == "") {
		return []string{scalarName}
	}
	return r.Columns
}

// typeOf returns the static type of a column if it is known.
func (r *Result) typeOf(i int) lang.Type {
	if i < len(r.Types) {
		return r.Types[i]
	}
	return lang.TypeUnknown
}
