package eval

import (
	"fmt"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
)

// maxStates bounds the states of a pattern's table, not counting the dead
// state.
const maxStates = 1000

// Pattern is a compiled LIKE or MATCHES pattern: a deterministic automaton over
// the bytes of a string, which decides in one pass whether the pattern matches
// all of it. The string must be valid UTF-8. A Pattern is immutable.
type Pattern struct {
	classes [256]byte // class of a byte
	width   int       // number of classes
	next    []uint16  // state*width + class → next state; the top bit is set when it accepts
	accepts bool      // the empty string
	work    int       // nodes visited while building it
}

const acceptBit = 1 << 15

// CompilePattern compiles the pattern of lang.OpLike or lang.OpMatches. The
// error is a *codec.Error: bad-pattern, whose message has the position (in
// characters, from 1), or pattern-too-big.
//
// LIKE: % is any text, _ one code point, and a backslash escapes the next
// character. MATCHES is a subset of RE2 over code points that always matches
// the complete string: literals, . (any code point), classes [a-z] and [^…], \d
// \w \s and their capitals (ASCII), \n \t \r \f \v, \xHH \x{H…}, a backslash
// before punctuation, groups ( ) and (?: ), |, and * + ? {m} {m,} {m,n} with
// bounds up to 1,000.
func CompilePattern(op lang.Op, pattern string) (*Pattern, error) {
	var tree node
	var err error
	switch op {
	case lang.OpLike:
		tree, err = parseLike(pattern)
	case lang.OpMatches:
		tree, err = parseRegexp(pattern)
	default:
		return nil, fmt.Errorf("the operator %s has no pattern", op)
	}
	if err != nil {
		return nil, err
	}
	var n nfa
	start, err := n.build(tree)
	if err != nil {
		return nil, err
	}
	return n.determine(start)
}

func badPattern(at int, what string) error {
	return &codec.Error{Code: lang.CodeBadPattern, Message: fmt.Sprintf("the pattern is wrong at character %d: %s", at+1, what)}
}

func tooBig() error {
	return faultf(lang.CodePatternTooBig, "the pattern needs more than 1,000 states; make it or its repetitions shorter")
}

// Match reports whether the pattern matches the complete string.
func (p *Pattern) Match(s string) bool {
	if s == "" {
		return p.accepts
	}
	state := uint16(1)
	for i := 0; i < len(s); i++ {
		state = p.next[int(state&^acceptBit)*p.width+int(p.classes[s[i]])]
		if state == 0 {
			return false
		}
	}
	return state&acceptBit != 0
}

// Table returns the automaton as bytes, for Lua:
//
//	bytes 1 to 256   the class of each byte value, from 0
//	byte 257         number of classes less 1
//	byte 258         1 if the empty string fits, else 0
//	then             for each state from 0, for each class, two bytes, high first: the next state, plus
//	                 32768 if it accepts. State 0 is dead, state 1 the start.
//
// To match:
//
//	local function fits(t, s)
//	  local w, state, ok = byte(t, 257) + 1, 1, byte(t, 258) == 1
//	  for i = 1, #s do
//	    local at = 259 + (state * w + byte(t, byte(s, i) + 1)) * 2
//	    local hi, lo = byte(t, at, at + 1)
//	    ok = hi >= 128
//	    if ok then hi = hi - 128 end
//	    state = hi * 256 + lo
//	    if state == 0 then return false end
//	  end
//	  return ok
//	end
func (p *Pattern) Table() string {
	out := make([]byte, 0, 258+2*len(p.next))
	out = append(out, p.classes[:]...)
	out = append(out, byte(p.width-1), 0)
	if p.accepts {
		out[257] = 1
	}
	for _, n := range p.next {
		out = append(out, byte(n>>8), byte(n))
	}
	return string(out)
}

// States is the number of states, including the dead one.
func (p *Pattern) States() int { return len(p.next) / p.width }

// Work measures the effort of compiling the pattern: about 15 ns per unit.
func (p *Pattern) Work() int { return p.work }
