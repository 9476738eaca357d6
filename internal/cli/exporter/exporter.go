// Package exporter writes rows into CSV, JSON and JSON Lines files, from which package importer reads equal values.
package exporter

import (
	"bufio"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/importer"
	"github.com/rql-lang/rql/internal/cli/render"
	"github.com/rql-lang/rql/lang"
)

// file is a file that has another name until it is complete.
type file struct {
	path    string
	file    *os.File
	zip     *gzip.Writer
	out     *bufio.Writer
	kind    string
	columns []string
	types   []lang.Type
	rows    int
	buf     []byte
	done    bool
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
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, fmt.Errorf("cannot write %s: %w", path, err)
	}
	x := &file{path: path, file: f, kind: kind, columns: columns, types: types}
	var w io.Writer = f
	if strings.HasSuffix(strings.ToLower(name), ".gz") {
		x.zip = gzip.NewWriter(f)
		w = x.zip
	}
	x.out = bufio.NewWriterSize(w, 64<<10)
	if x.separated() {
		for i, c := range columns {
			x.cell(i, c)
		}
		x.buf = append(x.buf, '\n')
	}
	return x, nil
}

// separated: the file has cells.
func (x *file) separated() bool { return x.kind == ".csv" || x.kind == ".tsv" }

// Write appends a row.
func (x *file) Write(row []any) error {
	switch {
	case x.separated():
		for i, v := range row {
			if v == nil {
				x.separate(i)
				continue
			}
			x.cell(i, x.text(i, v))
		}
		x.buf = append(x.buf, '\n')
	case x.kind == ".json":
		x.buf = append(x.buf, map[bool]string{true: "[\n", false: ",\n"}[x.rows == 0]...)
		x.object(row)
	default:
		x.object(row)
		x.buf = append(x.buf, '\n')
	}
	x.rows++
	return x.flush()
}

func (x *file) flush() error {
	_, err := x.out.Write(x.buf)
	x.buf = x.buf[:0]
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", x.path, err)
	}
	return nil
}

func (x *file) object(row []any) {
	x.buf = append(x.buf, '{')
	for i, v := range row {
		if i > 0 {
			x.buf = append(x.buf, ',')
		}
		x.buf = append(render.AppendJSON(x.buf, x.columns[i], lang.TypeString), ':')
		x.buf = render.AppendJSON(x.buf, v, x.types[i])
	}
	x.buf = append(x.buf, '}')
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
	if i == 0 {
		return
	}
	if x.kind == ".tsv" {
		x.buf = append(x.buf, '\t')
		return
	}
	x.buf = append(x.buf, ',')
}

// cell appends a text, in quotes where it would be read as something else without them; an empty one is none without quotes.
func (x *file) cell(i int, text string) {
	x.separate(i)
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
		x.buf = append(x.buf, map[bool]string{true: "[]\n", false: "\n]\n"}[x.rows == 0]...)
	}
	err := errors.Join(x.flush(), x.out.Flush())
	if x.zip != nil {
		err = errors.Join(err, x.zip.Close())
	}
	if err = errors.Join(err, x.file.Chmod(0o644), x.file.Close()); err == nil {
		err = os.Rename(x.file.Name(), x.path)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", x.path, err)
	}
	x.done = true
	return nil
}

// Abort drops the file.
func (x *file) Abort() {
	if !x.done {
		x.file.Close()           // what it holds is dropped
		os.Remove(x.file.Name()) // and so is the file; what cannot be removed has no name that anyone reads
	}
}
