package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// scanner splits a text into tokens. It tracks brackets and ATOMIC blocks
// itself, because the meaning of > depends on them.
type scanner struct {
	src     string
	pos     int
	line    int
	depth   int         // open brackets
	atomic  []int       // bracket depth at each open ATOMIC block
	opens   bool        // ATOMIC was read: the next < at openAt begins its block
	openAt  int         // bracket depth of that ATOMIC
	last    token       // the previous token
	lits    int         // number of literals so far
	count   int         // number of tokens so far
	tooDeep bool        // too-deep was reported
	noQuote [2]bool     // no ' or no " closes from here on
	atEnd   bool        // the end of the text was reached
	open    bool        // a string or comment is not closed
	diags   *lang.Diags // nil: errors are discarded
	bad     bool        // an error occurred
}

func newScanner(src string, diags *lang.Diags) *scanner {
	s := &scanner{src: src, line: 1, diags: diags}
	if strings.HasPrefix(src, "\ufeff") {
		s.pos = len("\ufeff")
	}
	return s
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= utf8.RuneSelf }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// next returns the next token and distinguishes the two ends of an ATOMIC block
// from comparison operators.
func (s *scanner) next() token {
	t := s.scan()
	s.count++
	switch t.kind {
	case tokWord:
		if len(t.of(s.src)) == len("ATOMIC") && s.lastByte() != '.' && strings.EqualFold(t.of(s.src), "ATOMIC") {
			s.opens, s.openAt = s.startsBlock(), s.depth
		}
	case tokSign:
		switch s.src[t.start] {
		case '<':
			if s.opens && s.depth == s.openAt && t.end == t.start+1 {
				s.opens = false
				s.atomic = append(s.atomic, s.depth)
				t.kind = tokOpen
			}
		case '>':
			if n := len(s.atomic); n > 0 && t.end == t.start+1 && s.depth <= s.atomic[n-1] && s.endsBlock(t) {
				s.atomic = s.atomic[:n-1]
				t.kind = tokClose
			}
		case ';': // not allowed inside brackets: whatever is open was never closed
			s.opens, s.tooDeep = false, false
			s.depth = 0
			if n := len(s.atomic); n > 0 {
				s.depth = s.atomic[n-1]
			}
		}
	}
	s.last = t
	return t
}

// tooMany reports whether the text exceeds the limit of tokens.
func (s *scanner) tooMany() bool { return s.count > lang.MaxTokens }

func (t token) of(src string) string { return src[t.start:t.end] }

// lastByte is the first byte of the previous token, or 0.
func (s *scanner) lastByte() byte {
	if s.last.end == s.last.start {
		return 0
	}
	return s.src[s.last.start]
}

// ahead returns a copy of the scanner for lookahead that reports no errors.
func (s *scanner) ahead() scanner {
	c := *s
	c.diags = nil
	return c
}

// saw records that the lookahead c reached the end of the text.
func (s *scanner) saw(c *scanner) { s.atEnd = s.atEnd || c.atEnd }

// blank skips blanks and comments. It returns the error of an unterminated
// comment.
func (s *scanner) blank() (t token, bad bool) {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '\n':
			s.line++
			s.pos++
		case c == ' ' || c == '\t' || c == '\r':
			s.pos++
		case c == '-' && strings.HasPrefix(s.src[s.pos:], "--"):
			i := strings.IndexByte(s.src[s.pos:], '\n')
			if i < 0 {
				s.pos = len(s.src)
				break
			}
			s.pos += i
		case c == '/' && strings.HasPrefix(s.src[s.pos:], "/*"):
			i := strings.Index(s.src[s.pos+2:], "*/")
			if i < 0 {
				t = token{kind: tokBad, start: s.pos, end: len(s.src), line: s.line, ord: -1}
				s.pos, s.atEnd, s.open = len(s.src), true, true
				s.report(unclosedComment(lang.Span{Start: t.start, End: t.start + 2}))
				return t, true
			}
			s.line += strings.Count(s.src[s.pos:s.pos+i+4], "\n")
			s.pos += i + 4
		default:
			return t, false
		}
	}
	return t, false
}

