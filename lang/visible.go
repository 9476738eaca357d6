package lang

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible makes a text safe for one line of a terminal. Characters that could
// move the cursor, change colours, change the writing direction or hide text
// are escaped: \n, \r, \t, \u{H…}, and \xHH for a byte that is not UTF-8.
func Visible(s string) string { return visible(s, false) }

// VisibleLines is Visible for a text of several lines: line breaks and tabs are
// kept.
func VisibleLines(s string) string { return visible(s, true) }

func visible(s string, lines bool) string {
	i := firstHarmful(s, lines)
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if harmful(r, n, lines) {
			b.WriteString(visibleRune(r, s[i:i+n]))
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

func firstHarmful(s string, lines bool) int {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if harmful(r, n, lines) {
			return i
		}
		i += n
	}
	return -1
}

func harmful(r rune, size int, lines bool) bool {
	if lines && (r == '\n' || r == '\t') {
		return false
	}
	return Harmful(r) || r == utf8.RuneError && size == 1
}

// visibleRune returns the escape of a harmful code point, or of a byte that is
// not UTF-8.
func visibleRune(r rune, raw string) string {
	switch r {
	case '\n':
		return `\n`
	case '\t':
		return `\t`
	case '\r':
		return `\r`
	case utf8.RuneError:
		return fmt.Sprintf(`\x%02X`, raw[0])
	}
	return fmt.Sprintf(`\u{%X}`, r)
}

// Harmful reports whether a code point must be escaped on a terminal: control characters, those that change the writing direction
// or break a line, and invisible ones, except for the joiners of scripts and emoji.
func Harmful(r rune) bool {
	switch {
	case r < 0x80:
		return r < ' ' || r == 0x7f
	case unicode.IsControl(r), r == 0x061c:
		return true
	}
	return r == 0x200b || r == 0x200e || r == 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x206f ||
		r == 0xfeff || r >= 0xfff9 && r <= 0xfffb || r >= 0xe0000 && r <= 0xe007f
}
