// Package importer reads the records of CSV, JSON and JSON Lines files, with
// the position of each in its file. A file whose name ends in .gz is
// decompressed.
package importer

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// Open opens a file by its suffix: .csv, .tsv, .json, .jsonl or .ndjson, each
// optionally followed by .gz. A relative name is relative to dir.
func Open(dir, name string) (exec.RowSource, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, name)
	}
	kind, err := Kind(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("cannot open %s: %w", path, err)
	}
	in, err := newInput(f, name)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot read %s: %w", path, err), f.Close())
	}
	src, err := open(kind, in, name)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return src, nil
}

// Kind is lang.FileKind, but returns an error that lists the kinds.
func Kind(name string) (string, error) {
	if kind := lang.FileKind(name); kind != "" {
		return kind, nil
	}
	return "", fmt.Errorf("%s is not a file that can be read and written: %s, each also with .gz", name, strings.Join(lang.FileKinds(), ", "))
}

func open(kind string, in *input, name string) (exec.RowSource, error) {
	switch kind {
	case ".csv":
		return newCSV(in, name, ',')
	case ".tsv":
		return newCSV(in, name, '\t')
	case ".json":
		return newJSON(in, name)
	}
	return newLines(in, name), nil
}

// input is an open file and the current position in it.
type input struct {
	*bufio.Reader
	file  *os.File
	read  atomic.Int64 // bytes of the file itself, before decompression
	total int64
}

func newInput(f *os.File, name string) (*input, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("it is a directory")
	}
	in := &input{file: f, total: info.Size()}
	var r io.Reader = &counter{r: f, n: &in.read}
	if lang.Zipped(name) {
		if r, err = gzip.NewReader(r); err != nil {
			return nil, err
		}
	}
	// a byte order mark, which spreadsheets write, says UTF-8 or UTF-16; without one, the file is UTF-8, which is checked value
	// by value
	in.Reader = bufio.NewReaderSize(transform.NewReader(r, unicode.BOMOverride(transform.Nop)), 64<<10)
	return in, nil
}

// Bytes returns how much of the file was read, and its size.
func (in *input) Bytes() (read, total int64) { return in.read.Load(), in.total }

// Close closes the file.
func (in *input) Close() error { return in.file.Close() }

type counter struct {
	r io.Reader
	n *atomic.Int64
}

// Read counts the bytes and lines that it passes through.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// place formats file, line and column in the form that all messages use.
// Columns count bytes.
func place(name string, p exec.Pos) string { return fmt.Sprintf("%s:%d:%d", name, p.Line, p.Col) }

// badRecord is the error of one record; the next one can still be read.
func badRecord(name string, p exec.Pos, format string, a ...any) error {
	return &exec.RecordError{File: name, Pos: p, Message: fmt.Sprintf(format, a...)}
}

// fatal is an error after which nothing more can be read.
func fatal(name string, p exec.Pos, format string, a ...any) error {
	return fmt.Errorf("%s: %w", place(name, p), fmt.Errorf(format, a...))
}
