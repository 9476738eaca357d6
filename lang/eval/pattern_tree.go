package eval

import (
	"slices"
	"unicode/utf8"
)

// The syntax tree of a pattern. A nil node matches the empty string.
type node any

type (
	// set matches one code point in sorted, disjoint ranges.
	set []span
	// sequence matches its parts one after the other.
	sequence []node
	// choice matches any of its parts.
	choice []node
	// repeat matches a part min to max times; a max of -1 is unlimited.
	repeat struct {
		part     node
		min, max int
	}
)

// span is a range of code points, both ends included.
type span struct{ lo, hi rune }

func single(r rune) set { return set{{r, r}} }

// anything is every code point, including the surrogates: they do not occur in
// valid UTF-8, and without the gap the automaton is smaller.
func anything() set { return set{{0, utf8.MaxRune}} }

// normal sorts the ranges and merges adjacent and overlapping ones.
func (s set) normal() set {
	slices.SortFunc(s, func(a, b span) int { return int(a.lo - b.lo) })
	out := s[:0]
	for _, r := range s {
		if n := len(out); n > 0 && r.lo <= out[n-1].hi+1 {
			out[n-1].hi = max(out[n-1].hi, r.hi)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// negated returns every code point that a normalized set lacks.
func (s set) negated() set {
	var out set
	next := rune(0)
	for _, r := range s {
		if r.lo > next {
			out = append(out, span{next, r.lo - 1})
		}
		next = r.hi + 1
	}
	if next <= utf8.MaxRune {
		out = append(out, span{next, utf8.MaxRune})
	}
	return out
}

// parseLike parses a LIKE pattern.
func parseLike(pattern string) (node, error) {
	var out sequence
	escaped := false
	n := 0
	for _, r := range pattern {
		switch {
		case escaped:
			out, escaped = append(out, single(r)), false
		case r == '\\':
			escaped = true
		case r == '%':
			out = append(out, repeat{anything(), 0, -1})
		case r == '_':
			out = append(out, anything())
		default:
			out = append(out, single(r))
		}
		n++
	}
	if escaped {
		return nil, badPattern(n-1, `a backslash at the end; \\ is a backslash`)
	}
	return out, nil
}
