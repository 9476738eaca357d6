package eval

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of the text of a regular expression: nesting of groups, and {m,n}.
const (
	maxGroups = 50
	maxTimes  = 1000
)

// reader parses a regular expression of MATCHES.
type reader struct {
	s     []rune
	i     int
	depth int
}

func parseRegexp(pattern string) (node, error) {
	if !utf8.ValidString(pattern) {
		return nil, badPattern(0, "it is not valid UTF-8")
	}
	p := reader{s: []rune(pattern)}
	n, err := p.choice()
	if err == nil && p.i < len(p.s) {
		return nil, badPattern(p.i, ") without (")
	}
	return n, err
}

// peek returns the next character, -1 at the end.
func (p *reader) peek() rune {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return -1
}

func (p *reader) take(r rune) bool {
	if p.peek() == r {
		p.i++
		return true
	}
	return false
}

func (p *reader) choice() (node, error) {
	var out choice
	for {
		part, err := p.sequence()
		if err != nil {
			return nil, err
		}
		out = append(out, part)
		if !p.take('|') {
			break
		}
	}
	if len(out) == 1 {
		return out[0], nil
	}
	return out, nil
}

func (p *reader) sequence() (node, error) {
	var out sequence
	for c := p.peek(); c != -1 && c != '|' && c != ')'; c = p.peek() {
		part, err := p.atom()
		if err != nil {
			return nil, err
		}
		if part, err = p.repeated(part); err != nil {
			return nil, err
		}
		out = append(out, part)
	}
	return out, nil
}

func (p *reader) atom() (node, error) {
	at := p.i
	c := p.peek()
	p.i++
	switch c {
	case '(':
		return p.group(at)
	case '[':
		return p.class(at)
	case '.':
		return anything(), nil
	case '\\':
		return p.escape(at)
	case '*', '+', '?':
		return nil, badPattern(at, "nothing to repeat")
	case '{':
		if p.i--; p.timesAhead() {
			return nil, badPattern(at, "nothing to repeat")
		}
		p.i++
	case '^', '$':
		return nil, badPattern(at, `MATCHES always fits the whole string, so ^ and $ are not needed; the signs are \^ and \$`)
	}
	return single(c), nil
}

func (p *reader) group(at int) (node, error) {
	if p.take('?') && !p.take(':') {
		return nil, badPattern(at, "of the groups that begin with (? only (?: is known")
	}
	if p.depth++; p.depth > maxGroups {
		return nil, badPattern(at, "groups are nested too deep")
	}
	n, err := p.choice()
	if err != nil {
		return nil, err
	}
	if !p.take(')') {
		return nil, badPattern(at, "( without )")
	}
	p.depth--
	return n, nil
}

// repeated parses the repetition operators after a part.
func (p *reader) repeated(part node) (node, error) {
	at := p.i
	lo, hi := 0, -1
	switch c := p.peek(); {
	case c == '*':
		p.i++
	case c == '+':
		p.i++
		lo = 1
	case c == '?':
		p.i++
		hi = 1
	case c == '{' && p.times(&lo, &hi):
		if lo > maxTimes || hi > maxTimes || hi >= 0 && lo > hi {
			return nil, badPattern(at, "{m,n} needs m <= n <= 1000")
		}
	default:
		return part, nil
	}
	if c := p.peek(); c == '*' || c == '+' || c == '?' || c == '{' && p.timesAhead() {
		return nil, badPattern(p.i, "a repetition of a repetition; put a group around the inner one")
	}
	return repeat{part, lo, hi}, nil
}

// times parses {m}, {m,} or {m,n}; anything else after { is literal, as in RE2.
func (p *reader) times(lo, hi *int) bool {
	end := p.i + 1
	for end < len(p.s) && (p.s[end] == ',' || p.s[end] >= '0' && p.s[end] <= '9') {
		end++
	}
	if end == len(p.s) || p.s[end] != '}' {
		return false
	}
	from, to, comma := strings.Cut(string(p.s[p.i+1:end]), ",")
	m, ok := count(from)
	if !ok {
		return false
	}
	n := m
	if comma {
		if n, ok = -1, true; to != "" {
			n, ok = count(to)
		}
		if !ok {
			return false
		}
	}
	*lo, *hi, p.i = m, n, end+1
	return true
}

