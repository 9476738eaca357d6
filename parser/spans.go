package parser

import "github.com/rql-lang/rql/lang"

// Spans lists the spans of the tokens of a text, in order. Two texts of the
// same Shape have the same number of tokens, in corresponding order.
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
