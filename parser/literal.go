package parser

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

func (s *scanner) digits() {
	for s.pos < len(s.src) && (isDigit(s.src[s.pos]) || s.src[s.pos] == '_') {
		s.pos++
	}
}

func (s *scanner) at(i int) byte {
	if i < len(s.src) {
		return s.src[i]
	}
	return 0
}

// number reads an int, a float or a duration.
func (s *scanner) number() lexer.TokenType {
	start := s.pos
	s.digits()
	kind := tokInt
	if s.at(s.pos) == '.' && isDigit(s.at(s.pos+1)) {
		kind = tokFloat
		s.pos++
		s.digits()
	}
	if s.at(s.pos)|0x20 == 'e' && s.exponent() {
		kind = tokFloat
	}
	if isLetter(s.at(s.pos)) && kind == tokInt {
		s.pos = start
		kind = tokDuration
	}
	why := ""
	switch {
	case kind == tokDuration:
		why = s.duration()
	case isLetter(s.at(s.pos)):
		why = whyLetter
	case kind == tokInt && s.pos-start > 18:
		if _, ok := intValue(s.src[start:s.pos]); !ok && !(isLeast(s.src[start:s.pos]) && s.lastByte() == '-' && s.last.end-s.last.start == 1) {
			why = whyTooLarge
		}
	case kind == tokFloat:
		if _, ok := floatValue(s.src[start:s.pos]); !ok {
			why = whyTooLargeFloat
		}
	}
	if why == "" {
		return kind
	}
	for s.pos < len(s.src) && (isLetter(s.src[s.pos]) || isDigit(s.src[s.pos])) {
		s.pos++
	}
	s.report(badNumber(lang.Span{Start: start, End: s.pos}, s.src[start:s.pos], why))
	return tokBad
}

// exponent advances over e, a sign and digits, or not at all.
func (s *scanner) exponent() bool {
	i := s.pos + 1
	if c := s.at(i); c == '+' || c == '-' {
		i++
	}
	if !isDigit(s.at(i)) {
		return false
	}
	s.pos = i
	s.digits()
	return true
}

type durationUnit struct {
	name string
	ms   int64
}

// durationUnits lists the units of a duration, largest first. There are no
// months or years, because their length varies.
func durationUnits() [6]durationUnit {
	return [6]durationUnit{{"w", 7 * 24 * 3600_000}, {"d", 24 * 3600_000}, {"h", 3600_000}, {"m", 60_000}, {"s", 1000}, {"ms", 1}}
}

// duration advances over a duration; it returns an error text, or "".
func (s *scanner) duration() string {
	rank, total := 0, int64(0)
	for isDigit(s.at(s.pos)) {
		from := s.pos
		s.digits()
		n, ok := intValue(s.src[from:s.pos])
		from = s.pos
		for isLetter(s.at(s.pos)) && s.at(s.pos) < utf8.RuneSelf {
			s.pos++
		}
		unit := s.src[from:s.pos]
		i := 0
		units := durationUnits()
		for i < len(units) && units[i].name != unit {
			i++
		}
		switch {
		case i == len(units):
			return whyUnit
		case i < rank:
			return whyUnitOrder
		case !ok || n > (lang.MaxInt-total)/units[i].ms:
			return whyTooLong
		}
		rank = i + 1
		total += n * units[i].ms
	}
	if isLetter(s.at(s.pos)) {
		return whyUnit
	}
	return ""
}

