package importer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// jsonSource streams the objects of one array, or a sequence of objects.
type jsonSource struct {
	*input
	name  string
	lines *lineCounter
	dec   *json.Decoder
	array bool
	ended error
}

func newJSON(in *input, name string) (*jsonSource, error) {
	s := &jsonSource{input: in, name: name, lines: &lineCounter{r: in}}
	s.dec = json.NewDecoder(s.lines)
	first, err := firstByte(in.Reader)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("cannot read %s: %w", name, err)
	}
	if first == '[' {
		s.array = true
		if _, err := s.dec.Token(); err != nil {
			return nil, s.broken(err)
		}
	}
	return s, nil
}

// firstByte returns the first byte that is not blank, without consuming it; a
// file with only blanks returns io.EOF.
func firstByte(r *bufio.Reader) (byte, error) {
	for n := 1; ; n++ {
		head, err := r.Peek(n)
		if err != nil {
			return 0, err
		}
		if c := head[n-1]; c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c, nil
		}
	}
}

// Columns is nil: each record names its own.
func (s *jsonSource) Columns() []string { return nil }

// Next reads an object.
func (s *jsonSource) Next() (map[string]any, exec.Pos, error) {
	if s.ended != nil {
		return nil, exec.Pos{}, s.ended
	}
	if s.array && !s.dec.More() {
		s.ended = s.finish()
		return nil, exec.Pos{}, s.ended
	}
	var raw json.RawMessage
	if err := s.dec.Decode(&raw); err != nil {
		s.ended = io.EOF
		if s.array || !errors.Is(err, io.EOF) {
			s.ended = s.broken(err)
		}
		return nil, exec.Pos{}, s.ended
	}
	pos := s.lines.at(s.dec.InputOffset() - int64(len(raw)))
	row, err := s.object(raw, s.name, pos)
	return row, pos, err
}

// finish reads the end of the array; nothing may follow it.
func (s *jsonSource) finish() error {
	if _, err := s.dec.Token(); err != nil {
		return s.broken(err)
	}
	if _, err := s.dec.Token(); !errors.Is(err, io.EOF) {
		return fatal(s.name, s.lines.at(s.dec.InputOffset()), "something follows the array")
	}
	return io.EOF
}

// broken returns the error for text that is not JSON.
func (s *jsonSource) broken(err error) error {
	var syntax *json.SyntaxError
	var offset int64
	switch {
	case errors.As(err, &syntax):
		offset = s.errorOffset()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("the file ends in the middle")
		offset = s.lines.read
	default:
		return fmt.Errorf("cannot read %s: %w", s.name, err)
	}
	return fatal(s.name, s.lines.at(offset), "not JSON: %w", err)
}

// errorOffset finds the byte that is not JSON. The offset of the decoder's
// error covers only what Decode has read, so the rest is read again.
func (s *jsonSource) errorOffset() int64 {
	offset := s.dec.InputOffset()
	rest, err := io.ReadAll(s.dec.Buffered())
	if err != nil {
		return offset
	}
	value := bytes.TrimLeft(rest, " \t\r\n")
	if s.array && len(value) > 0 && value[0] == ',' {
		value = bytes.TrimLeft(value[1:], " \t\r\n")
	}
	offset += int64(len(rest) - len(value))
	var syntax *json.SyntaxError
	var raw json.RawMessage
	if errors.As(json.NewDecoder(bytes.NewReader(value)).Decode(&raw), &syntax) {
		offset += syntax.Offset - 1
	}
	return offset
}

// lineSource reads one object per line.
type lineSource struct {
	*input
	name string
	line int
}

func newLines(in *input, name string) *lineSource { return &lineSource{input: in, name: name} }

// maxLine bounds the length of a line in bytes.
const maxLine = 16 << 20

// Columns is nil: each record names its own.
func (s *lineSource) Columns() []string { return nil }

// Next reads the next line that is not empty.
func (s *lineSource) Next() (map[string]any, exec.Pos, error) {
	for {
		line, err := s.readLine()
		if err != nil {
			return nil, exec.Pos{}, err
		}
		s.line++
		pos := exec.Pos{Line: s.line, Col: 1}
		trimmed := bytes.TrimSpace(line)
		if len(trimmed) == 0 {
			continue
		}
		if !json.Valid(trimmed) {
			var x any
			err := json.Unmarshal(line, &x)
			var syntax *json.SyntaxError
			if errors.As(err, &syntax) {
				pos.Col = int(max(syntax.Offset, 1))
			}
			return nil, pos, badRecord(s.name, pos, "not JSON: %v", err)
		}
		row, err := s.object(trimmed, s.name, pos)
		return row, pos, err
	}
}

func (s *lineSource) readLine() ([]byte, error) {
	var line []byte
	for {
		part, err := s.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return nil, fatal(s.name, exec.Pos{Line: s.line + 1, Col: 1}, "the line is longer than %d bytes", maxLine)
		case err == nil, errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("cannot read %s: %w", s.name, err)
		}
	}
}

// object reads a record: see codec.ReadJSON.
func (in *input) object(raw []byte, name string, pos exec.Pos) (map[string]any, error) {
	if !utf8.Valid(raw) {
		return nil, badRecord(name, pos, "not valid %s", in.charset)
	}
	if raw[0] != '{' {
		return nil, badRecord(name, pos, "expected an object, found %s", kindName(raw[0]))
	}
	v, err := codec.ReadJSON(string(raw), lang.TypeUnknown)
	var bad *codec.Error
	if errors.As(err, &bad) {
		return nil, &exec.RecordError{File: name, Pos: pos, Message: bad.Message, Code: bad.Code}
	}
	return v.(map[string]any), nil
}

func kindName(c byte) string {
	switch c {
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// lineCounter remembers the starts of the lines that a decoder has read ahead,
// so that an offset can be reported as line and column. Offsets must not
// decrease.
type lineCounter struct {
	r      io.Reader
	read   int64   // bytes passed through
	starts []int64 // of lines after the last requested position
	line   int     // lines before that position
	start  int64   // where its line begins
}

// Read records the line starts of what it passes through.
func (c *lineCounter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i := 0; i < n; {
		j := bytes.IndexByte(p[i:n], '\n')
		if j < 0 {
			break
		}
		i += j + 1
		c.starts = append(c.starts, c.read+int64(i))
	}
	c.read += int64(n)
	return n, err
}

func (c *lineCounter) at(offset int64) exec.Pos {
	n := 0
	for n < len(c.starts) && c.starts[n] <= offset {
		n++
	}
	if n > 0 {
		c.line, c.start = c.line+n, c.starts[n-1]
		c.starts = append(c.starts[:0], c.starts[n:]...)
	}
	return exec.Pos{Line: c.line + 1, Col: int(offset-c.start) + 1}
}
