package run

import (
	"strconv"

	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/planner"
	"github.com/rql-lang/rql/planner/plan"
)

// prepare computes the number of rows wanted, and where to begin.
func (s *scanner) prepare(l *planner.Local, bd rows.Bounds) {
	switch {
	case bd.Limit < 0 || !l.Free():
	case planner.Op[planner.Sort](l) == nil:
		s.want = bd.Limit + bd.Offset
	default:
		s.top = bd.Limit + bd.Offset + 1
		if bd.After != nil {
			s.top++
		}
	}
	c := s.step.Query.Cands[0]
	if bd.After == nil || !c.Walked() {
		return
	}
	if c.Weak { // its position has no place in the index
		s.top = 0
		return
	}
	// A walk in order begins at the cursor.
	m, ok := "", false
	if u := s.j.unit; u != nil && c.Ordered {
		m, ok = s.j.from(c, bd.After, u)
	} else {
		m, ok = s.member(c, bd.After)
	}
	if ok {
		s.scan, s.rangeAt, s.cursor = "1", "1", m
		s.beyond(c)
		if c.Ordered || len(s.step.Query.Cands) == 1 { // the script chooses whether to read the first run again
			s.choice = "1"
		}
	}
}

// skips reports whether rows that OFFSET skips are counted by their entries, and takes them out of the bounds.
func (s *scanner) skips(bd *rows.Bounds) bool {
	j := s.j
	if !s.step.Skips || bd.After != nil || bd.Offset < plan.SkipRows || j.unit != nil || j.shared != nil {
		return false
	}
	if s.skip, bd.Offset = bd.Offset, 0; s.top > 0 {
		s.top -= s.skip
	}
	return true
}

// beyond moves the place of a cursor to the range in which the walk goes on, if the scan excludes values and so has several.
func (s *scanner) beyond(c *plan.Candidate) {
	bounds := c.Scans[0].Bounds
	if n := len(bounds); n == 0 || bounds[n-1].Kind != plan.NotIn {
		return
	}
	ranges, _ := s.j.ranges(c.Scans[0]) // which are computed again, and their error reported, as an argument
	for i := 0; i+1 < len(ranges); i += 2 {
		at := i
		if c.Rev {
			at = len(ranges) - 2 - i
		}
		if lo, hi := ranges[at][1:], ranges[at+1][1:]; c.Rev && lo < s.cursor[1:] || !c.Rev && hi > s.cursor[1:] {
			s.rangeAt = strconv.Itoa(at + 1)
			return
		}
	}
}

// member returns the index entry of a cursor as a bound.
func (s *scanner) member(c *plan.Candidate, p *rows.Position) (string, bool) {
	sc, id := c.Scans[0], p.Vals[len(p.Vals)-1]
	m, err := codec.KeyMember(id, sc.Model.Key.Type)
	if err != nil || sc.Index == nil {
		return "(" + m, err == nil
	}
	cols := sc.Index.Cols[c.Lead:]
	if c.Runs > 0 {
		cols = cols[:c.Runs]
	}
	if len(cols) > len(p.Vals)-1 {
		return "", false
	}
	text := ""
	if c.Lead > 0 { // all ranges begin with the values in front of the order
		ranges, err := s.j.ranges(sc)
		if err != nil || len(ranges) == 0 {
			return "", false
		}
		text = leadingValues(ranges[0][1:], c.Lead) + "\x00"
	}
	for i, c := range cols {
		e, err := codec.Member(p.Vals[i], c.Type)
		if err != nil {
			return "", false
		}
		text += e + "\x00"
	}
	switch {
	case c.Runs > 0 && c.Rev:
		return "(" + text[:len(text)-1] + "\x01", true // behind the run of the position
	case c.Runs > 0:
		return "[" + text, true
	}
	return "(" + text + m, true
}
