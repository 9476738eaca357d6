package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// cursor reads participle's tokens for the hand-written part of the parser.
type cursor struct {
	*lexer.PeekingLexer
	model bool // in a MODEL body and outside its brackets: a word on a new line ends the item
	depth int  // nested brackets and operators
	plain bool // numbers take no unit here
}

// prev returns the token last consumed, or nil.
func (c *cursor) prev() *lexer.Token {
	at := c.RawCursor()
	if at == 0 {
		return nil
	}
	return &c.Range(at-1, at)[0]
}

// peekAt returns the token n after the next one.
func (c *cursor) peekAt(n int) *lexer.Token {
	cp := c.MakeCheckpoint()
	for range n {
		c.Next()
	}
	t := c.Peek()
	c.LoadCheckpoint(cp)
	return t
}

// from returns the span from a start to the end of the last consumed token.
func (c *cursor) from(start int) lang.Span {
	end := start
	if p := c.prev(); p != nil {
		end = max(end, endOf(p))
	}
	return lang.Span{Start: start, End: end}
}

func (c *cursor) start() int { return c.Peek().Pos.Offset }

func (c *cursor) take(word string) bool {
	if is(c.Peek(), word) {
		c.Next()
		return true
	}
	return false
}

func (c *cursor) takeSign(sign string) bool {
	if isSign(c.Peek(), sign) {
		c.Next()
		return true
	}
	return false
}

func (c *cursor) want(word string) error {
	if !c.take(word) {
		return unexpected(c.Peek(), c.prev(), word)
	}
	return nil
}

func (c *cursor) wantSign(sign string) error {
	if !c.takeSign(sign) {
		return unexpected(c.Peek(), c.prev(), "`"+sign+"`")
	}
	return nil
}

// wantClose consumes the bracket that closes open.
func (c *cursor) wantClose(open *lexer.Token, sign, others string) error {
	if c.takeSign(sign) {
		return nil
	}
	t := c.Peek()
	if t.EOF() || isSign(t, ";") || t.Type == tokClose || t.Type == tokSign && strings.Contains(")]}", t.Value) {
		return unclosedBracket(open, t, sign)
	}
	return unexpected(t, c.prev(), others+"`"+sign+"`")
}

// onNewLine reports whether the next token begins a line of a model body,
// outside brackets.
func (c *cursor) onNewLine() bool {
	if !c.model {
		return false
	}
	p := c.prev()
	line := p.Pos.Line
	if p.Type == tokString {
		line += strings.Count(p.Value, "\n")
	}
	return c.Peek().Pos.Line > line
}

// inside runs f for the contents of brackets, where line breaks are not
// significant.
func (c *cursor) inside(open *lexer.Token, f func() error) error {
	was := c.model
	c.model = false
	err := c.nested(open, f)
	c.model = was
	return err
}

// nested runs f one level deeper, up to the limit.
func (c *cursor) nested(at *lexer.Token, f func() error) error {
	if c.depth++; c.depth > lang.MaxDepth {
		return failFatal(at, tooDeep(spanOf(at), "brackets and operators", lang.MaxDepth))
	}
	err := f()
	c.depth--
	return err
}

// name reads a name; what ("a model", "a field") describes it in the error
// message.
func (c *cursor) name(what string) (lang.Ident, error) {
	t := c.Peek()
	if !isName(t) {
		return lang.Ident{}, unexpected(t, c.prev(), what)
	}
	if reservedWords.has(t) {
		return lang.Ident{}, fail(t, reservedWord(t))
	}
	c.Next()
	return identOf(t), nil
}

// path reads name.name…
func (c *cursor) path() (lang.Path, error) {
	id, err := c.name("a field")
	if err != nil {
		return nil, err
	}
	p := lang.Path{id}
	for c.takeSign(".") {
		t := c.Peek()
		if !isName(t) {
			return nil, unexpected(t, c.prev(), "a name")
		}
		if len(p) == lang.MaxDepth {
			return nil, fail(t, tooDeep(spanOf(t), "names of a path", lang.MaxDepth))
		}
		c.Next()
		p = append(p, identOf(t))
	}
	return p, nil
}
