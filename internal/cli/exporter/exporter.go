// Package exporter writes rows into CSV, JSON and JSON Lines files, from which package importer reads equal values.
package exporter

import (
	"encoding/base64"
	"path/filepath"
	"strings"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/importer"
	"github.com/rql-lang/rql/internal/cli/render"
	"github.com/rql-lang/rql/lang"
)

// file is a file of rows.
type file struct {
	*File
	kind  string
	comma byte     // between cells; 0: rows are objects
	names []string // of the columns, as JSON
	types []lang.Type
	rows  int
	buf   []byte
}

// Create opens a file by its suffix: .csv, .tsv, .json, .jsonl or .ndjson, each optionally followed by .gz. A relative name
// is relative to dir. The file replaces another one of its name when it is committed.
func Create(dir, name string, columns []string, types []lang.Type) (exec.RowSink, error) {
	kind, err := importer.Kind(name)
	if err != nil {
		return nil, err
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, name)
	}
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	x := &file{File: f, kind: kind, types: types}
	x.begin(columns)
	return x, nil
}

// begin writes what stands before the rows.
func (x *file) begin(columns []string) {
	switch x.kind {
	case ".csv":
		x.comma = ','
	case ".tsv":
		x.comma = '\t'
	case ".json":
		x.buf = append(x.buf, '[')
	}
	for i, c := range columns {
		x.names = append(x.names, string(render.AppendJSON(nil, c, lang.TypeString)))
		if x.comma != 0 {
			x.separate(i)
			x.cell(c)
		}
	}
	if x.comma != 0 {
		x.buf = append(x.buf, '\n')
	}
}

// Write appends a row.
func (x *file) Write(row []any) error {
	switch {
	case x.comma != 0:
		x.record(row)
		x.buf = append(x.buf, '\n')
	case x.kind == ".json":
		if x.rows > 0 {
			x.buf = append(x.buf, ',')
		}
		x.buf = append(x.buf, '\n')
		x.object(row)
	default:
		x.object(row)
		x.buf = append(x.buf, '\n')
	}
	x.rows++
	return x.flush()
}

func (x *file) flush() error {
	_, err := x.File.Write(x.buf)
	x.buf = x.buf[:0]
	return err
}

func (x *file) object(row []any) {
	x.buf = append(x.buf, '{')
	for i, v := range row {
		if i > 0 {
			x.buf = append(x.buf, ',')
		}
		x.buf = append(append(x.buf, x.names[i]...), ':')
		x.buf = render.AppendJSON(x.buf, v, x.types[i])
	}
	x.buf = append(x.buf, '}')
}

// record appends the cells of a row; that of null is empty.
func (x *file) record(row []any) {
	for i, v := range row {
		x.separate(i)
		if v != nil {
			x.cell(x.text(i, v))
		}
	}
}

// text is what a cell holds: of a json, and of all that is nested, JSON; bytes in base64, as in JSON.
func (x *file) text(i int, v any) string {
	t := x.types[i]
	if b, ok := v.(lang.Bytes); ok {
		return base64.StdEncoding.EncodeToString([]byte(b))
	}
	if t.Kind == lang.KJSON {
		return string(render.AppendJSON(nil, v, t))
	}
	return render.Text(v, t)
}

func (x *file) separate(i int) {
	if i > 0 {
		x.buf = append(x.buf, x.comma)
	}
}

// cell appends a text, in quotes where it would be read as something else without them: an empty one would be null.
func (x *file) cell(text string) {
	if text != "" && !strings.ContainsAny(text, "\",\t\r\n") {
		x.buf = append(x.buf, text...)
		return
	}
	x.buf = append(x.buf, '"')
	x.buf = append(x.buf, strings.ReplaceAll(text, `"`, `""`)...)
	x.buf = append(x.buf, '"')
}

// Commit writes what is left, and gives the file its name.
func (x *file) Commit() error {
	if x.kind == ".json" {
		if x.rows > 0 {
			x.buf = append(x.buf, '\n')
		}
		x.buf = append(x.buf, "]\n"...)
	}
	if err := x.flush(); err != nil {
		return err
	}
	return x.File.Commit()
}
