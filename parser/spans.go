package parser

import "github.com/rql-lang/rql/lang"

// Spans lists where the tokens of a text appear, in order. Two texts of one
// Shape have as many, each in the place of the other's.
func Spans(text string) []lang.Span {
	s := newScanner(text, nil)
	var out []lang.Span
	for {
		t := s.next()
		if t.kind == tokEOF {
			return out
		}
		out = append(out, lang.Span{Start: t.start, End: t.end})
	}
}
