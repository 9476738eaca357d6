package planner

import (
	"slices"

	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// Where the entries of an index have what a scan reads, unless it is in one of their columns.
const (
	AtKey   = -1 // the key, at the end
	Nowhere = -2 // not at all: only WHERE reads it, which the range of the scan answers
)

// covering lets a query read just the entries of an index that has all columns of xs, which the FIND reads, where the query would read
// documents otherwise. An index whose range decides which documents match has no more entries in it than any other.
func (b *builder) covering(p *Plan, q *plan.Query, st *ir.Find, xs []ir.Expr) {
	m := st.Model
	if p.Over != nil || !entered(m) || st.Near != nil {
		return
	}
	ls := b.leaves(m, xs...)
	all := st.Grouped || st.Distinct || st.Limit == nil // LIMIT does not end the scan
	walked := slices.ContainsFunc(q.Cands, (*plan.Candidate).Walked)
	for _, c := range q.Cands {
		if c.Exact && !c.Merge && len(c.Scans) == 1 && pageable(c.Scans[0]) && (all || c.Ordered || !walked) && placesOf(c.Scans[0], ls, nil) != nil {
			q.Cands = []*plan.Candidate{c}
			return
		}
	}
	if !all || st.AllFields || walked || fold(st.Where) != nil { // whole documents are read as they are
		return
	}
	var best *plan.Scan
	for _, ix := range m.Indexes {
		sc := &plan.Scan{Model: m, Path: plan.PathIndex, Index: ix}
		if !ix.List && !ix.Building && placesOf(sc, ls, nil) != nil && (best == nil || len(ix.Cols) < len(best.Index.Cols)) {
			best = sc
		}
	}
	if best != nil {
		q.Cands = []*plan.Candidate{{Scans: []*plan.Scan{best}, Exact: true}}
	}
}

// deep makes the only candidate of a query with OFFSET one that has the order and decides which documents match: no other has fewer entries.
func deep(p *Plan, q *plan.Query) {
	for _, c := range q.Cands {
		if q.Skip != nil && p.Over == nil && c.Exact && c.Ordered && !c.Merge && pageable(c.Scans[0]) {
			q.Cands = []*plan.Candidate{c}
			return
		}
	}
}

// entered reports whether the entries of an index of a model say which documents there are, as far as is known without reading them.
func entered(m *ir.Model) bool { return !m.Foreign && !m.Adopted && !m.Scanned() && !m.Expires }

// witnessed reports whether it can be known without reading documents that the entries of a scan are theirs: see the engine's pages. The
// key of a document is enough if it is there.
func witnessed(sc *plan.Scan) bool {
	return sc.Walks() && (sc.Index == nil || !sc.Index.List && entered(sc.Model))
}

// placesOf says for each of cols where the entries of a scan have it; nil if they lack one of need.
func placesOf(sc *plan.Scan, need []*ir.Col, cols []*ir.Column) []int {
	if !witnessed(sc) || !own(need) || slices.ContainsFunc(need, func(c *ir.Col) bool { return placeOf(sc, c.Col) == Nowhere }) {
		return nil
	}
	out := make([]int, len(cols))
	for i, c := range cols {
		out[i] = placeOf(sc, c)
	}
	return out
}

func placeOf(sc *plan.Scan, c *ir.Column) int {
	if c == sc.Model.KeyColumn() {
		return AtKey
	}
	if sc.Index != nil && !c.Lenient() && codec.Reversible(c.Type) && c.Fill == nil && c.Gen == nil {
		if i := slices.Index(sc.Index.Cols, c); i >= 0 {
			return i
		}
	}
	return Nowhere
}

// alone says what the entries of a scan answer alone, whose documents plain commands would read; need is what the FIND reads besides WHERE.
func (s *ScanStep) alone(q *plan.Query, need []*ir.Col) {
	c := q.Cands[0]
	s.Places = placesOf(c.Scans[0], need, s.Cols)
	s.Skips = c.Ordered && q.Skip != nil && witnessed(c.Scans[0])
}