func intValue(text string) (int64, bool) {
	if len(text) <= 18 { // fits whatever the digits are
		n := int64(0)
		for i := 0; i < len(text); i++ {
			if c := text[i]; c != '_' {
				n = n*10 + int64(c-'0')
			}
		}
		return n, true
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
	return n, err == nil
}

// isLeast reports whether digits are those of the smallest int64, which only its minus makes one.
func isLeast(text string) bool {
	const digits = "9223372036854775808"
	return len(text) >= len(digits) && strings.ReplaceAll(text, "_", "") == digits
}

// least reads the smallest int64, a minus and its digits, if it comes next and nothing behind it binds more tightly than the minus.
// Its digits alone are no literal: see operand.
func (c *cursor) least() *lang.Literal {
	minus, digits := c.Peek(), c.peekAt(1)
	if digits.Type != tokInt || !isSign(minus, "-") || !isLeast(digits.Value) {
		return nil
	}
	if t := c.peekAt(2); isSign(t, "**") || isSign(t, ".") || isSign(t, "[") {
		return nil
	}
	c.Next()
	c.Next()
	return &lang.Literal{Sp: c.from(minus.Pos.Offset), Value: int64(math.MinInt64), Ord: literalOrd(digits)}
}

func floatValue(text string) (float64, bool) {
	f, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// durationValue returns the value of a duration that the scanner accepted.
func durationValue(text string) lang.Duration {
	total := int64(0)
	for i := 0; i < len(text); {
		from := i
		for i < len(text) && (isDigit(text[i]) || text[i] == '_') {
			i++
		}
		n, _ := intValue(text[from:i])
		from = i
		for i < len(text) && isLetter(text[i]) {
			i++
		}
		for _, u := range durationUnits() {
			if u.name == text[from:i] {
				total += n * u.ms
			}
		}
	}
	return lang.Duration(total)
}

// text reads a string. A string without a closing quote ends at the end of its
// line, so that the statements after it are still read.
func (s *scanner) text(quote byte) lexer.TokenType {
	start := s.pos
	which := 0
	if quote == '"' {
		which = 1
	}
	s.pos++
	badAt := -1
	for i := s.pos; i < len(s.src) && !s.noQuote[which]; i++ {
		switch s.src[i] {
		case '\n':
			s.line++
		case '\\':
			n, _ := escape(s.src[i:])
			if n == 0 {
				if badAt < 0 {
					badAt = i
				}
				if i+1 < len(s.src) && s.src[i+1] == '\n' {
					continue
				}
				n = 2
			}
			i += n - 1
		case quote:
			if i+1 < len(s.src) && s.src[i+1] == quote {
				i++
				continue
			}
			s.pos = i + 1
			if badAt < 0 {
				return tokString
			}
			s.report(badEscape(s.src, badAt))
			return tokBad
		}
	}
	if !s.noQuote[which] { // reached the end: lines were counted on the way
		s.noQuote[which] = true
		s.line -= strings.Count(s.src[start:], "\n")
	}
	s.atEnd, s.open = true, true
	s.toLineEnd()
	s.report(unclosedString(lang.Span{Start: start, End: start + 1}, quote))
	return tokBad
}

// stringValue decodes a string token that the scanner accepted.
func stringValue(raw string) string {
	quote, body := raw[0], raw[1:len(raw)-1]
	if strings.IndexByte(body, '\\') < 0 && strings.IndexByte(body, quote) < 0 {
		return body
	}
	b := make([]byte, 0, len(body))
	for i := 0; i < len(body); {
		switch body[i] {
		case '\\':
			n, r := escape(body[i:])
			b = utf8.AppendRune(b, r)
			i += n
		case quote:
			b = append(b, quote)
			i += 2
		default:
			b = append(b, body[i])
			i++
		}
	}
	return string(b)
}

// escape reads the escape at the start of s: its length and its code point;
// length 0 if it is not valid. \xHH is a code point, because strings hold text.
func escape(s string) (n int, r rune) {
	if len(s) < 2 {
		return 0, 0
	}
	switch s[1] {
	case 'n':
		return 2, '\n'
	case 't':
		return 2, '\t'
	case 'r':
		return 2, '\r'
	case '\\', '\'', '"':
		return 2, rune(s[1])
	case 'x':
		return hexEscape(s, 2, 2)
	case 'u':
		if len(s) > 2 && s[2] == '{' {
			end := strings.IndexByte(s[:min(len(s), 11)], '}')
			if end < 0 {
				return 0, 0
			}
			n, r = hexEscape(s, 3, end-3)
			if n == 0 || utf16.IsSurrogate(r) {
				return 0, 0
			}
			return n + 1, r
		}
		n, r = hexEscape(s, 2, 4)
		if n == 0 || !utf16.IsSurrogate(r) {
			return n, r
		}
		if len(s) > 8 && s[6] == '\\' && s[7] == 'u' { // a surrogate pair, as in JSON
			m, low := hexEscape(s[6:], 2, 4)
			if pair := utf16.DecodeRune(r, low); m > 0 && pair != utf8.RuneError {
				return 12, pair
			}
		}
	}
	return 0, 0
}

// hexEscape reads the hexadecimal digits s[from:from+digits].
func hexEscape(s string, from, digits int) (n int, r rune) {
	if digits < 1 || from+digits > len(s) {
		return 0, 0
	}
	for i := from; i < from+digits; i++ {
		c := s[i]
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, 0
		}
	}
	if r > utf8.MaxRune || r < 0 {
		return 0, 0
	}
	return from + digits, r
}
