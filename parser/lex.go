package parser

import "github.com/rql-lang/rql/lang"

// TokenKind is the kind of a token.
type TokenKind uint8

// The kinds of tokens.
const (
	TokenWord  TokenKind = iota // a name or a keyword, depending on where it is
	TokenParam                  // $name or $name?
	TokenString
	TokenNumber // or a duration
	TokenSign
	TokenBlock // < or > of ATOMIC
	TokenComment
	TokenBad
)

// Token is a token of a text.
type Token struct {
	Kind TokenKind
	Span lang.Span
}

// Lex splits a text into tokens, including comments, for tools that highlight or complete it. It never fails: an invalid token is
// a TokenBad.
func Lex(text string) []Token {
	var out []Token
	s := newScanner(text, nil)
	for at := s.pos; ; {
		t := s.next()
		out = comments(out, text, at, t.start)
		if t.kind == tokEOF || t.end <= at && t.end == t.start {
			return comments(out, text, t.start, len(text))
		}
		at = t.end
		if n := len(out); n > 0 && out[n-1].Kind == TokenParam && out[n-1].Span.End == t.start && text[t.start:t.end] == "?" {
			out[n-1].Span.End = t.end
			continue
		}
		out = append(out, Token{Kind: kindOfToken(t), Span: lang.Span{Start: t.start, End: t.end}})
	}
}

func kindOfToken(t token) TokenKind {
	switch t.kind {
	case tokWord, tokQuoted:
		return TokenWord
	case tokParam:
		return TokenParam
	case tokString:
		return TokenString
	case tokInt, tokFloat, tokDuration:
		return TokenNumber
	case tokOpen, tokClose:
		return TokenBlock
	case tokBad:
		return TokenBad
	}
	return TokenSign
}

// comments appends the comments between two tokens; it skips white space.
func comments(out []Token, text string, from, to int) []Token {
	for from < to && isBlank(text[from]) {
		from++
	}
	for to > from && isBlank(text[to-1]) {
		to--
	}
	if from < to {
		out = append(out, Token{Kind: TokenComment, Span: lang.Span{Start: from, End: to}})
	}
	return out
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
