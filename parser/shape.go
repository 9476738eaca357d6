package parser

import (
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// Literal is a literal token of a text.
type Literal struct {
	Value any // int64, float64, lang.Duration or string
	Span  lang.Span
}

// Bytes that take the place, in a shape, of literals and of the end of an
// ATOMIC block. No token of RQL contains them.
const (
	shapeInt      = '\x01'
	shapeFloat    = '\x02'
	shapeDuration = '\x03'
	shapeString   = '\x04'
	shapeClose    = '\x05'
	shapeLong     = '\x06' // an integer beyond the range of int: another type
	shapeLeast    = '\x07' // the smallest int64: its minus is a part of it
)

// Shape appends the text to buf with comments and blanks folded and each
// literal replaced by a byte for its kind, and lists the literals: the n-th has
// the ordinal n that lang.Literal.Ord gives. Texts with equal shapes have equal
// trees except for the values of their literals, so a plan can be cached by
// shape. Words are kept as written, and so are strings that name a member of an
// object.
//
// ok is false if that does not apply: the text has a lexical error, is too
// long, or has a statement whose literals are part of a definition instead of
// values.
func Shape(text string, buf []byte) (shape []byte, literals []Literal, ok bool) {
	if len(text) > lang.MaxSource || !utf8.ValidString(text) {
		return buf, nil, false
	}
	s := newScanner(text, nil)
	shape = buf
	for {
		before := s.last
		t := s.next()
		if t.kind == tokEOF {
			return shape, literals, !s.bad
		}
		if s.bad || s.tooMany() || t.kind == tokWord && startsUnshaped(text, before, t) {
			return shape, nil, false
		}
		if len(shape) > len(buf) {
			shape = append(shape, ' ')
		}
		if t.ord < 0 {
			if t.kind == tokClose {
				shape = append(shape, shapeClose)
				continue
			}
			shape = append(shape, text[t.start:t.end]...)
			continue
		}
		if literals == nil {
			literals = make([]Literal, 0, 4)
		}
		v := tokenValue(t.kind, text[t.start:t.end])
		mark, start := literalMark(t.kind, v), t.start
		if mark == shapeLeast {
			start = before.start
		}
		literals = append(literals, Literal{v, lang.Span{Start: start, End: t.end}})
		shape = append(shape, mark)
	}
}

func literalMark(kind lexer.TokenType, value any) byte {
	switch kind {
	case tokInt:
		switch n, _ := value.(int64); {
		case n < 0:
			return shapeLeast
		case n > lang.MaxInt:
			return shapeLong
		}
		return shapeInt
	case tokFloat:
		return shapeFloat
	case tokDuration:
		return shapeDuration
	}
	return shapeString
}

// startsUnshaped reports whether t, a word where a statement may begin, begins
// a statement whose literals are part of a definition. A name with that
// spelling in that place only means that the plan is not cached.
func startsUnshaped(text string, before, t token) bool {
	if !heads().unshaped.hasText(t.of(text)) {
		return false
	}
	switch before.kind {
	case tokWord:
		return words(" EXPLAIN PROFILE ANALYZE END ").hasText(before.of(text))
	case tokClose:
		return true
	case tokSign:
		return text[before.start] == ';' || text[before.start] == '}'
	}
	return before.end == 0
}
