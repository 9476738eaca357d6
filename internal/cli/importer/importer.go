// Package importer reads the records of CSV, JSON and JSON Lines files, with
// the position of each in its file. A file whose name ends in .gz is
// decompressed.
package importer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// Open opens a file by its suffix, unless the options have a format: .csv, .tsv, .json, .jsonl or .ndjson, each optionally followed
// by .gz. A relative name is relative to dir; - is stdin, if there is one.
func Open(dir, name string, stdin io.Reader, o lang.FileOptions) (exec.RowSource, error) {
	kind := o.Kind(name)
	if kind == "" {
		_, err := Kind(name)
		return nil, err
	}
	if name == "-" {
		return openStdin(stdin, kind, o)
	}
	path := at(dir, name)
	f, err := os.Open(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("cannot open %s: %w", path, err)
	}
	in, err := newInput(f, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot read %s: %w", path, err), f.Close())
	}
	src, err := open(kind, in, name, o)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return src, nil
}

// openStdin opens standard input.
func openStdin(stdin io.Reader, kind string, o lang.FileOptions) (exec.RowSource, error) {
	if stdin == nil {
		return nil, errors.New("cannot read standard input: the script itself is read from there, or a prompt")
	}
	in := &input{file: io.NopCloser(nil)}
	if err := in.from(stdin, o); err != nil {
		return nil, fmt.Errorf("cannot read standard input: %w", err)
	}
	return open(kind, in, "<stdin>", o)
}

// at returns the path of a file beside dir.
func at(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// literal makes a pattern of a name that only matches itself, with classes: Windows has no character that quotes another.
var literal = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")

// Match returns the names of the files of a pattern, sorted. A name that is no pattern, or that a file has, is itself.
func Match(dir, pattern string) ([]string, error) {
	if _, err := os.Stat(at(dir, pattern)); err == nil || !strings.ContainsAny(pattern, "*?[") {
		return []string{pattern}, nil
	}
	list, err := filepath.Glob(at(literal.Replace(dir), pattern))
	if err != nil {
		return nil, fmt.Errorf("%s is not a pattern of file names: %w", pattern, err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no file matches %s", at(dir, pattern))
	}
	for i, path := range list {
		if rel, err := filepath.Rel(dir, path); err == nil && !filepath.IsAbs(pattern) {
			list[i] = rel
		}
	}
	return list, nil
}

// Kind is lang.FileKind, but returns an error that lists the kinds.
func Kind(name string) (string, error) {
	if kind := lang.FileKind(name); kind != "" {
		return kind, nil
	}
	return "", fmt.Errorf("%s is not a file that can be read and written: %s, each also with .gz", name, strings.Join(lang.FileKinds(), ", "))
}

func open(kind string, in *input, name string, o lang.FileOptions) (exec.RowSource, error) {
	switch kind {
	case ".csv":
		return newCSV(in, name, ',', o)
	case ".tsv":
		return newCSV(in, name, '\t', o)
	case ".json":
		return newJSON(in, name)
	}
	return newLines(in, name), nil
}

// input is an open file and the current position in it.
type input struct {
	*bufio.Reader
	file  io.Closer
	read  atomic.Int64 // bytes of the file itself, before decompression
	total int64        // 0: unknown
	// charset is the encoding in which a text may be invalid.
	charset string
}

func newInput(f *os.File, o lang.FileOptions) (*input, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("it is a directory")
	}
	in := &input{file: f}
	if info.Mode().IsRegular() {
		in.total = info.Size()
	}
	return in, in.from(f, o)
}

// from begins to read: what is compressed is decompressed, and other encodings become UTF-8. A byte order mark, which spreadsheets
// write, says UTF-8 or UTF-16; that the rest is UTF-8 is checked value by value.
func (in *input) from(f io.Reader, o lang.FileOptions) error {
	raw := bufio.NewReaderSize(&counter{r: f, n: &in.read}, 64<<10)
	var r io.Reader = raw
	if head, err := raw.Peek(2); err == nil && head[0] == 0x1f && head[1] == 0x8b {
		if r, err = gzip.NewReader(raw); err != nil {
			return fmt.Errorf("decompress: %w", err)
		}
	}
	text := bufio.NewReaderSize(r, 64<<10)
	in.Reader, in.charset = text, "UTF-8"
	if d := decoder(text, o.Encoding); d != nil {
		in.Reader = bufio.NewReaderSize(transform.NewReader(text, d), 64<<10)
		if _, is := d.(utf16Decoder); is {
			in.charset = "UTF-16"
		}
	}
	return nil
}

// decoder returns what makes UTF-8 of a text that begins with a byte order mark, which it skips, or else has an encoding; nil: it
// is UTF-8.
func decoder(r *bufio.Reader, name string) transform.Transformer {
	head, _ := r.Peek(3)                 // what there is
	skip := func(n int) { r.Discard(n) } //nolint:errcheck // it was there
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		skip(3)
		return nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		skip(2)
		return utf16Decoder{}
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		skip(2)
		return utf16Decoder{big: true}
	}
	switch name {
	case "utf-16", "utf-16le":
		return utf16Decoder{}
	case "utf-16be":
		return utf16Decoder{big: true}
	}
	if enc := Encoding(name); enc != nil {
		return enc.NewDecoder()
	}
	return nil
}

// Encoding returns an encoding by its name in WITH; nil is UTF-8.
func Encoding(name string) encoding.Encoding {
	switch name {
	case "utf-16":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case "latin1":
		return charmap.ISO8859_1
	case "windows-1252":
		return charmap.Windows1252
	}
	return nil
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
