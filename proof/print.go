package main

import (
	"fmt"
	"io"
	"strconv"
)

// printer writes the figures of one proof.
type printer struct{ out io.Writer }

func (p *printer) title(name string) { fmt.Fprintf(p.out, "%s\n", name) }

// line writes one figure.
func (p *printer) line(n int, format string, args ...any) {
	fmt.Fprintf(p.out, "  %10s  %s\n", thousands(n), fmt.Sprintf(format, args...))
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
