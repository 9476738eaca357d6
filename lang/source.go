package lang

import (
	"sort"
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// Span is a half-open range of byte offsets in a Source.
type Span struct{ Start, End int }

// To returns the span from the start of s to the end of t.
func (s Span) To(t Span) Span { return Span{s.Start, t.End} }

// Source is a named piece of RQL text. Line numbers, columns and carets are
// computed here and nowhere else; all other code uses byte spans.
type Source struct {
	Name  string // file name, or "" for text given in a program
	Text  string
	lines atomic.Pointer[[]int] // offsets of line starts, computed on first use

	skipLines, skipCols int // length of the text before Text in its file
}

// NewSource returns a source with the given name and text.
func NewSource(name, text string) *Source { return &Source{Name: name, Text: text} }

// starts returns the offsets at which lines begin.
func (s *Source) starts() []int {
	if known := s.lines.Load(); known != nil {
		return *known
	}
	lines := []int{0}
	for i := 0; i < len(s.Text); {
		n := strings.IndexByte(s.Text[i:], '\n')
		if n < 0 {
			break
		}
		i += n + 1
		lines = append(lines, i)
	}
	s.lines.Store(&lines)
	return lines
}

// NewSourceAt returns a source that is part of a longer file: its text begins
// at the given line and column, both from 1, and positions count from there.
func NewSourceAt(name, text string, line, col int) *Source {
	s := NewSource(name, text)
	s.skipLines, s.skipCols = line-1, col-1
	return s
}

// Position returns the line and column, both from 1, of a byte offset; the
// column counts code points.
func (s *Source) Position(offset int) (line, col int) {
	if offset > len(s.Text) {
		offset = len(s.Text)
	}
	lines := s.starts()
	line = sort.SearchInts(lines, offset+1)
	start := lines[line-1]
	col = utf8.RuneCountInString(s.Text[start:offset]) + 1
	if line == 1 {
		col += s.skipCols
	}
	return line + s.skipLines, col
}

// Line returns the text of a line (numbered as Position does) without its line
// break.
func (s *Source) Line(n int) string {
	n -= s.skipLines
	lines := s.starts()
	if n < 1 || n > len(lines) {
		return ""
	}
	start, end := lines[n-1], len(s.Text)
	if n < len(lines) {
		end = lines[n] - 1
	}
	return strings.TrimSuffix(s.Text[start:end], "\r")
}

// Slice returns the text of a span.
func (s *Source) Slice(sp Span) string {
	a, b := max(sp.Start, 0), min(sp.End, len(s.Text))
	if a >= b {
		return ""
	}
	return s.Text[a:b]
}