func (s *scanner) report(d *lang.Diag) {
	s.bad = true
	if s.diags != nil {
		s.diags.Add(d)
	}
}

// scan reads one token.
func (s *scanner) scan() token {
	if t, bad := s.blank(); bad {
		return t
	}
	if s.pos >= len(s.src) {
		s.atEnd = true
		at := s.last.end // carets go after the last token, not after trailing blanks
		return token{kind: tokEOF, start: at, end: at, line: s.line, ord: -1}
	}
	start, line, c := s.pos, s.line, s.src[s.pos]
	kind, ord := tokSign, -1
	switch {
	case isLetter(c):
		kind = s.word()
	case isDigit(c):
		if kind = s.number(); kind != tokBad {
			ord = s.lits
			s.lits++
		}
	case c == '\'' || c == '"':
		if kind = s.text(c); kind != tokBad && !s.isObjectKey() {
			ord = s.lits
			s.lits++
		}
	case c == '$' || c == '@':
		kind = s.marked(c)
	default:
		kind = s.sign(c)
	}
	if s.pos >= len(s.src) {
		s.atEnd = true
	}
	return token{kind: kind, start: start, end: s.pos, line: line, ord: ord}
}

// isObjectKey reports whether a string is followed by a colon, so that it is a
// name and not a value.
func (s *scanner) isObjectKey() bool {
	if s.pos < len(s.src) && (s.src[s.pos] == ',' || s.src[s.pos] == ';' || s.src[s.pos] == ')') {
		return false
	}
	c := s.ahead()
	_, bad := c.blank()
	return !bad && c.pos < len(c.src) && c.src[c.pos] == ':'
}

// letters advances over letters and digits; it returns false if a character is
// neither.
func (s *scanner) letters() bool {
	start, plain := s.pos, true
	for s.pos < len(s.src) && (isLetter(s.src[s.pos]) || isDigit(s.src[s.pos])) {
		plain = plain && s.src[s.pos] < utf8.RuneSelf
		s.pos++
	}
	if plain {
		return true
	}
	for i, r := range s.src[start:s.pos] {
		if r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) && i > 0 || unicode.In(r, unicode.Mn, unicode.Mc) && i > 0 {
			continue
		}
		if i > 0 { // the word before it is valid
			s.pos = start + i
			return true
		}
		_, size := utf8.DecodeRuneInString(s.src[start:])
		s.pos = start + size
		return false
	}
	return true
}

func (s *scanner) word() lexer.TokenType {
	start := s.pos
	if s.letters() {
		return s.named(start, tokWord)
	}
	s.report(badCharacter(lang.Span{Start: start, End: s.pos}, s.src[start:s.pos]))
	return tokBad
}

// named returns the kind of a name that began at start, or tokBad if the name
// is too long.
func (s *scanner) named(start int, kind lexer.TokenType) lexer.TokenType {
	if s.pos-start <= lang.MaxName {
		return kind
	}
	s.report(longName(lang.Span{Start: start, End: s.pos}))
	return tokBad
}

// marked reads $name or @name.
func (s *scanner) marked(mark byte) lexer.TokenType {
	start := s.pos
	s.pos++
	if s.pos < len(s.src) && isLetter(s.src[s.pos]) && s.letters() {
		if mark == '$' {
			return s.named(start, tokParam)
		}
		return s.named(start, tokQuoted)
	}
	for s.pos < len(s.src) && (isLetter(s.src[s.pos]) || isDigit(s.src[s.pos])) {
		s.pos++
	}
	s.report(badMark(lang.Span{Start: start, End: s.pos}, s.src[start:s.pos]))
	return tokBad
}

