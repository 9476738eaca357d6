package format

import (
	"strings"
	"unicode/utf8"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// layout decides where the lines of a text begin.
type layout struct {
	file   *lang.File
	text   string
	items  []item
	groups []*group
	models []fields
}

func newLayout(f *lang.File) *layout {
	l := &layout{file: f, text: f.Source.Text, items: items(f.Source.Text)}
	rolesOf(f).give(l.items)
	l.pair()
	l.statements(f.Stmts, 0)
	l.clauses(f)
	l.spread()
	return l
}

// pair finds the two ends of all brackets.
func (l *layout) pair() {
	var open []int
	for i := range l.items {
		it := &l.items[i]
		switch {
		case it.opens():
			open = append(open, i)
		case it.shuts() && len(open) > 0:
			o := open[len(open)-1]
			open = open[:len(open)-1]
			it.partner, l.items[o].partner = o, i
		}
	}
}

// spread makes the groups wide that hold a line break of the author, or a comment that ends with its line.
func (l *layout) spread() {
	for _, g := range l.groups {
		for i := g.open + 1; i <= g.end && !g.wide; i++ {
			g.wide = l.items[i].breaks > 0 && !l.joins(i) || l.items[i-1].line()
		}
	}
}

// joins reports an item that never begins a line of its own accord.
func (l *layout) joins(i int) bool {
	it := &l.items[i]
	return it.is(";") || it.is(",") || it.is(".") || it.is(":") || it.glued || it.inType
}

// breakLines decides which items begin a line.
func (l *layout) breakLines() {
	parts := map[int]bool{}
	for _, g := range l.groups {
		for _, p := range g.parts {
			parts[p] = parts[p] || g.wide
		}
	}
	for i := range l.items {
		it := &l.items[i]
		within, part := parts[i]
		switch {
		case i == 0:
			it.broken = true
		case l.items[i-1].line() || it.forced:
			it.broken = true
		case part:
			it.broken = within
		case it.starts:
			it.broken = true // of the file
		case it.comment():
			it.broken = it.breaks > 0
		case l.joins(i):
			it.broken = false
		case it.shuts() && it.partner >= 0 && !it.closes:
			it.broken = l.items[it.partner+1].broken
		default:
			it.broken = it.breaks > 0 && !l.items[i-1].is(".") && !l.items[i-1].sign
		}
		it.blank = it.broken && it.breaks > 1 && i > 0 && l.loose(i)
	}
}

// loose reports a line in front of which an empty one may stand: what begins there, or a comment above it, is part of a list.
func (l *layout) loose(i int) bool {
	if p := &l.items[i-1]; p.opens() || p.kind == parser.TokenBlock && !p.closes || p.keyword && l.starts(i) && !p.starts && l.opensBlock(i-1) {
		return false
	}
	return l.starts(i)
}

// starts reports an item that begins a part of a list, or a comment in front of one.
func (l *layout) starts(i int) bool {
	for i < len(l.items) && l.items[i].comment() {
		i++
	}
	return i == len(l.items) || l.items[i].starts
}

// opensBlock reports the word behind which a block begins.
func (l *layout) opensBlock(i int) bool {
	t := l.items[i].text
	return t == "THEN" || t == "ELSE" || t == "DO"
}

// frame is an open bracket.
type frame struct {
	line  int // indentation of the line that it stands on
	inner int // of the lines within
}

// write writes the text out.
func (l *layout) write() string {
	for {
		l.breakLines()
		l.align()
		out, long := l.print()
		if !l.shorten(long) {
			return out
		}
	}
}

// line is a line that was written.
type line struct{ first, last int }

// print writes all items, and returns the lines that are too long.
func (l *layout) print() (string, []line) {
	var b strings.Builder
	var long []line
	var open []frame
	indent, base, first, column := 0, 0, 0, 0
	deeper := 0 // 1 behind a clause that begins a line
	for i := range l.items {
		it := &l.items[i]
		if it.starts {
			base, deeper = it.depth, 0
			open = open[:0]
		}
		if it.clause && len(open) == 0 {
			deeper = 0
		}
		if it.broken {
			if i > 0 {
				if column > Width {
					long = append(long, line{first, i - 1})
				}
				b.WriteByte('\n')
				if it.blank {
					b.WriteByte('\n')
				}
			}
			indent = l.indent(i, base+1+deeper, open)
			b.WriteString(strings.Repeat("  ", indent))
			first, column = i, 2*indent
			if it.clause && len(open) == 0 {
				deeper = 1
			}
		} else if spaced(&l.items[i-1], it) {
			b.WriteString(strings.Repeat(" ", 1+it.pad))
			column += 1 + it.pad
		}
		b.WriteString(it.text)
		if n := strings.LastIndexByte(it.text, '\n'); n >= 0 {
			column = utf8.RuneCountInString(it.text[n+1:])
		} else {
			column += utf8.RuneCountInString(it.text)
		}
		switch {
		case it.closes && it.group != nil:
			base, deeper = it.depth, 0
			open = open[:0]
		case it.opens():
			inner := base + 1 + deeper
			if len(open) > 0 {
				inner = open[len(open)-1].inner
			}
			if i+1 < len(l.items) && l.items[i+1].broken {
				inner = indent + 1
			} else if !it.glued && it.is("(") {
				inner++
			}
			open = append(open, frame{indent, inner})
		case it.shuts() && len(open) > 0:
			open = open[:len(open)-1]
		}
	}
	if column > Width {
		long = append(long, line{first, len(l.items) - 1})
	}
	if len(l.items) > 0 {
		b.WriteByte('\n')
	}
	return b.String(), long
}

// indent is the indentation of a line that begins with an item: that of lines which go on with a statement, if it begins nothing.
func (l *layout) indent(i, on int, open []frame) int {
	next := i
	for next < len(l.items)-1 && l.items[next].comment() {
		next++
	}
	it := &l.items[next]
	switch {
	case it.comment(): // the end of the text
		return 0
	case it.starts:
		return it.depth
	case it.closes && next == i:
		return it.depth
	case it.closes:
		return it.depth + 1
	case it.shuts() && len(open) > 0 && next == i:
		return open[len(open)-1].line
	case len(open) > 0:
		return open[len(open)-1].inner
	}
	return on
}
