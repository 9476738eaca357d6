package lang

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a rendered source line, in columns of a terminal.
const (
	renderWidth = 100
	renderLeast = 20
	renderTab   = 4
)

// Render shows the diagnostic with its position, the source line, carets under
// the span, and the hint. The text ends with a line break. Without a source
// only the message and the hint are shown. It is safe to print: characters that
// could harm a terminal are escaped.
func (d *Diag) Render(src *Source) string { return d.RenderIn(src, 0) }

// RenderIn is Render for a terminal of so many columns, so that the carets stay under what they mark; 0: unknown.
func (d *Diag) RenderIn(src *Source, columns int) string {
	width := renderWidth
	if columns > 0 {
		width = max(renderLeast, min(width, columns-6)) // without the indentation and two dots
	}
	var b strings.Builder
	kind := string(d.Code)
	if d.Severity == SeverityWarning {
		kind = "warning: " + kind
	}
	if src != nil {
		line, col := src.Position(d.Span.Start)
		if src.Name != "" {
			b.WriteString(Visible(src.Name) + ":")
		}
		fmt.Fprintf(&b, "%d:%d: ", line, col)
	}
	fmt.Fprintf(&b, "%s: %s\n", kind, Visible(d.Message))
	if src != nil {
		text, carets := src.snippet(d.Span, width)
		if strings.TrimSpace(text) != "" {
			b.WriteString("  " + text + "\n  " + carets + "\n")
		}
	}
	if d.Within != nil {
		d.Within.render(&b, width)
	}
	if d.Hint != "" {
		b.WriteString("  hint: " + VisibleLines(d.Hint) + "\n")
	}
	return b.String()
}

// render shows a position in another text, indented further.
func (w *Within) render(b *strings.Builder, width int) {
	line, col := w.Source.Position(w.Span.Start)
	fmt.Fprintf(b, "  in %s, %d:%d:\n", Visible(w.Name), line, col)
	if text, carets := w.Source.snippet(w.Span, width); strings.TrimSpace(text) != "" {
		b.WriteString("    " + text + "\n    " + carets + "\n")
	}
}

// Render shows every diagnostic of the list.
func (ds Diags) Render(src *Source) string {
	var b strings.Builder
	for _, d := range ds {
		b.WriteString(d.Render(src))
	}
	return b.String()
}

// cell is one code point of a source line as a terminal displays it.
type cell struct {
	text  string
	width int
	mark  bool // the span covers it
}

// snippet returns the line on which the span begins, and a line of carets under
// the part of it that the span covers. Of a line of more columns than width, a
// part is returned.
func (s *Source) snippet(sp Span, width int) (text, carets string) {
	line, start := s.lineAt(sp.Start)
	cells, first := cellsOf(line, sp.Start-start, sp.End-start)
	from, to := window(cells, first, width)
	var t, c strings.Builder
	if from > 0 {
		t.WriteString("…")
		c.WriteString(" ")
	}
	for _, cell := range cells[from:to] {
		t.WriteString(cell.text)
		fill := " "
		if cell.mark {
			fill = "^"
		}
		c.WriteString(strings.Repeat(fill, cell.width))
	}
	if to < len(cells) && !cells[to].end() {
		t.WriteString("…")
	}
	return strings.TrimRight(t.String(), " "), strings.TrimRight(c.String(), " ")
}

// end marks the empty cell after a line, so that a caret can be placed under
// it.
func (c cell) end() bool { return c.text == " " && c.width == 1 && c.mark }

// lineAt returns the line that contains the offset, and its start. For a very
// long line only the part near the offset is used.
func (s *Source) lineAt(offset int) (line string, start int) {
	const near = 4 * renderWidth
	offset = min(max(offset, 0), len(s.Text))
	start = strings.LastIndexByte(s.Text[:offset], '\n') + 1
	end := len(s.Text)
	if i := strings.IndexByte(s.Text[offset:], '\n'); i >= 0 {
		end = offset + i
	}
	if end > start && s.Text[end-1] == '\r' {
		end--
	}
	end = max(end, start)
	if offset-start > near {
		start = offset - near
		for start < offset && s.Text[start]&0xC0 == 0x80 { // not inside a code point
			start++
		}
	}
	if end-offset > near {
		end = offset + near
	}
	return s.Text[start:end], start
}

// cellsOf splits a line into cells; those from byte a to byte b, at least one,
// are marked. first is the first marked one.
func cellsOf(line string, a, b int) (cells []cell, first int) {
	first = -1
	col := 0
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRuneInString(line[i:])
		c := cell{text: line[i : i+n], width: runeWidth(r), mark: i >= a && i < max(b, a+1)}
		switch {
		case r == '\t':
			c.width = renderTab - col%renderTab
			c.text = strings.Repeat(" ", c.width)
		case harmful(r, n, false):
			c.text = visibleRune(r, c.text)
			c.width = len(c.text)
		}
		i += n
		if c.mark && first < 0 {
			first = len(cells)
		}
		col += c.width
		cells = append(cells, c)
	}
	if first < 0 { // the end of the line
		first = len(cells)
		cells = append(cells, cell{text: " ", width: 1, mark: true})
	}
	return cells, first
}

// window selects the cells to show: all, or columns of them around first.
func window(cells []cell, first, columns int) (from, to int) {
	width := 0
	for _, c := range cells {
		width += c.width
	}
	if width <= columns {
		return 0, len(cells)
	}
	from = first
	for room := columns / 3; from > 0 && room > 0; from-- {
		room -= cells[from-1].width
	}
	to = from
	for room := columns; to < len(cells) && room > 0; to++ {
		room -= cells[to].width
	}
	return from, to
}

// isWide reports whether a code point belongs to a block of double-width characters.
func isWide(r rune) bool {
	for _, b := range [...][2]rune{
		{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xA000, 0xA4CF},
		{0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6},
		{0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
	} {
		if r >= b[0] && r <= b[1] {
			return true
		}
	}
	return false
}

// runeWidth returns the number of terminal columns of a code point.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case isWide(r):
		return 2
	}
	return 1
}