// sign reads an operator or a bracket.
func (s *scanner) sign(c byte) lexer.TokenType {
	start := s.pos
	n, right := foreignSign(s.src[start:])
	if n > 0 && !(right == "!=" && s.opens) { // ATOMIC <> is an empty block
		s.pos += n
		if s.src[start:s.pos] == "||" && s.besideString() {
			right = "+"
		}
		s.report(badOperator(lang.Span{Start: start, End: s.pos}, s.src[start:s.pos], right))
		return tokBad
	}
	if c == '#' || c == '/' && strings.HasPrefix(s.src[start:], "//") && s.wantsOperand() {
		s.toLineEnd()
		end := start + 1
		if c == '/' {
			end++
		}
		s.report(badComment(lang.Span{Start: start, End: end}, s.src[start:end]))
		return tokBad
	}
	n = signLen(s.src[start:])
	if n == 0 {
		r, size := utf8.DecodeRuneInString(s.src[start:])
		s.pos += size
		if c == '`' {
			s.toBackquote()
		}
		s.report(badCharacter(lang.Span{Start: start, End: s.pos}, string(r)))
		return tokBad
	}
	s.pos += n
	switch c {
	case '(', '[', '{':
		if s.depth++; s.depth > lang.MaxDepth && !s.tooDeep {
			s.tooDeep = true
			s.report(tooDeep(lang.Span{Start: start, End: s.pos}, "brackets", lang.MaxDepth))
			return tokBad
		}
	case ')', ']', '}':
		if s.depth > 0 {
			s.depth--
		}
	}
	return tokSign
}

// besideString: a literal before or after the operator is a string.
func (s *scanner) besideString() bool {
	rest := strings.TrimLeft(s.src[s.pos:min(len(s.src), s.pos+80)], " \t\n")
	return s.last.kind == tokString || rest != "" && (rest[0] == '\'' || rest[0] == '"')
}

func (s *scanner) toLineEnd() {
	if i := strings.IndexByte(s.src[s.pos:], '\n'); i >= 0 {
		s.pos += i
		return
	}
	s.pos = len(s.src)
}

func (s *scanner) toBackquote() {
	for i := s.pos; i < len(s.src) && s.src[i] != '\n'; i++ {
		if s.src[i] == '`' {
			s.pos = i + 1
			return
		}
	}
}

// wantsOperand reports whether the previous token cannot end an operand, so
// that an operator cannot follow it.
func (s *scanner) wantsOperand() bool {
	switch s.last.kind {
	case tokSign:
		return !strings.Contains(")]}?*", s.last.of(s.src))
	case tokOpen, tokClose:
		return true
	}
	return s.last.end == 0
}

// signLen returns the length of the sign at the start of the text, or 0.
func signLen(s string) int {
	two := len(s) > 1 && s[1] == '='
	switch s[0] {
	case '*', '/':
		if len(s) > 1 && s[1] == s[0] {
			if len(s) > 2 && s[2] == '=' {
				return 3
			}
			return 2
		}
		if two {
			return 2
		}
		return 1
	case '<', '>', '+', '-', '%':
		if two {
			return 2
		}
		return 1
	case '!':
		if two {
			return 2
		}
		return 0
	case '=', '(', ')', '[', ']', '{', '}', ',', ';', '.', '?', ':':
		return 1
	}
	return 0
}

// foreignSign returns the length of an operator of another language and its
// equivalent in RQL; 0 if the text begins with none.
func foreignSign(s string) (n int, right string) {
	if len(s) > 1 {
		switch s[:2] {
		case "==":
			if len(s) > 2 && s[2] == '=' {
				return 3, "="
			}
			return 2, "="
		case "<>":
			return 2, "!="
		case "&&":
			return 2, "AND"
		case "||":
			return 2, "OR"
		case "=<":
			return 2, "<="
		case "=>":
			return 2, ">="
		case ":=":
			return 2, "="
		case "!=":
			if len(s) > 2 && s[2] == '=' {
				return 3, "!="
			}
			return 0, ""
		}
	}
	switch s[0] {
	case '^':
		return 1, "**"
	case '!':
		return 1, "NOT"
	case '&':
		return 1, "AND"
	case '|':
		return 1, "OR"
	}
	return 0, ""
}
