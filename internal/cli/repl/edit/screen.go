package edit

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Escape sequences for styles.
const (
	bold     = "\x1b[1m"
	dim      = "\x1b[2m"
	reversed = "\x1b[7m"
	alert    = "\x1b[1;31m"
	reset    = "\x1b[0m"
)

// sgr maps each style to its escape sequence.
var sgr = [...]string{
	Plain: "", Keyword: "\x1b[1;34m", Name: "\x1b[36m", String: "\x1b[32m",
	Number: "\x1b[35m", Comment: dim, Wrong: "\x1b[31m",
}

// sheet lays out characters in rows of a fixed width.
type sheet struct {
	width  int
	color  bool
	rows   []string
	row    strings.Builder
	col    int
	indent int    // of the rows after a line break
	style  string // of the last character in the row
	cursor struct{ row, col int }
}

// text appends a text in a style.
func (s *sheet) text(text, style string) {
	for _, r := range text {
		s.rune(r, style)
	}
}

func (s *sheet) rune(r rune, style string) {
	switch r {
	case '\n':
		s.brk()
		s.text(strings.Repeat(" ", s.indent), "")
		return
	case '\t':
		r = ' '
	}
	w := runewidth.RuneWidth(r)
	if s.col+w > s.width {
		s.brk()
	}
	if s.color && style != s.style {
		if s.style != "" {
			s.row.WriteString(reset)
		}
		s.row.WriteString(style)
		s.style = style
	}
	s.row.WriteRune(r)
	s.col += w
}

// brk ends the row.
func (s *sheet) brk() {
	if s.style != "" {
		s.row.WriteString(reset)
	}
	s.rows = append(s.rows, s.row.String())
	s.row.Reset()
	s.col, s.style = 0, ""
}

// mark makes the position of the next character that of the cursor.
func (s *sheet) mark() {
	if s.col == s.width {
		s.brk()
	}
	s.cursor.row, s.cursor.col = len(s.rows), s.col
}

// screen is the part of the terminal that shows the input.
type screen struct {
	out  io.Writer
	rows []string // rows as drawn
	row  int      // row of the cursor
}

// draw replaces the drawn rows by those of a sheet, or only moves the cursor if they are equal. It shows at most height rows,
// those around the cursor; all of them if height is 0.
func (s *screen) draw(sh *sheet, height int) {
	sh.brk()
	rows, row := sh.rows, sh.cursor.row
	if height > 0 && len(rows) > height {
		first := max(0, min(row-height/2, len(rows)-height))
		rows, row = rows[first:first+height], row-first
	}
	var b strings.Builder
	if slices.Equal(rows, s.rows) {
		up(&b, s.row-row)
		down(&b, row-s.row)
	} else {
		s.home(&b)
		b.WriteString(strings.Join(rows, "\r\n"))
		up(&b, len(rows)-1-row)
	}
	b.WriteByte('\r')
	if sh.cursor.col > 0 {
		fmt.Fprintf(&b, "\x1b[%dC", sh.cursor.col)
	}
	s.rows, s.row = rows, row
	s.write(b.String())
}

// forget makes the next draw begin at the cursor.
func (s *screen) forget() { s.rows, s.row = nil, 0 }

// home moves the cursor to the first row and clears what was drawn.
func (s *screen) home(b *strings.Builder) {
	up(b, s.row)
	b.WriteString("\r\x1b[J")
}

func up(b *strings.Builder, n int) {
	if n > 0 {
		fmt.Fprintf(b, "\x1b[%dA", n)
	}
}

func down(b *strings.Builder, n int) {
	if n > 0 {
		fmt.Fprintf(b, "\x1b[%dB", n)
	}
}

// write writes text unchanged.
func (s *screen) write(text string) { _, _ = io.WriteString(s.out, text) } // if the terminal is gone, the input ends
