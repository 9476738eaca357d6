package lsp

import (
	"sort"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
)

// text is a document whose places are counted as the editor counts them.
type text struct {
	s     string
	bytes bool  // columns are bytes (utf-8), else UTF-16 code units
	lines []int // offsets of line starts
}

func newText(s string, bytes bool) *text {
	t := &text{s: s, bytes: bytes, lines: []int{0}}
	for i := range len(s) {
		if s[i] == '\n' {
			t.lines = append(t.lines, i+1)
		}
	}
	return t
}

// position is the place of an offset.
func (t *text) position(offset int) position {
	offset = min(max(offset, 0), len(t.s))
	line := sort.SearchInts(t.lines, offset+1) - 1
	before := t.s[t.lines[line]:offset]
	if t.bytes {
		return position{line, len(before)}
	}
	n := 0
	for _, r := range before {
		n += utf16.RuneLen(max(r, 0))
	}
	return position{line, n}
}

func (t *text) rangeOf(sp lang.Span) textRange {
	return textRange{t.position(sp.Start), t.position(sp.End)}
}

// offset is where a place is; one behind the end of its line is the end of the line.
func (t *text) offset(p position) int {
	if p.Line < 0 {
		return 0
	}
	if p.Line >= len(t.lines) {
		return len(t.s)
	}
	start, end := t.lines[p.Line], len(t.s)
	if p.Line+1 < len(t.lines) {
		end = t.lines[p.Line+1] - 1
	}
	line := strings.TrimSuffix(t.s[start:end], "\r")
	if t.bytes {
		return start + min(max(p.Character, 0), len(line))
	}
	at := 0
	for n := p.Character; n > 0 && at < len(line); {
		r, size := utf8.DecodeRuneInString(line[at:])
		n -= utf16.RuneLen(r)
		at += size
	}
	return start + at
}
