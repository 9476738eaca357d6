package lua

import (
	"strconv"
	"strings"
)

// Quote writes s as a Lua string literal that any Lua 5.1 reads back byte for
// byte. Brackets and = are escaped too: no text of a program can look like a
// part of the script in which the generator puts something later, such as V[1].
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20 || c > 0x7e || c == '[' || c == '(' || c == '=':
			b.WriteByte('\\')
			d := strconv.Itoa(int(c))
			b.WriteString("000"[len(d):])
			b.WriteString(d)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// isName reports whether text is a Lua name, or a member of one (d.c), which
// may stand several times in an expression without being evaluated several times.
func isName(text string) bool {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && (c >= '0' && c <= '9' || c == '.') {
			continue
		}
		return false
	}
	return text != "" && text != "nil" && text != "true" && text != "false"
}

// isSimple reports whether text reads a name or one element of a name: cheap to repeat.
func isSimple(text string) bool {
	i := strings.IndexByte(text, '[')
	if i < 0 {
		return isName(text)
	}
	n := text[i+1:]
	if !isName(text[:i]) || len(n) < 2 || n[len(n)-1] != ']' {
		return false
	}
	_, err := strconv.Atoi(n[:len(n)-1])
	return err == nil
}
