package parser

import (
	"io"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// definition adapts the scanner to participle.
type definition struct{}

func (definition) Symbols() map[string]lexer.TokenType { return tokenNames() }

func (d definition) Lex(name string, r io.Reader) (lexer.Lexer, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return d.LexString(name, string(b))
}

func (definition) LexString(_, text string) (lexer.Lexer, error) {
	return &tokenLexer{newScanner(text, nil)}, nil
}

// tokenLexer passes the scanner's tokens to participle. A token's Value is its
// source text, so that its end is known. In participle's position, Offset and
// Line have their usual meaning; Column holds the ordinal of a literal, because
// columns are computed by lang.Source alone and a grammar node receives nothing
// but tokens.
type tokenLexer struct{ *scanner }

func (l *tokenLexer) Next() (lexer.Token, error) {
	t := l.next()
	if l.tooMany() {
		t.kind, t.ord = tokEOF, -1
	}
	return lexer.Token{
		Type:  t.kind,
		Value: l.src[t.start:t.end],
		Pos:   lexer.Position{Offset: t.start, Line: t.line, Column: t.ord},
	}, nil
}

func spanOf(t *lexer.Token) lang.Span { return lang.Span{Start: t.Pos.Offset, End: endOf(t)} }

func literalOrd(t *lexer.Token) int { return t.Pos.Column }

// identOf returns the name that a word or @word denotes.
func identOf(t *lexer.Token) lang.Ident {
	name := t.Value
	if t.Type == tokQuoted {
		name = name[1:]
	}
	return lang.Ident{Name: name, Sp: spanOf(t)}
}
