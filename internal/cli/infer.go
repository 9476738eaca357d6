package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/doctor"
	"github.com/rql-lang/rql/exec/infer"
	"github.com/rql-lang/rql/internal/cli/importer"
	"github.com/rql-lang/rql/lang"
)

// sample are the first records of a file, as an IMPORT reads them.
type sample struct {
	file    string
	columns []string
	rows    []map[string]any
	next    int
	total   int64 // about how many records the file has
	whole   bool  // these are all
	written lang.FileOptions
	infer.Records
}

// infer proposes a model for the records of a file.
func (p *program) infer(ctx context.Context) error {
	s, err := readSample(p.args.Files[0])
	if err != nil {
		return err
	}
	name := p.args.Model
	if name == "" {
		name = modelName(s.file)
	}
	fields, err := s.fields(ctx, name)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "-- of %s of %s%s\n", count(int64(s.Total), "record"), s.file, s.rest())
	if s.Bad > 0 {
		fmt.Fprintf(&b, "-- records that cannot be read: %d; IMPORT stops at the first\n", s.Bad)
	}
	memory := s.Memory(fields, s.total)
	fmt.Fprintf(&b, "-- %s: about %s of memory, and %s more for each INDEX\n", count(s.total, "document"), size64(memory), size64(s.total*infer.EachEntry))
	warnings, err := p.room(ctx, memory)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		fmt.Fprintf(&b, "-- WARNING: %s\n", w)
	}
	b.WriteString(model(name, fields) + ";\nIMPORT " + lang.Quote(s.file) + " INTO " + name + s.with() + "\n")
	if _, err := io.WriteString(p.stdout, b.String()); err != nil {
		return fmt.Errorf("cannot write: %w", err)
	}
	return nil
}

// readSample reads the first records of a file.
func readSample(file string) (*sample, error) {
	o, err := importer.Sniff(file)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	src, err := importer.Open(".", file, nil, o)
	if err != nil {
		return nil, err //nolint:wrapcheck // as above
	}
	defer src.Close()
	s := &sample{file: file, columns: src.Columns(), written: o}
	s.Records = *infer.NewRecords(s.columns)
	var bad *exec.RecordError
	for s.Total < infer.Sampled && s.Bad < infer.Sampled {
		row, _, err := src.Next()
		switch {
		case errors.Is(err, io.EOF):
			s.whole = true
		case errors.As(err, &bad):
			s.Bad++
			continue
		case err != nil:
			return nil, err //nolint:wrapcheck // it names the file and the line
		default:
			if err := s.Add(row); err != nil {
				return nil, err //nolint:wrapcheck // it names the column
			}
			s.rows = append(s.rows, maps.Clone(row))
			continue
		}
		break
	}
	if s.Total == 0 {
		return nil, fmt.Errorf("%s has no record that can be read", file)
	}
	s.total = int64(s.Total)
	if read, all := src.Bytes(); !s.whole && read > 0 {
		s.total = s.total * all / read
	}
	return s, nil
}

// with is the WITH of an IMPORT that reads the file.
func (s *sample) with() string {
	var out []string
	add := func(name, value string) {
		if value != "" {
			out = append(out, name+" "+lang.Quote(value))
		}
	}
	add("ENCODING", s.written.Encoding)
	if s.written.Delimiter != 0 {
		add("DELIMITER", string(s.written.Delimiter))
	}
	if s.Comma {
		add("DECIMAL", ",")
	}
	add("DATETIME", s.DateTime)
	if out == nil {
		return ""
	}
	return " WITH (" + strings.Join(out, ", ") + ")"
}

// rest says how many records there are besides.
func (s *sample) rest() string {
	if s.whole {
		return ""
	}
	return ", which has about " + count(s.total, "record")
}

