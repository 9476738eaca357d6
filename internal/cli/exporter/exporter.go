// Package exporter writes rows into CSV, JSON and JSON Lines files, from which package importer reads equal values.
package exporter

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	path  string
	file  *os.File
	zip   *gzip.Writer // nil: not compressed
	out   *bufio.Writer
	kind  string
	comma byte     // between cells; 0: rows are objects
	names []string // of the columns, as JSON
	types []lang.Type
	rows  int
	buf   []byte
	done  bool
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
	x := &file{path: path, kind: kind, types: types}
	if err := x.open(); err != nil {
		return nil, x.failed(err)
	}
	var w io.Writer = x.file
	if lang.Zipped(name) {
		x.zip = gzip.NewWriter(w)
		w = x.zip
	}
	x.out = bufio.NewWriterSize(w, 64<<10)
	x.begin(columns)
	return x, nil
}

// open makes the file beside the one that it replaces: who may read that one may read it, and else the umask says it.
func (x *file) open() error {
	if real, err := filepath.EvalSymlinks(x.path); err == nil {
		x.path = real // the link stays
	}
	old, err := os.Stat(x.path)
	if err == nil && !old.Mode().IsRegular() {
		return errors.New("it is no regular file")
	}
	temp := filepath.Join(filepath.Dir(x.path), "."+filepath.Base(x.path)+"."+rand.Text())
	f, createErr := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // as the umask says
	if createErr != nil {
		return createErr //nolint:wrapcheck // failed does
	}
	x.file = f
	if err == nil {
		if err := f.Chmod(old.Mode().Perm()); err != nil {
			x.Abort()
			return err //nolint:wrapcheck // failed does
		}
	}
	return nil
}

// failed is an error with the name that the file was to have.
func (x *file) failed(err error) error {
	var of *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &of):
		err = of.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fmt.Errorf("cannot write %s: %w", x.path, err)
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
	if err := x.flush(); err != nil {
		return x.failed(err)
	}
	return nil
}

func (x *file) flush() error {
	_, err := x.out.Write(x.buf)
	x.buf = x.buf[:0]
	return err //nolint:wrapcheck // failed does
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

// Commit writes what is left, and gives the file its name once the disk has it.
func (x *file) Commit() error {
	if x.kind == ".json" {
		if x.rows > 0 {
			x.buf = append(x.buf, '\n')
		}
		x.buf = append(x.buf, "]\n"...)
	}
	err := cmp.Or(x.flush(), x.out.Flush(), x.endZip(), x.file.Sync(), x.file.Close())
	if err == nil {
		err = os.Rename(x.file.Name(), x.path)
	}
	if err != nil {
		return x.failed(err)
	}
	x.done = true
	return nil
}

func (x *file) endZip() error {
	if x.zip == nil {
		return nil
	}
	return x.zip.Close() //nolint:wrapcheck // failed does
}

// Abort drops the file.
func (x *file) Abort() {
	if !x.done {
		x.file.Close()           // what it holds is dropped
		os.Remove(x.file.Name()) // and so is the file; what cannot be removed has no name that anyone reads
	}
}