// timesAhead reports whether a repetition in braces comes next, without
// consuming it.
func (p *reader) timesAhead() bool {
	at, lo, hi := p.i, 0, 0
	is := p.times(&lo, &hi)
	p.i = at
	return is
}

// count parses a number of repetitions; as in RE2, 00 is not one.
func count(digits string) (int, bool) {
	if digits == "" || strings.Trim(digits, "0123456789") != "" || len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		n = maxTimes + 1
	}
	return n, true
}

// named returns the class of \d and similar escapes.
func named(c rune) (set, bool) {
	var s set
	switch c | 0x20 {
	case 'd':
		s = set{{'0', '9'}}
	case 'w':
		s = set{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
	case 's':
		s = set{{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}}
	default:
		return nil, false
	}
	if c < 'a' {
		s = s.negated()
	}
	return s, true
}

// escape parses what follows a backslash.
func (p *reader) escape(at int) (set, error) {
	c := p.peek()
	p.i++
	if s, ok := named(c); ok {
		return s, nil
	}
	switch c {
	case 'n':
		return single('\n'), nil
	case 't':
		return single('\t'), nil
	case 'r':
		return single('\r'), nil
	case 'f':
		return single('\f'), nil
	case 'v':
		return single('\v'), nil
	case 'x':
		return p.hex(at)
	case -1:
		return nil, badPattern(at, "a backslash at the end")
	}
	if c < utf8.RuneSelf && !isWord(c) || c == '_' {
		return single(c), nil
	}
	return nil, badPattern(at, `\`+string(c)+" is not known")
}

func isWord(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

// hex parses \xHH or \x{H…}.
func (p *reader) hex(at int) (set, error) {
	digits := ""
	if p.take('{') {
		end := slices.Index(p.s[p.i:], '}')
		if end < 0 {
			return nil, badPattern(at, `\x{ without }`)
		}
		digits = string(p.s[p.i : p.i+end])
		p.i += end + 1
	} else if p.i+2 <= len(p.s) {
		digits = string(p.s[p.i : p.i+2])
		p.i += 2
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return nil, badPattern(at, `\x takes two hexadecimal digits, or a code point in braces`)
	}
	return single(rune(n)), nil
}

// class parses what follows [.
func (p *reader) class(at int) (node, error) {
	negate := p.take('^')
	var out set
	for first := true; first || p.peek() != ']'; first = false {
		lo, err := p.classItem(at)
		if err != nil {
			return nil, err
		}
		if len(lo) == 1 && lo[0].lo == lo[0].hi && p.peek() == '-' && p.i+1 < len(p.s) && p.s[p.i+1] != ']' {
			start := p.i
			p.i++
			hi, err := p.classItem(at)
			if err != nil {
				return nil, err
			}
			if len(hi) != 1 || hi[0].lo != hi[0].hi || hi[0].lo < lo[0].lo {
				return nil, badPattern(start, "a range of a class goes from a smaller character to a larger one")
			}
			lo[0].hi = hi[0].hi
		}
		out = append(out, lo...)
	}
	p.i++
	out = out.normal()
	if negate {
		out = out.negated()
	}
	return out, nil
}

// classItem parses one character, or an escape, of a class.
func (p *reader) classItem(open int) (set, error) {
	at := p.i
	c := p.peek()
	p.i++
	switch {
	case c == -1:
		return nil, badPattern(open, "[ without ]")
	case c == '\\':
		return p.escape(at)
	case c == '[' && p.peek() == ':':
		return nil, badPattern(at, `classes such as [:alpha:] are not known; write a-zA-Z`)
	}
	return single(c), nil
}
