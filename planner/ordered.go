package planner

import (
	"cmp"
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// orderedCandidates finds the scans in the requested order: the index's columns
// are equalities or INs of the predicate followed by exactly the terms, in one
// direction, so that ties are ordered by key. If there are none, it finds one that gives the first terms.
func orderedCandidates(m *ir.Model, cs []ir.Expr, order []ir.Order) []*plan.Candidate {
	by := orderColumns(m, order)
	cols, desc, all := by.cols, by.desc, by.all
	ss := sargs(cs)
	var out []*plan.Candidate
	if all && len(cols) == 0 { // by key alone
		sc := &plan.Scan{Model: m}
		used, exact := 0, true
		if comp, k, ex := bound(m.KeyColumn(), ss); comp != nil && comp.Kind == plan.Range {
			sc.Bounds, used, exact = []plan.Bound{*comp}, k, ex
		}
		return []*plan.Candidate{{Scans: []*plan.Scan{sc}, Ordered: true, Rev: desc, Exact: exact && used == len(cs)}}
	}
	for _, ix := range m.Indexes {
		if all && endsWith(ix, cols) {
			if c := orderedBy(m, ix, len(ix.Cols)-len(cols), desc, ss, len(cs)); c != nil {
				c.Ordered = true
				out = append(out, c)
			}
		}
	}
	if x := inRuns(m, by, ss, len(cs)); x != nil && len(out) == 0 {
		out = append(out, x)
	}
	return out
}

// terms are the columns of the first terms of ORDER BY that an index could provide in one direction.
type terms struct {
	cols []*ir.Column
	desc bool
	all  bool // they are the whole order
	weak bool // the last one is an expression that may be equal for different values
}

// orderColumns analyzes ORDER BY. What follows the key decides nothing, and a final term on the key is redundant, because ties are ordered by
// key.
func orderColumns(m *ir.Model, order []ir.Order) (t terms) {
	for i, o := range order {
		c, rev := monotone(o.X)
		if c == nil || i > 0 && (o.Desc != rev) != t.desc {
			return t
		}
		t.desc = o.Desc != rev
		if t.weak = ownColumn(o.X) == nil; !t.weak && c == m.KeyColumn() {
			t.all = true
			return t
		}
		if t.cols = append(t.cols, c); t.weak {
			return t
		}
	}
	t.all = len(order) > 0
	return t
}

// monotone returns the field of the document that an expression never orders otherwise, or always against it if rev; nil if that is not
// certain. It may be equal for different values, but it has no fault, which would be null and come first.
func monotone(x ir.Expr) (c *ir.Column, rev bool) {
	if c = ownColumn(x); c != nil {
		return c, false
	}
	switch x := x.(type) {
	case *ir.Unary:
		if c, rev = monotone(x.X); c != nil && x.Op == lang.OpSub && !c.Type.Null && !c.Lenient() && !ir.Faulty(x) { // -null is null, which stays first
			return c, !rev
		}
	case *ir.Call:
		switch {
		case x.Fn == "date_trunc" && len(x.Args) == 2 && ir.Constant(x.Args[0]): // the checker knows the unit
			return monotone(x.Args[1])
		case x.Fn == "year" && len(x.Args) == 1:
			return monotone(x.Args[0])
		}
	}
	return nil, false
}

// endsWith reports whether the last columns of an index are cols.
func endsWith(ix *ir.Index, cols []*ir.Column) bool {
	n := len(ix.Cols) - len(cols)
	return n >= 0 && slices.Equal(ix.Cols[n:], cols)
}

// inRuns returns the scan that gives the most of the first terms of the order, which are on cols, and bounds the most columns in front of them.
func inRuns(m *ir.Model, by terms, ss []sarg, n int) (best *plan.Candidate) {
	cols := by.cols
	if len(cols) == 0 {
		return nil
	}
	for _, ix := range m.Indexes {
		at := slices.Index(ix.Cols, cols[0])
		if at < 0 {
			continue
		}
		c := orderedBy(m, ix, at, by.desc, ss, n)
		if c == nil || c.Merge {
			continue
		}
		for c.Runs < len(cols) && at+c.Runs < len(ix.Cols) && ix.Cols[at+c.Runs] == cols[c.Runs] {
			c.Runs++
		}
		c.Weak = by.weak && c.Runs == len(cols)
		if best == nil || cmp.Or(cmp.Compare(c.Lead, best.Lead), cmp.Compare(c.Runs, best.Runs), cmp.Compare(best.Scans[0].Width(), c.Scans[0].Width())) > 0 {
			best = c
		}
	}
	return best
}

// orderedBy returns a scan of an index whose first eq columns are equalities or INs of the predicate.
func orderedBy(m *ir.Model, ix *ir.Index, eq int, desc bool, ss []sarg, n int) *plan.Candidate {
	if ix.List || ix.Building {
		return nil
	}
	sc := &plan.Scan{Model: m, Path: plan.PathIndex, Index: ix}
	used, exact := 0, true
	merge := false
	for _, col := range ix.Cols[:eq] {
		s := member(col, ss, false)
		if s == nil {
			return nil
		}
		merge = merge || s.kind == plan.In
		sc.Bounds = append(sc.Bounds, s.comp())
		used++
		exact = exact && s.exact
	}
	if comp, k, ex := bound(ix.Cols[eq], ss); comp != nil && comp.Kind != plan.In {
		sc.Bounds = append(sc.Bounds, *comp)
		used += k
		exact = exact && ex
	} else if s := equality(ix.Cols[eq], ss); s != nil {
		sc.Bounds = append(sc.Bounds, s.comp())
		used++
		exact = exact && s.exact
	}
	if merge && (tooMany(sc) || !sc.Closed()) {
		return nil
	}
	return &plan.Candidate{Scans: []*plan.Scan{sc}, Rev: desc, Exact: exact && used == n, Lead: eq, Merge: merge}
}
