package importer

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/rql-lang/rql/exec"
)

// cell is a value of a record.
type cell struct {
	text   string
	quoted bool
	pos    exec.Pos
}

// cells reads the records of a CSV file. encoding/csv does not report whether a value is quoted, which distinguishes the empty
// string from a missing value, and converts CR LF in quotes to LF. A line ends with LF, CR LF or CR. Empty lines are skipped,
// except below a header with one column, where such a line is a record whose only cell is empty.
type cells struct {
	r      *bufio.Reader
	name   string
	comma  byte
	quote  byte // 0: there are no quotes
	single bool // the header has a single column
	line   int
	col    int
	buf    []byte
	row    []cell
}

func newCells(r *bufio.Reader, name string, comma byte) *cells {
	return &cells{r: r, name: name, comma: comma, quote: '"', line: 1}
}

// next reads a byte and sets line and col to its position.
func (c *cells) next() (byte, error) {
	b, err := c.r.ReadByte()
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("cannot read %s: %w", c.name, err)
	}
	c.col++
	return b, err
}

// record reads a record. The cells are overwritten by the next call. The error is io.EOF at the end, or a *exec.RecordError if
// the next record can still be read.
func (c *cells) record() ([]cell, error) {
	c.row = c.row[:0]
	for {
		value, last, err := c.cell()
		var bad *exec.RecordError
		switch {
		case errors.As(err, &bad):
			return nil, c.skip(err)
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		}
		blank := len(c.row) == 0 && value.text == "" && !value.quoted
		switch {
		case last && blank && err != nil:
			return nil, io.EOF
		case last && blank && !c.single:
			continue
		}
		if c.row = append(c.row, value); last {
			return c.row, nil
		}
	}
}

// skip skips the rest of the line.
func (c *cells) skip(bad error) error {
	for {
		b, err := c.next()
		if errors.Is(err, io.EOF) || err == nil && c.ends(b) {
			return bad
		}
		if err != nil {
			return err
		}
	}
}

// ends reports whether a byte ends a line, and updates the position.
func (c *cells) ends(b byte) bool {
	if b == '\r' {
		if after, err := c.r.Peek(1); err == nil && after[0] == '\n' {
			c.r.Discard(1) //nolint:errcheck // it was there
		}
	}
	if b != '\n' && b != '\r' {
		return false
	}
	c.line, c.col = c.line+1, 0
	return true
}

// run appends bytes to a value up to one of two, or to the end of a line, as far as they are in memory.
func (c *cells) run(one, two byte) {
	list, _ := c.r.Peek(c.r.Buffered()) // it is there
	list = list[:min(len(list), maxLine-len(c.buf))]
	n := 0
	for n < len(list) && list[n] != one && list[n] != two && list[n] != '\n' && list[n] != '\r' {
		n++
	}
	c.buf = append(c.buf, list[:n]...)
	c.r.Discard(n) //nolint:errcheck // it was there
	c.col += n
}

// add appends a byte to a value, whose length is limited like that of a line of JSON Lines.
func (c *cells) add(b byte, at exec.Pos) error {
	if len(c.buf) == maxLine {
		return fatal(c.name, at, "the value is longer than %d bytes; if it has quotes, they may not be closed", maxLine)
	}
	c.buf = append(c.buf, b)
	return nil
}

// cell reads a value, and reports whether it is the last one of its line.
func (c *cells) cell() (value cell, last bool, err error) {
	value.pos = exec.Pos{Line: c.line, Col: c.col + 1}
	c.buf = c.buf[:0]
	for {
		c.run(c.comma, c.quote)
		b, err := c.next()
		switch {
		case err != nil:
			value.text = string(c.buf)
			return value, true, err
		case b == c.quote && b != 0 && len(c.buf) == 0:
			return c.inQuotes(value)
		case b == c.quote && b != 0:
			return value, false, badRecord(c.name, exec.Pos{Line: c.line, Col: c.col}, `a quote inside a value without quotes; write "a ""quoted"" word"`)
		case b == c.comma:
			value.text = string(c.buf)
			return value, false, nil
		case c.ends(b):
			value.text = string(c.buf)
			return value, true, nil
		}
		if err := c.add(b, value.pos); err != nil {
			return value, false, err
		}
	}
}

// inQuotes reads a value after its first quote. An unclosed quote extends to the end of the file, so it ends the import.
func (c *cells) inQuotes(value cell) (cell, bool, error) {
	open := func(line int) error {
		return fatal(c.name, exec.Pos{Line: value.pos.Line, Col: 1}, "a quoted value is not closed, or something follows its closing quote (found at line %d)", line)
	}
	value.quoted = true
	for {
		c.run(c.quote, c.quote)
		b, err := c.next()
		switch {
		case errors.Is(err, io.EOF):
			line := c.line
			if c.col == 1 {
				line--
			}
			return value, false, open(line)
		case err != nil:
			return value, false, err
		case b == '\n':
			c.line, c.col = c.line+1, 0
		case b == c.quote:
			after, err := c.next()
			value.text = string(c.buf)
			switch {
			case errors.Is(err, io.EOF):
				return value, true, err
			case err != nil:
				return value, false, err
			case after == c.comma:
				return value, false, nil
			case after == c.quote:
			case c.ends(after):
				return value, true, nil
			default:
				return value, false, open(c.line)
			}
		}
		if err := c.add(b, value.pos); err != nil {
			return value, false, err
		}
	}
}
