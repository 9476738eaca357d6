package tree

import (
	"fmt"
	"strconv"
	"strings"
)

// token is a token of Lua. For a name in a template, parts are its components.
type token struct {
	kind  byte // 'n' name, 's' string, '0' number, 'k' keyword, 'o' operator or punctuation, 'h' hole, 0 the end
	text  string
	arg   int
	parts []part
}

// lexer tokenizes Lua. In a template %s, %d and %v stand for the next argument,
// %[2]s for the second, and %% for %; inside a name they stand for a part of
// it.
type lexer struct {
	src      string
	template bool
	i        int
	args     int // number of arguments so far
	most     int // the highest number of an argument
	err      error
}

func (l *lexer) fail(format string, args ...any) token {
	if l.err == nil {
		l.err = fmt.Errorf("tree: "+format+" in %q", append(args, l.src[:min(len(l.src), 200)])...)
	}
	l.i = len(l.src)
	return token{}
}

func (l *lexer) blank() {
	for l.i < len(l.src) {
		switch {
		case strings.IndexByte(" \t\r\n", l.src[l.i]) >= 0:
			l.i++
		case strings.HasPrefix(l.src[l.i:], "--"):
			if n := strings.IndexByte(l.src[l.i:], '\n'); n >= 0 {
				l.i += n
			} else {
				l.i = len(l.src)
			}
		default:
			return
		}
	}
}

func (l *lexer) next() token {
	l.blank()
	if l.i >= len(l.src) {
		return token{}
	}
	switch c := l.src[l.i]; {
	case c == '%' && l.template && !strings.HasPrefix(l.src[l.i:], "%%"), isWord(c) && c > '9':
		return l.name()
	case c >= '0' && c <= '9':
		return l.number()
	case c == '\'' || c == '"':
		return l.str(c)
	case c == '%' && l.template:
		l.i += 2
		return token{kind: 'o', text: "%"}
	}
	for _, op := range [...]string{"...", "..", "==", "~=", "<=", ">="} {
		if strings.HasPrefix(l.src[l.i:], op) {
			l.i += len(op)
			return token{kind: 'o', text: op}
		}
	}
	l.i++
	return token{kind: 'o', text: l.src[l.i-1 : l.i]}
}

// name reads a name, a keyword or a hole: letters and holes without a blank between them.
func (l *lexer) name() token {
	var parts []part
	start := l.i
	for l.i < len(l.src) {
		switch c := l.src[l.i]; {
		case isWord(c):
			from := l.i
			for l.i < len(l.src) && isWord(l.src[l.i]) {
				l.i++
			}
			parts = append(parts, part{text: l.src[from:l.i]})
			continue
		case c == '%' && l.template && !strings.HasPrefix(l.src[l.i:], "%%"):
			arg := l.hole()
			if arg == 0 {
				return token{}
			}
			parts = append(parts, part{arg: arg})
			continue
		}
		break
	}
	switch {
	case len(parts) == 1 && parts[0].arg > 0:
		return token{kind: 'h', arg: parts[0].arg}
	case len(parts) > 1:
		return token{kind: 'n', text: l.src[start:l.i], parts: parts}
	case keyword(parts[0].text):
		return token{kind: 'k', text: parts[0].text}
	}
	return token{kind: 'n', text: parts[0].text}
}

// hole reads %s, %d, %v or %[n]s and returns the number of its argument.
func (l *lexer) hole() int {
	l.i++
	n := 0
	if l.i < len(l.src) && l.src[l.i] == '[' {
		end := strings.IndexByte(l.src[l.i:], ']')
		if end > 0 {
			n, _ = strconv.Atoi(l.src[l.i+1 : l.i+end])
			l.i += end + 1
		}
		l.args = n
	} else {
		l.args++
		n = l.args
	}
	if n < 1 || l.i >= len(l.src) || strings.IndexByte("sdv", l.src[l.i]) < 0 {
		l.fail("a bad hole")
		return 0
	}
	l.i++
	l.most = max(l.most, n)
	return n
}

func (l *lexer) number() token {
	from := l.i
	for l.i < len(l.src) && (isWord(l.src[l.i]) || l.src[l.i] == '.' && !strings.HasPrefix(l.src[l.i:], "..") ||
		(l.src[l.i] == '-' || l.src[l.i] == '+') && l.src[l.i-1]|0x20 == 'e' && !strings.HasPrefix(l.src[from:], "0x")) {
		l.i++
	}
	return token{kind: '0', text: l.src[from:l.i]}
}

// str reads a string literal; the token's text is its value.
func (l *lexer) str(quote byte) token {
	var b strings.Builder
	for l.i++; l.i < len(l.src); l.i++ {
		c := l.src[l.i]
		switch {
		case c == quote:
			l.i++
			return token{kind: 's', text: b.String()}
		case c != '\\':
			b.WriteByte(c)
			continue
		}
		if l.i++; l.i >= len(l.src) {
			break
		}
		c = l.src[l.i]
		if c < '0' || c > '9' {
			if n := strings.IndexByte("abfnrtv", c); n >= 0 {
				c = "\a\b\f\n\r\t\v"[n]
			}
			b.WriteByte(c)
			continue
		}
		n, j := 0, l.i
		for ; j < len(l.src) && j < l.i+3 && l.src[j] >= '0' && l.src[j] <= '9'; j++ {
			n = n*10 + int(l.src[j]-'0')
		}
		b.WriteByte(byte(n))
		l.i = j - 1
	}
	return l.fail("a string does not end")
}
