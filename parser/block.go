package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// startsBlock reports whether the ATOMIC just scanned begins a block: <, KEY or
// PARTITION follows. Otherwise it is a name.
func (s *scanner) startsBlock() bool {
	c := s.ahead()
	t := c.scan()
	s.saw(&c)
	return t.kind == tokSign && c.src[t.start] == '<' || t.kind == tokBad && strings.HasPrefix(c.src[t.start:], "<>") ||
		t.kind == tokWord && (strings.EqualFold(t.of(c.src), "KEY") || strings.EqualFold(t.of(c.src), "PARTITION"))
}

// endsBlock reports whether the > at t ends its ATOMIC block. It does when the
// next token cannot begin an operand: the end of the text, a sign other than (
// [ { -, or the first word of a statement.
func (s *scanner) endsBlock(t token) bool {
	c := s.ahead()
	c.opens = false
	n := c.scan()
	defer func() { s.saw(&c) }()
	switch n.kind {
	case tokEOF:
		return true
	case tokSign:
		return strings.IndexByte("([{-", c.src[n.start]) < 0 || n.end != n.start+1
	case tokWord:
		return c.beginsStatement(t, n)
	}
	return false
}

// beginsStatement reports whether the word n, just scanned, begins a statement
// or ends a list of statements. The words of statements that are not allowed in
// a block are also common names (model, profile), so they count only if a name
// follows.
func (s *scanner) beginsStatement(after, n token) bool {
	w := n.of(s.src)
	if strings.EqualFold(w, "COUNT") { // COUNT ( is the function
		return !s.signFollows("(")
	}
	if heads().blockHeads.hasText(w) || strings.EqualFold(w, "END") || strings.EqualFold(w, "ELSE") {
		return true
	}
	if !heads().otherHeads.hasText(w) {
		return false
	}
	if strings.EqualFold(w, "DOWN") {
		return strings.Contains(s.src[after.end:n.start], "\n") && s.signFollows(";")
	}
	name := s.scan()
	if strings.EqualFold(w, "MODEL") && isNameKind(name.kind) && !strings.EqualFold(name.of(s.src), "ELSE") {
		next := s.scan()
		if next.kind == tokSign && s.src[next.start] == '{' || next.kind == tokWord && strings.EqualFold(next.of(s.src), "EXTENDS") {
			return true
		}
	}
	return name.kind == tokString || name.kind == tokQuoted || name.kind == tokWord && !heads().follow.hasText(name.of(s.src))
}

func isNameKind(k lexer.TokenType) bool { return k == tokWord || k == tokQuoted }

func (s *scanner) signFollows(sign string) bool {
	c := s.ahead()
	t := c.scan()
	s.saw(&c)
	return t.kind == tokSign && t.of(c.src) == sign
}
