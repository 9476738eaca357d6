package codec

import (
	"github.com/rql-lang/rql/lang"
)

// Range holds the bounds of a ZRANGEBYLEX or ZLEXCOUNT over an index, as they
// are sent: with a leading [ or (, or - and +.
type Range struct{ Min, Max string }

// All returns the range of all entries with a prefix of components, as Tuple returns it; "" is the whole index.
func All(prefix string) Range {
	if prefix == "" {
		return Range{"-", "+"}
	}
	return Range{"[" + prefix, "(" + Successor(prefix)}
}

// Compared returns the range of the entries whose component after prefix satisfies op (= < <= > >=) with the component e returned
// by Member. The ordering operators exclude null, as in the language.
func Compared(prefix string, op lang.Op, e string) Range {
	r := All(prefix)
	switch op {
	case lang.OpEq:
		return Range{"[" + prefix + e + "\x00", "(" + prefix + e + "\x01"}
	case lang.OpLt:
		return Range{"[" + prefix + NullMember + "\x01", "(" + prefix + e + "\x00"}
	case lang.OpLe:
		return Range{"[" + prefix + NullMember + "\x01", "(" + prefix + e + "\x01"}
	case lang.OpGt:
		r.Min = "[" + prefix + e + "\x01"
	case lang.OpGe:
		r.Min = "[" + prefix + e + "\x00"
	}
	return r
}

// NotNull returns the range of the entries whose component after prefix is not null.
func NotNull(prefix string) Range { return Compared(prefix, lang.OpGt, NullMember) }

// StartsWith returns the range of the entries whose component after prefix is a string or bytes that begins with s.
func StartsWith(prefix, s string) Range {
	p := string(appendStringMember([]byte(prefix), s))
	return Range{"[" + p, "(" + Successor(p)}
}

// Intersect returns the intersection of two ranges; it may be empty.
func (r Range) Intersect(s Range) Range {
	if s.Min != "-" && (r.Min == "-" || s.Min[1:] > r.Min[1:]) {
		r.Min = s.Min
	}
	if s.Max != "+" && (r.Max == "+" || s.Max[1:] < r.Max[1:]) {
		r.Max = s.Max
	}
	return r
}

// Empty reports whether the range is empty.
func (r Range) Empty() bool { return r.Min != "-" && r.Max != "+" && r.Min[1:] >= r.Max[1:] }

// Successor returns the smallest string greater than every string that begins with p: p without trailing bytes ff, with its last
// byte incremented. p must contain a byte other than ff.
func Successor(p string) string {
	n := len(p)
	for n > 0 && p[n-1] == 0xff {
		n--
	}
	if n == 0 {
		return ""
	}
	return p[:n-1] + string([]byte{p[n-1] + 1})
}
