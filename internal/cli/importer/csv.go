package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/rql-lang/rql/exec"
)

// csvSource reads records of text; the first line names the columns.
type csvSource struct {
	*input
	r       *csv.Reader
	name    string
	columns []string
	ended   error // the result of Next once the file cannot be read further
}

func newCSV(in *input, name string, comma rune) (*csvSource, error) {
	s := &csvSource{input: in, r: csv.NewReader(in), name: name}
	s.r.Comma = comma
	header, err := s.r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s is empty: its first line must name the columns", name)
	}
	if err != nil {
		return nil, s.wrap(err)
	}
	seen := map[string]bool{}
	for i, column := range header {
		column = strings.TrimSpace(column)
		line, col := s.r.FieldPos(i)
		switch {
		case column == "":
			return nil, fatal(name, exec.Pos{Line: line, Col: col}, "column %d has no name", i+1)
		case seen[column]:
			return nil, fatal(name, exec.Pos{Line: line, Col: col}, "two columns are named %s", column)
		}
		seen[column] = true
		s.columns = append(s.columns, column)
	}
	return s, nil
}

// Columns returns the names in the first line.
func (s *csvSource) Columns() []string { return s.columns }

// Next reads a record; every value is a string.
func (s *csvSource) Next() (map[string]any, exec.Pos, error) {
	if s.ended != nil {
		return nil, exec.Pos{}, s.ended
	}
	record, err := s.r.Read()
	if err != nil && !errors.Is(err, csv.ErrFieldCount) {
		if errors.Is(err, io.EOF) {
			s.ended = io.EOF
			return nil, exec.Pos{}, io.EOF
		}
		err = s.wrap(err)
		var rec *exec.RecordError
		if errors.As(err, &rec) {
			return nil, rec.Pos, err
		}
		s.ended = err
		return nil, exec.Pos{}, err
	}
	line, col := s.r.FieldPos(0)
	pos := exec.Pos{Line: line, Col: col}
	if err != nil {
		return nil, pos, badRecord(s.name, pos, "%d values under %d columns", len(record), len(s.columns))
	}
	row := make(map[string]any, len(record))
	for i, v := range record {
		if !utf8.ValidString(v) {
			line, col := s.r.FieldPos(i)
			p := exec.Pos{Line: line, Col: col}
			return nil, p, badRecord(s.name, p, "%s is not valid UTF-8", s.columns[i])
		}
		row[s.columns[i]] = v
	}
	return row, pos, nil
}

// wrap adds a position to an error. An unclosed quote has swallowed the rest of
// the file, so it ends the import; any other error ends one record.
func (s *csvSource) wrap(err error) error {
	var pe *csv.ParseError
	if !errors.As(err, &pe) {
		return fmt.Errorf("cannot read %s: %w", s.name, err)
	}
	switch {
	case errors.Is(pe.Err, csv.ErrQuote):
		p := exec.Pos{Line: pe.StartLine, Col: 1}
		return fatal(s.name, p, "a quoted value is not closed, or something follows its closing quote (found at line %d)", pe.Line)
	case errors.Is(pe.Err, csv.ErrBareQuote):
		return badRecord(s.name, exec.Pos{Line: pe.Line, Col: pe.Column}, `a quote inside a value without quotes; write "a ""quoted"" word"`)
	}
	return badRecord(s.name, exec.Pos{Line: pe.Line, Col: pe.Column}, "%v", pe.Err)
}
