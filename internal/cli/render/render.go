// Package render writes the results of statements as tables, JSON, JSON lines or CSV.
package render

import (
	"io"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// Rows is what a writer pulls rows from; *exec.Rows is one. What Affected,
// Warnings and Cursor give is final after the last row.
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

// Writer writes results in one format. Write pulls the rows and returns how
// many there were; its error is the one that ended the rows, or that of writing.
type Writer interface {
	Write(r *Result) (rows int64, err error)
}

// Options say where the output goes.
type Options struct {
	Terminal bool // rows that are too wide are cut, and CSV is escaped
	Width    int  // columns of the terminal; 0 when not known
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

// scalarName heads the one value of a statement that has no name.
const scalarName = "value"

// columns gives the names to print.
func (r *Result) columns() []string {
	if r.Scalar && (len(r.Columns) == 0 || r.Columns[0] == "") {
		return []string{scalarName}
	}
	return r.Columns
}

// typeOf gives the static type of a column where it is known.
func (r *Result) typeOf(i int) lang.Type {
	if i < len(r.Types) {
		return r.Types[i]
	}
	return lang.TypeUnknown
}
