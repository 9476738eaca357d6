package eval

import (
	"unicode/utf8"
)

// maxNodes bounds the automaton before determinization.
const maxNodes = 40_000

// maxParts bounds the number of parts built, because an empty part adds no
// node: ((){1000}){1000}.
const maxParts = 20 * maxNodes

// nfa is a Thompson automaton over bytes. Node 0 accepts.
type nfa struct {
	nodes []nfaNode
	parts int // built so far
}

// full reports whether a limit was reached.
func (n *nfa) full() bool { return len(n.nodes) > maxNodes || n.parts > maxParts }

// nfaNode consumes a byte from lo to hi and continues at out; or, if branch is
// set, continues at out and at alt without consuming.
type nfaNode struct {
	lo, hi   byte
	branch   bool
	out, alt int32
}

func (n *nfa) add(x nfaNode) int32 {
	n.nodes = append(n.nodes, x)
	return int32(len(n.nodes) - 1)
}

func (n *nfa) build(tree node) (start int32, err error) {
	n.add(nfaNode{branch: true}) // the accepting node; never followed
	start = n.part(tree, 0)
	if n.full() {
		return 0, tooBig()
	}
	return start, nil
}

// part builds the nodes that match a part and continue at node next. Over the
// limit it builds nothing more.
func (n *nfa) part(x node, next int32) int32 {
	if n.parts++; n.full() {
		return next
	}
	switch x := x.(type) {
	case set:
		return n.set(x, next)
	case sequence:
		for i := len(x) - 1; i >= 0; i-- {
			next = n.part(x[i], next)
		}
		return next
	case choice:
		start := n.part(x[len(x)-1], next)
		for i := len(x) - 2; i >= 0; i-- {
			start = n.add(nfaNode{branch: true, out: n.part(x[i], next), alt: start})
		}
		return start
	case repeat:
		return n.repeat(x, next)
	}
	return next
}

func (n *nfa) repeat(x repeat, next int32) int32 {
	if x.max < 0 {
		loop := n.add(nfaNode{branch: true, alt: next})
		n.nodes[loop].out = n.part(x.part, loop)
		next = loop
	} else {
		end := next
		for range x.max - x.min {
			next = n.add(nfaNode{branch: true, out: n.part(x.part, next), alt: end})
			if n.full() {
				return next
			}
		}
	}
	for range x.min {
		next = n.part(x.part, next)
		if n.full() {
			break
		}
	}
	return next
}

// set builds the nodes that match one code point. Byte sequences with the same
// suffix share its nodes.
func (n *nfa) set(s set, next int32) int32 {
	shared := map[nfaNode]int32{}
	node := func(lo, hi byte, out int32) int32 {
		x := nfaNode{lo: lo, hi: hi, out: out}
		i, ok := shared[x]
		if !ok {
			i = n.add(x)
			shared[x] = i
		}
		return i
	}
	start := int32(-1)
	for _, r := range s {
		for _, seq := range utf8Sequences(r.lo, r.hi) {
			at := next
			for i := len(seq) - 1; i >= 0; i-- {
				at = node(seq[i][0], seq[i][1], at)
			}
			if start >= 0 {
				at = n.add(nfaNode{branch: true, out: at, alt: start})
			}
			start = at
		}
	}
	if start < 0 { // an empty class matches nothing
		return n.add(nfaNode{lo: 1, hi: 0})
	}
	return start
}

// utf8Sequences splits a range of code points into sequences of byte ranges.
// Because strings are valid UTF-8, bytes that cannot occur (overlong forms,
// surrogates) may be included where that gives fewer sequences.
func utf8Sequences(lo, hi rune) [][][2]byte {
	var out [][][2]byte
	for _, size := range []struct{ lo, hi rune }{{0, 0x7f}, {0x80, 0x7ff}, {0x800, 0xffff}, {0x10000, utf8.MaxRune}} {
		a, b := max(lo, size.lo), min(hi, size.hi)
		if a > b {
			continue
		}
		if a == size.lo && b == size.hi && a > 0 {
			out = append(out, fullRange(a, b))
		} else {
			out = split(out, a, b)
		}
	}
	return out
}

// fullRange is every sequence of the length that the code points a to b have.
func fullRange(a, b rune) [][2]byte {
	first, last := string(a), string(b)
	seq := [][2]byte{{first[0], last[0]}}
	for range len(first) - 1 {
		seq = append(seq, [2]byte{0x80, 0xbf})
	}
	return seq
}

// split adds the sequences of a to b, which have the same number of bytes.
func split(out [][][2]byte, a, b rune) [][][2]byte {
	for shift := 6; shift <= 18; shift += 6 {
		low := rune(1)<<shift - 1
		if a&^low == b&^low {
			break // they differ in the last bytes only
		}
		if a&low != 0 {
			out = split(out, a, a|low)
			return split(out, a|low+1, b)
		}
		if b&low != low {
			out = split(out, a, b&^low-1)
			return split(out, b&^low, b)
		}
	}
	first, last := encode(a), encode(b)
	seq := make([][2]byte, len(first))
	for i := range seq {
		seq[i] = [2]byte{first[i], last[i]}
	}
	return append(out, seq)
}

// encode returns the UTF-8 encoding of any code point, including surrogates.
func encode(r rune) []byte {
	if r >= 0xd800 && r <= 0xdfff {
		return []byte{0xe0 | byte(r>>12), 0x80 | byte(r>>6)&0x3f, 0x80 | byte(r)&0x3f}
	}
	return utf8.AppendRune(nil, r)
}
