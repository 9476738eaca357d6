package importer

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// csvSource reads records of text; the first line names the columns.
type csvSource struct {
	*input
	r       *cells
	name    string
	columns []string
	null    string         // a cell without quotes that is null
	row     map[string]any // that Next returns
	first   []cell         // of a file without header, until it is returned
	ended   error          // the result of Next once the file cannot be read further
}

func newCSV(in *input, name string, comma byte, o lang.FileOptions) (*csvSource, error) {
	s := &csvSource{input: in, r: newCells(in.Reader, name, cmp.Or(o.Delimiter, comma)), name: name, null: o.Null}
	if s.r.quote = cmp.Or(o.Quote, '"'); o.NoQuote {
		s.r.quote = 0
	}
	if o.NoHeader {
		return s, s.withoutHeader(o.Columns)
	}
	header, err := s.r.record()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s is empty: its first line must name the columns", name)
	}
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i, c := range header {
		column := columnName(strings.TrimSpace(c.text))
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

// columnName returns the name by which a column can be named: each character that a name cannot have is _.
func columnName(text string) string {
	name := strings.Map(func(r rune) rune {
		if r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '_'
	}, text)
	if name != "" && unicode.IsDigit(rune(name[0])) {
		name = "_" + name
	}
	return name
}

// withoutHeader names the columns, as many as the first record has, which is the first that Next returns.
func (s *csvSource) withoutHeader(names []string) error {
	first, err := s.r.record()
	var bad *exec.RecordError
	switch {
	case errors.Is(err, io.EOF):
		s.ended = io.EOF
		s.columns = []string{}
		return nil
	case errors.As(err, &bad):
		return fmt.Errorf("the first record says how many columns there are: %w", err)
	case err != nil:
		return err
	}
	s.first = slices.Clone(first)
	for i := range first {
		switch {
		case names == nil:
			s.columns = append(s.columns, "c"+strconv.Itoa(i+1))
		case i < len(names):
			s.columns = append(s.columns, names[i])
		default:
			return fatal(s.name, first[i].pos, "%d values for the %d fields of the model", len(first), len(names))
		}
	}
	s.r.single = len(first) == 1
	return nil
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
	record, err := s.first, error(nil)
	if s.first = nil; record == nil {
		record, err = s.r.record()
	}
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
	if s.row == nil {
		s.row = make(map[string]any, len(record))
	}
	for i, c := range record {
		switch {
		case !utf8.ValidString(c.text):
			return nil, c.pos, badRecord(s.name, c.pos, "%s is not valid %s", s.columns[i], s.charset)
		case c.text == s.null && !c.quoted:
			s.row[s.columns[i]] = nil
		default:
			s.row[s.columns[i]] = c.text
		}
	}
	return s.row, pos, nil
}
