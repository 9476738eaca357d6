package render

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// wrapped breaks the lines of a text between words so that each has at most so many columns; before stands before all but the first.
func wrapped(s string, columns int, before string) string {
	const least = 10
	if columns >= least {
		s = text.WrapSoft(s, columns)
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n"+before)
}

// Help breaks the lines of a help text that are wider than the terminal. What follows is indented as far as the second column of the
// line, or by two more than the line.
func Help(s string, columns int) string {
	if columns <= 0 {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if text.StringWidthWithoutEscSequences(line) <= columns {
			continue
		}
		head := len(line) - len(strings.TrimLeft(line, " "))
		in := head + 2
		if at := strings.LastIndex(line, "   ") + 3; at > head && at < columns*2/3 {
			head, in = at, at
		}
		lines[i] = line[:head] + wrapped(line[head:], columns-in, strings.Repeat(" ", in))
	}
	return strings.Join(lines, "\n")
}
