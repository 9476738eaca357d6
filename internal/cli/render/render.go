// Package render writes the results of statements as tables, JSON, JSON lines or CSV.
package render

import (
	"io"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// Rows is what a writer reads rows from; *exec.Rows implements it. The results
// of Affected, Warnings and Cursor are final after the last row.
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
	Statement int // ordinal in its source, from 0
	Kind      string
	Heading   string // shown above a table, or ""
	Columns   []string
	Types     []lang.Type // as Columns, or empty
	Scalar    bool        // one value that has no name
	Rows      Rows
}

// Writer writes results in one format. Write reads the rows and returns their
// number; its error is the one that ended the rows, or a write error.
type Writer interface {
	Write(r *Result) (rows int64, err error)
}

// Options describe the destination of the output.
type Options struct {
	Terminal bool // rows that are too wide are cut, and CSV is escaped
	Width    int  // columns of the terminal; 0 if unknown
	Color    bool
}

// New returns the writer of a format: table, json, jsonl or csv.
func New(format string, w io.Writer, o Options) Writer {
	switch format {
	case "json":
		return &jsonWriter{w: w}
	case "jsonl":
		return &jsonlWriter{w: w}
	case "csv":
		return &csvWriter{w: w, o: o}
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
