package format

import "strings"

// spaced reports whether a blank stands between two items of one line.
func spaced(a, b *item) bool {
	switch {
	case a.comment() || b.comment():
		return true
	case b.is(",") || b.is(";") || b.is(")") || b.is("]") || b.is(".") || b.is(":") || b.is("?"):
		return false
	case a.is("(") || a.is("[") || a.is("."):
		return false
	case a.is("{") && b.is("}"):
		return false
	case b.glued:
		return false
	case b.inType && (b.is("<") || b.is(">")), a.inType && a.is("<"):
		return false
	case a.sign:
		return strings.HasPrefix(b.text, "-") // two of them would begin a comment
	}
	return true
}
