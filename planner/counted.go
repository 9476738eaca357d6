package planner

import (
	"slices"

	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// counted plans a FIND whose only aggregate is count(), if the number of entries of an index is that of the documents of each group,
// or of all that match. done is false for any other.
func (b *builder) counted(p *Plan, st *ir.Find) (done bool, err error) {
	m := st.Model
	if !st.Grouped || st.Each || st.Near != nil || m.Foreign || m.Scanned() || len(st.Aggs) == 0 {
		return false, nil
	}
	for i := range st.Aggs {
		if a := &st.Aggs[i]; a.Fn != "count" || a.X != nil {
			return false, nil
		}
	}
	if len(st.Group) > 0 {
		done, err = b.countGroups(p, st)
	} else {
		done, err = b.card(p, (&Chooser{}).Query(m, st.Where, nil, nil, nil), st.Uses)
	}
	if !done || err != nil {
		return false, err
	}
	ops := plan.RowOps(st, false)
	ops[0] = &plan.Counted{Aggregate: ops[0].(*plan.Aggregate)}
	p.Local = &Local{Layout: eval.NewLayout(b.schema, nil), Items: st.Items}
	return true, b.findRows(p.Local, st, ops, 0)
}

// countGroups plans the step that counts the documents of each group.
func (b *builder) countGroups(p *Plan, st *ir.Find) (done bool, err error) {
	m := st.Model
	cols := make([]*ir.Column, len(st.Group))
	for i, x := range st.Group {
		if cols[i] = ownColumn(x.X); cols[i] == nil || cols[i].Lenient() || !codec.Reversible(cols[i].Type) {
			return false, nil
		}
	}
	of := groupsOf(m, st.Where, cols)
	if of == nil || m.Expires {
		return false, nil
	}
	of.Scan.Sent = true
	step := &GroupsStep{Groups: of, At: make([]int, len(cols))}
	for i, c := range cols {
		step.At[i] = slices.Index(of.Scan.Index.Cols, c)
	}
	if step.Script, err = lua.NewScan(b.schema, &plan.Read{Query: &plan.Query{Model: m}, Uses: st.Uses, Groups: of}, b.profile); err != nil {
		return false, err
	}
	p.Step = step
	return true, b.args(p, step.Script)
}

// groupsOf returns the groups of the documents that match a predicate by the values of columns, if the leading columns of an index
// are just these and such as have one value, and if the predicate does no more than bound the index; otherwise nil.
func groupsOf(m *ir.Model, where ir.Expr, cols []*ir.Column) (best *plan.Groups) {
	cs := conjuncts(fold(where), nil)
	ss := sargs(cs)
	for _, ix := range m.Indexes {
		if ix.List || ix.Building {
			continue
		}
		sc := &plan.Scan{Model: m, Path: plan.PathIndex, Index: ix}
		if len(cs) > 0 {
			c := byIndex(m, ix, ss, len(cs))
			if c == nil || !c.Exact {
				continue
			}
			sc = c.Scans[0]
		}
		if w := leading(sc, cols); w > 0 && sc.Closed() && (best == nil || len(ix.Cols) < len(best.Scan.Index.Cols)) {
			best = &plan.Groups{Scan: sc, Width: w}
		}
	}
	return best
}

// leading returns the number of the leading columns of a scan's index whose values tell apart the groups by cols; 0 if there are no
// such columns. Each of them is one of cols or has one value, so the entries of a group follow each other.
func leading(sc *plan.Scan, cols []*ir.Column) int {
	seen := map[*ir.Column]bool{}
	for _, c := range cols {
		seen[c] = false
	}
	left := len(seen)
	for i, c := range sc.Index.Cols {
		known, asked := seen[c]
		switch {
		case asked && !known:
			seen[c] = true
			if left--; left == 0 {
				return i + 1
			}
		case !asked && (i >= len(sc.Bounds) || sc.Bounds[i].Kind != plan.Eq):
			return 0
		}
	}
	return 0
}
