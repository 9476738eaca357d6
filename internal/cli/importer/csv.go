package importer

import (
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
	r       *cells
	name    string
	columns []string
	ended   error // the result of Next once the file cannot be read further
}

func newCSV(in *input, name string, comma byte) (*csvSource, error) {
	s := &csvSource{input: in, r: newCells(in.Reader, name, comma), name: name}
	header, err := s.r.record()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s is empty: its first line must name the columns", name)
	}
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i, c := range header {
		column := strings.TrimSpace(c.text)
		switch {
		case column == "":
			return nil, fatal(name, c.pos, "column %d has no name", i+1)
		case seen[column]:
			return nil, fatal(name, c.pos, "two columns are named %s", column)
		}
		seen[column] = true
		s.columns = append(s.columns, column)
	}
	s.r.single = len(header) == 1
	return s, nil
}

// texts returns the cells of a record, of which those that are not valid UTF-8 are null.
func texts(record []cell) []any {
	out := make([]any, len(record))
	for i, c := range record {
		if utf8.ValidString(c.text) {
			out[i] = c.text
		}
	}
	return out
}

// Columns returns the names in the first line.
func (s *csvSource) Columns() []string { return s.columns }

// Next reads a record. Every value is a string, or nil for an empty cell without quotes.
func (s *csvSource) Next() (map[string]any, exec.Pos, error) {
	if s.ended != nil {
		return nil, exec.Pos{}, s.ended
	}
	record, err := s.r.record()
	var bad *exec.RecordError
	switch {
	case errors.As(err, &bad):
		return nil, bad.Pos, err
	case err != nil:
		s.ended = err
		return nil, exec.Pos{}, err
	}
	pos := record[0].pos
	if len(record) != len(s.columns) {
		return nil, pos, &exec.RecordError{File: s.name, Pos: pos, Record: texts(record), Message: fmt.Sprintf("%d values under %d columns", len(record), len(s.columns))}
	}
	row := make(map[string]any, len(record))
	for i, c := range record {
		switch {
		case !utf8.ValidString(c.text):
			return nil, c.pos, badRecord(s.name, c.pos, "%s is not valid UTF-8", s.columns[i])
		case c.text == "" && !c.quoted:
			row[s.columns[i]] = nil
		default:
			row[s.columns[i]] = c.text
		}
	}
	return row, pos, nil
}
