package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// recovery counts the open brackets and blocks between the start of a failed
// statement and the current token.
type recovery struct {
	brackets int
	blocks   int // ATOMIC blocks
	ifs      int // IF and FOR without their END yet
	cases    int // CASE WHEN of SQL without their END yet
}

// count processes one token; before is the token in front of it.
func (r *recovery) count(t, before *lexer.Token) {
	switch t.Type {
	case tokOpen:
		r.blocks++
	case tokClose:
		r.blocks--
	case tokSign:
		if strings.Contains("([{", t.Value) {
			r.brackets++
		} else if strings.Contains(")]}", t.Value) && r.brackets > 0 {
			r.brackets--
		}
	case tokWord:
		starts := before == nil || before.Type == tokOpen || isSign(before, ";") || is(before, "THEN") || is(before, "DO")
		if starts && is(t, "IF") || (starts || before != nil && is(before, "ELSE")) && is(t, "FOR") {
			r.ifs++
		} else if before != nil && beginsCase(before, t) {
			r.cases++
		} else if is(t, "END") && r.cases > 0 {
			r.cases--
		} else if is(t, "END") && r.ifs > 0 {
			r.ifs--
		}
	}
}

// recover skips the rest of the failed statement that began at start: to the
// next `;` outside brackets, to a `;` whose next line begins a statement (an
// unclosed bracket must not swallow the file), past the block that the
// statement opened, or to the end of its list.
func (p *parser) recover(start lexer.RawCursor, ends *blockEnd) {
	if p.RawCursor() == start && !p.schemaAhead() {
		p.Next()
	}
	var r recovery
	var before *lexer.Token
	done := p.Range(start, p.RawCursor())
	for i := range done {
		r.count(&done[i], before)
		before = &done[i]
	}
	ensure := len(done) > 0 && is(&done[0], "ENSURE")
	for {
		t := p.Peek()
		if t.EOF() || p.stops(t, &r, ends, ensure) {
			return
		}
		p.Next()
		inCase := r.cases > 0
		r.count(t, before)
		if closes := t.Type == tokClose && r.blocks <= 0 || !inCase && is(t, "END") && r.ifs == 0 && r.blocks == 0; closes {
			return
		}
		before = t
	}
}

// stops reports whether the failed statement ends before t.
func (p *parser) stops(t *lexer.Token, r *recovery, ends *blockEnd, ensure bool) bool {
	newStatement := func(next *lexer.Token) bool { return heads().allHeads.has(next) && next.Pos.Line > t.Pos.Line }
	switch {
	case isSign(t, ";"):
		if r.blocks <= 0 && r.ifs == 0 {
			return r.brackets == 0 || newStatement(p.peekAt(1))
		}
	case r.blocks > 0:
		return false
	case t.Type == tokClose:
		return ends != nil
	case is(t, "END"):
		return ends != nil && ends.end && r.ifs == 0 && r.cases == 0
	case is(t, "ELSE"):
		return ends != nil && ends.orElse && r.ifs == 0 && !ensure
	case p.schemaAhead():
		prev := p.prev()
		return prev != nil && (isSign(prev, ";") || r.brackets == 0 && t.Pos.Line > prev.Pos.Line)
	}
	return false
}