// modelName is a name for the records of a file: People for data/people.csv.gz.
func modelName(file string) string {
	name, _, _ := strings.Cut(filepath.Base(file), ".")
	name = strings.Map(func(r rune) rune {
		if r < 128 && infer.Plain("x"+string(r)) {
			return r
		}
		return -1
	}, name)
	if !infer.Plain(name) {
		return "Record"
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// model is the text of the MODEL.
func model(name string, fields []*infer.Field) string {
	var b strings.Builder
	fmt.Fprintf(&b, "MODEL %s {\n", name)
	key := false
	for _, f := range fields {
		b.WriteString(f.Line())
		key = key || f.Key
	}
	if !key {
		b.WriteString("  -- no column has another value in each record, so a key is made for each\n  key_ string KEY DEFAULT uuid()\n")
	}
	return b.String() + "}"
}

// fields are those of the model: the records of the sample can be imported into it, which is tried on the embedded server.
func (s *sample) fields(ctx context.Context, name string) ([]*infer.Field, error) {
	fields := s.Fields()
	err := s.try(ctx, name, fields, s.rows)
	if err == nil {
		return fields, nil
	}
	for _, f := range fields { // each by itself
		for !f.Odd {
			alone := *f
			alone.Key = false
			rows := make([]map[string]any, len(s.rows))
			for i, row := range s.rows {
				rows[i] = map[string]any{f.Name: row[f.Name]}
			}
			if s.try(ctx, name, []*infer.Field{&alone}, rows) == nil {
				break
			}
			f.Widen()
		}
	}
	rows := make([]map[string]any, len(s.rows))
	for i, row := range s.rows {
		rows[i] = map[string]any{}
		for _, f := range fields {
			if v, ok := row[f.Name]; ok && !f.Odd {
				rows[i][f.Name] = v
			}
		}
	}
	if err := s.try(ctx, name, fields, rows); err != nil {
		return nil, fmt.Errorf("no model was found into which the records of %s can be imported: %w", s.file, err)
	}
	return fields, nil
}

// try imports records into a model with these fields.
func (s *sample) try(ctx context.Context, name string, fields []*infer.Field, rows []map[string]any) error {
	e, err := exec.Open(ctx, "mem://", exec.Options{})
	if err != nil {
		return err //nolint:wrapcheck // it is an error of RQL
	}
	defer e.Close()
	session := e.NewSession(exec.SessionOptions{Program: true, OpenImport: func(string, lang.FileOptions) (exec.RowSource, error) {
		return &sample{columns: s.columns, rows: rows}, nil
	}})
	return session.Run(ctx, lang.NewSource("", model(name, fields)+";\nIMPORT 'sample.csv' INTO "+name+s.with()), nil, func(*exec.Rows) error { return nil }) //nolint:wrapcheck // it is an error of RQL
}

// Columns returns the names of the columns of a file of text.
func (s *sample) Columns() []string { return s.columns }

// Next gives the records of the sample again.
func (s *sample) Next() (map[string]any, exec.Pos, error) {
	if s.next == len(s.rows) {
		return nil, exec.Pos{}, io.EOF
	}
	s.next++
	return s.rows[s.next-1], exec.Pos{Line: s.next, Col: 1}, nil
}

// Bytes returns nothing: the sample is in memory.
func (*sample) Bytes() (read, total int64) { return 0, 0 }

// Close does nothing.
func (*sample) Close() error { return nil }

// room warns where the server that is named has no room for so many bytes, or may evict documents.
func (p *program) room(ctx context.Context, memory int64) ([]string, error) {
	if p.args.URL == "" && p.args.Data == "" {
		return nil, nil
	}
	r, closeAll, err := p.connect(ctx, exec.SessionOptions{})
	if err != nil {
		return nil, err
	}
	defer closeAll()
	report, err := r.Engine().Doctor(ctx, doctor.Options{Quick: true})
	if err != nil {
		return nil, err //nolint:wrapcheck // it is an error of RQL
	}
	var out []string
	if s := report.Server; s.MaxMemory > 0 && s.Memory+memory > s.MaxMemory {
		out = append(out, fmt.Sprintf("the server may use %s and uses %s: the documents do not fit", size64(s.MaxMemory), size64(s.Memory)))
	}
	for _, f := range report.Findings {
		if f.Code == string(lang.CodeMayEvict) {
			out = append(out, f.Text)
		}
	}
	return out, nil
}

// count is a number with commas, and what it counts: 1,234 records.
func count(n int64, what string) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if n != 1 {
		what += "s"
	}
	return s + " " + what
}
