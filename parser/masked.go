package parser

import "strings"

// Masked returns the text with its literals replaced by ?, and white space and comments collapsed, so that it can be shown where
// no value may be. For a statement whose literals are part of a definition, and for a text that does not parse, it returns the
// first word.
func Masked(text string) string {
	shape, _, ok := Shape(text, nil)
	if !ok {
		word, _, more := strings.Cut(strings.TrimSpace(text), " ")
		for i := range len(word) {
			if c := word[i] | 0x20; c < 'a' || c > 'z' {
				word, more = word[:i], true
				break
			}
		}
		if more {
			word += " …"
		}
		return word
	}
	for i, c := range shape {
		switch c {
		case shapeInt, shapeFloat, shapeDuration, shapeString, shapeLong:
			shape[i] = '?'
		case shapeClose:
			shape[i] = '>'
		}
	}
	return string(shape)
}

// Pad fills the space of a literal that Blanked has removed.
const Pad = '\x00'

// Blanked returns the text with each literal replaced by ? and as many Pad as needed for every other token to keep its position.
// It returns false if Masked returns only a word.
func Blanked(text string) (string, bool) {
	_, literals, ok := Shape(text, nil)
	if !ok {
		return "", false
	}
	out := []byte(text)
	for _, l := range literals {
		out[l.Span.Start] = '?'
		for i := l.Span.Start + 1; i < l.Span.End; i++ {
			out[i] = Pad
		}
	}
	return string(out), true
}
