// Package exporter writes rows into CSV, JSON and JSON Lines files, from which package importer reads equal values.
package exporter

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/internal/cli/importer"
	"github.com/rql-lang/rql/internal/cli/render"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// file is a file of rows.
type file struct {
	*File
	kind    string
	o       lang.FileOptions
	comma   byte     // between cells; 0: rows are objects
	quote   byte     // around cells; 0: there are no quotes
	special string   // characters for which a cell needs quotes
	names   []string // of the columns, as JSON
	types   []lang.Type
	rows    int
	buf     []byte
	out     io.Writer // of the file, in its encoding
}

// Create opens a file by its suffix, unless the options have a format: .csv, .tsv, .json, .jsonl or .ndjson, each optionally
// followed by .gz. A relative name is relative to dir. The file replaces another one of its name when it is committed.
func Create(dir, name string, o lang.FileOptions, columns []string, types []lang.Type) (exec.RowSink, error) {
	kind := o.Kind(name)
	if kind == "" {
		_, err := importer.Kind(name)
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
	x := &file{File: f, out: f, kind: kind, o: o, types: types}
	if enc := importer.Encoding(o.Encoding); enc != nil {
		x.out = enc.NewEncoder().Writer(f)
	}
	if err := x.begin(columns); err != nil {
		x.Abort()
		return nil, err
	}
	return x, nil
}

// begin writes what stands before the rows.
func (x *file) begin(columns []string) error {
	switch x.kind {
	case ".csv":
		x.comma = cmp.Or(x.o.Delimiter, ',')
	case ".tsv":
		x.comma = cmp.Or(x.o.Delimiter, '\t')
	case ".json":
		x.buf = append(x.buf, '[')
	}
	if x.quote = cmp.Or(x.o.Quote, '"'); x.o.NoQuote {
		x.quote = 0
	}
	x.special = "\r\n" + string(rune(x.comma)) + string(rune(x.quote))
	for i, c := range columns {
		x.names = append(x.names, string(render.AppendJSON(nil, c, lang.TypeString)))
		if x.comma != 0 && !x.o.NoHeader {
			x.separate(i)
			if err := x.cell(c); err != nil {
				return err
			}
		}
	}
	if x.comma != 0 && !x.o.NoHeader {
		x.buf = append(x.buf, '\n')
	}
	return nil
}

// Write appends a row.
func (x *file) Write(row []any) error {
	switch {
	case x.comma != 0:
		if err := x.record(row); err != nil {
			return err
		}
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
	_, err := x.out.Write(x.buf)
	x.buf = x.buf[:0]
	var bad interface{ Replacement() byte }
	if errors.As(err, &bad) {
		return fmt.Errorf("%s has no form of a character in row %d", x.o.Encoding, x.rows)
	}
	return err //nolint:wrapcheck // File names itself
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

// record appends the cells of a row.
func (x *file) record(row []any) error {
	for i, v := range row {
		x.separate(i)
		if v == nil {
			x.buf = append(x.buf, x.o.Null...)
			continue
		}
		if err := x.cell(x.text(i, v)); err != nil {
			return err
		}
	}
	return nil
}

// text is what a cell holds: of a json, and of all that is nested, JSON; bytes in base64, as in JSON.
func (x *file) text(i int, v any) string {
	t := x.types[i]
	switch v := v.(type) {
	case lang.Bytes:
		return base64.StdEncoding.EncodeToString([]byte(v))
	case lang.DateTime:
		if x.o.DateTime != "" && t.Kind != lang.KJSON {
			return codec.FormatDateTimeAs(v, x.o.DateTime)
		}
	case float64:
		if x.o.Comma && t.Kind != lang.KJSON {
			return strings.Replace(render.Text(v, t), ".", ",", 1)
		}
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

// cell appends a text, in quotes where it would be read as something else without them: that of null, for instance.
func (x *file) cell(text string) error {
	if text != x.o.Null && text != "" && !strings.ContainsAny(text, x.special) {
		x.buf = append(x.buf, text...)
		return nil
	}
	if x.quote == 0 {
		return fmt.Errorf("%s needs quotes, which QUOTE '' forbids", lang.Quote(text))
	}
	q := string(rune(x.quote))
	x.buf = append(x.buf, x.quote)
	x.buf = append(x.buf, strings.ReplaceAll(text, q, q+q)...)
	x.buf = append(x.buf, x.quote)
	return nil
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
