package planner

import (
	"cmp"
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
	"github.com/rql-lang/rql/search"
)

// Chooser finds the candidates of queries. Avoid contains the columns that the
// statement changes: a stepped change must not scan an index on one of them, where
// a document could get an entry further on. With one value for each column it has one place there.
type Chooser struct {
	Avoid map[*ir.Column]bool
	// Step requires exactly one candidate with one scan, for a stepped change.
	Step bool
	// Block is set for queries inside a block, where the order of an index scan
	// is used only if there is no other candidate.
	Block bool
	// Stale allows indexes that may lack documents.
	Stale bool
	// Search reports whether a script may use Search to find the documents of a model; nil means never.
	Search func(*ir.Model) bool
}

// Query plans the selection of documents of one model: its candidates, in the
// order in which they are compared.
func (c *Chooser) Query(m *ir.Model, where ir.Expr, order []ir.Order, limit, offset ir.Expr) *plan.Query {
	q := &plan.Query{Model: m, Where: where, Order: order, Limit: limit, Skip: offset}
	asked := fold(where)
	cs := conjuncts(asked, nil)
	if m.Scanned() && !c.Stale {
		q.Cands = c.byName(m, cs)
		if sc := q.Cands[0].Scans[0]; sc.Path == plan.PathNames && c.Search != nil && c.Search(m) {
			q.Cands[0].Scans[0] = &plan.Scan{Model: m, Path: plan.PathSearch, Search: search.New(m, asked)}
		}
		return q
	}
	q.Cands = c.filter(m, cs)
	ordered := orderedCandidates(m, cs, order)
	ordered = slices.DeleteFunc(ordered, func(o *plan.Candidate) bool { // without a limit all is read, and sorting is as good
		return o.Merge && (c.Block || limit == nil) || o.Runs > 0 && (c.Block || limit == nil && !o.Exact)
	})
	if m.Foreign { // an entry may be that of an old value, and so may its position in the order
		ordered = nil
		defer recheckAll(q)
	}
	switch {
	case c.Step:
		q.Cands = c.single(m, q.Cands)
	case c.Block:
		q.Cands = blockCandidates(q.Cands, ordered, limit != nil)
	default:
		found := q.Cands
		q.Cands = append(ordered, without(q.Cands, ordered)...)
		if !m.Foreign && !c.Stale {
			defer beside(q, found)
		}
	}
	if len(q.Cands) == 0 {
		q.Cands = []*plan.Candidate{all(m, asked)}
	}
	if len(q.Cands) > plan.MaxCandidates {
		q.Cands = q.Cands[:plan.MaxCandidates]
	}
	return q
}

// mostAlso is how many other indexes a script considers beside the one that it reads.
const mostAlso = 3

// beside gives each candidate the others that find what it does not decide by itself.
func beside(q *plan.Query, found []*plan.Candidate) {
	for _, x := range q.Cands {
		sc := x.Scans[0]
		if x.Exact || x.Merge || len(x.Scans) != 1 || !sc.Walks() {
			continue
		}
		for _, o := range found {
			also := *o.Scans[0]
			if len(o.Scans) == 1 && also.Path == plan.PathIndex && also.Closed() && also.Single() && excluding(o) == 0 && narrows(&also, sc) && len(x.Also) < mostAlso {
				also.Sent = true
				x.Also = append(x.Also, &also)
			}
		}
	}
}

// narrows reports whether a scan has a bound on a column on which another has none.
func narrows(sc, other *plan.Scan) bool {
	for _, c := range sc.Index.Cols[:len(sc.Bounds)] {
		if other.Index == nil || !slices.Contains(other.Index.Cols[:len(other.Bounds)], c) {
			return true
		}
	}
	return false
}

// byName finds documents by their keys if a predicate gives them, otherwise by a keyspace scan.
func (c *Chooser) byName(m *ir.Model, cs []ir.Expr) []*plan.Candidate {
	if x := byKey(m, sargs(cs), len(cs)); x != nil && !c.Step {
		return []*plan.Candidate{x}
	}
	return []*plan.Candidate{{Scans: []*plan.Scan{{Model: m, Path: plan.PathNames}}}}
}

// recheckAll adds a recheck of every document that an index finds.
func recheckAll(q *plan.Query) {
	for _, c := range q.Cands {
		c.Exact = false
	}
}

// all returns the scan of all documents, by key.
func all(m *ir.Model, where ir.Expr) *plan.Candidate {
	return &plan.Candidate{Scans: []*plan.Scan{{Model: m}}, Exact: where == nil}
}

// single selects the only scan of a stepped change: the one with the most equalities over columns that the statement does not
// change, otherwise all documents.
func (c *Chooser) single(m *ir.Model, cands []*plan.Candidate) []*plan.Candidate {
	var best *plan.Candidate
	for _, x := range cands {
		if len(x.Scans) != 1 || x.Scans[0].Lookup() {
			continue
		}
		if x.Scans[0].Index != nil && x.Scans[0].Index.List && !(len(x.Scans[0].Bounds) == 1 && x.Scans[0].Bounds[0].Kind == plan.Eq) {
			continue
		}
		if best == nil || weight(x.Scans[0]) > weight(best.Scans[0]) {
			best = x
		}
	}
	if best == nil {
		return nil
	}
	return []*plan.Candidate{best}
}

// weight ranks a scan without statistics.
func weight(sc *plan.Scan) int {
	if sc.Lookup() {
		return 100
	}
	w := 0
	for i := range sc.Bounds {
		switch sc.Bounds[i].Kind {
		case plan.Eq:
			w += 4
		case plan.In:
			w += 3
		case plan.Prefix:
			w += 2
		default:
			w++
		}
	}
	return w
}

// blockCandidates chooses the candidates for a query inside a block, which uses the order of a scan only if it is the whole plan.
func blockCandidates(cands, ordered []*plan.Candidate, limited bool) []*plan.Candidate {
	if limited {
		for _, o := range ordered {
			if o.Exact {
				return []*plan.Candidate{o}
			}
		}
		if len(ordered) > 0 && !slices.ContainsFunc(cands, func(c *plan.Candidate) bool { return excluding(c) == 0 }) {
			return ordered[:1]
		}
	}
	return cands
}

// without removes the candidates that scan the same index with the same bounds
// as an ordered one.
func without(cands, ordered []*plan.Candidate) []*plan.Candidate {
	var out []*plan.Candidate
next:
	for _, c := range cands {
		for _, o := range ordered {
			a, b := c.Scans[0], o.Scans[0]
			if len(c.Scans) == 1 && a.Walks() && a.Index == b.Index && len(a.Bounds) == len(b.Bounds) {
				continue next
			}
		}
		out = append(out, c)
	}
	return out
}

// conjuncts flattens AND.
func conjuncts(x ir.Expr, out []ir.Expr) []ir.Expr {
	if x == nil {
		return out
	}
	if b, ok := x.(*ir.Binary); ok && b.Op == lang.OpAnd {
		return conjuncts(b.R, conjuncts(b.L, out))
	}
	return append(out, x)
}

// disjuncts flattens OR.
func disjuncts(x ir.Expr, out []ir.Expr) []ir.Expr {
	if b, ok := x.(*ir.Binary); ok && b.Op == lang.OpOr {
		return disjuncts(b.R, disjuncts(b.L, out))
	}
	return append(out, x)
}

// filter returns the candidates for a predicate.
func (c *Chooser) filter(m *ir.Model, cs []ir.Expr) []*plan.Candidate {
	if len(cs) == 0 {
		return nil
	}
	ss := sargs(cs)
	var out []*plan.Candidate
	add := func(x *plan.Candidate) {
		if x != nil {
			out = append(out, x)
		}
	}
	add(byKey(m, ss, len(cs)))
	for _, ix := range m.Uniques {
		if ix.Building {
			continue
		}
		add(byUnique(m, ix, ss, len(cs)))
	}
	if len(out) > 0 && !c.Step {
		return out[:1] // at most one document: nothing is cheaper
	}
	if x := byKey(m, ss, len(cs)); x != nil && x.Scans[0].Path == plan.PathKeys {
		return []*plan.Candidate{walkedKeys(x)}
	}
	out = out[:0]
	for _, ix := range m.Ordered() {
		if x := byIndex(m, ix, ss, len(cs)); x != nil && !ix.Building && (!c.avoids(ix) || x.Scans[0].OneEntry()) {
			out = append(out, x)
		}
	}
	add(byKeyRange(m, ss, len(cs)))
	for _, x := range cs {
		add(c.union(m, x, len(cs)))
	}
	slices.SortStableFunc(out, func(a, b *plan.Candidate) int { return cmp.Compare(excluding(a), excluding(b)) })
	return out
}

// excluding is 1 for a candidate that finds all but the documents with some values, which may be nearly all, and else 0.
func excluding(c *plan.Candidate) int {
	if sc := c.Scans[0]; len(sc.Bounds) > 0 && sc.Bounds[0].Kind == plan.NotIn {
		return 1
	}
	return 0
}

// walkedKeys converts a candidate by key to a scan of the set of all keys, which steps can continue.
func walkedKeys(x *plan.Candidate) *plan.Candidate {
	sc := x.Scans[0]
	b := plan.Bound{Kind: plan.Eq, T: sc.Model.Key.Type, X: sc.Keys}
	if sc.Keys.Type().Kind == lang.KList {
		b = plan.Bound{Kind: plan.In, T: sc.Model.Key.Type, List: sc.Keys}
	}
	return &plan.Candidate{Scans: []*plan.Scan{{Model: sc.Model, Bounds: []plan.Bound{b}}}, Exact: x.Exact}
}

// avoids reports whether an index is on a column that the statement changes.
func (c *Chooser) avoids(ix *ir.Index) bool {
	for _, col := range ix.Cols {
		if c.Avoid[col] {
			return true
		}
	}
	return false
}

// byKey finds documents by their key.
func byKey(m *ir.Model, ss []sarg, n int) *plan.Candidate {
	for i := range ss {
		s := &ss[i]
		if s.col != m.KeyColumn() {
			continue
		}
		sc := &plan.Scan{Model: m, Path: plan.PathKeys, Where: true}
		switch {
		case s.kind == plan.Eq:
			sc.Keys = s.x
		case s.kind == plan.In && s.list != nil:
			sc.Keys = s.list
		case s.kind == plan.In:
			sc.Keys = &ir.List{Base: ir.Base{T: lang.ListOf(m.Key.Type), Sp: s.src.Span()}, Items: s.items}
		default:
			continue
		}
		return &plan.Candidate{Scans: []*plan.Scan{sc}, Exact: false}
	}
	return nil
}

// byKeyRange scans the keys within bounds.
func byKeyRange(m *ir.Model, ss []sarg, n int) *plan.Candidate {
	comp, used, exact := bound(m.KeyColumn(), ss)
	if comp == nil || comp.Kind == plan.NotNull || comp.Kind == plan.NotIn {
		return nil
	}
	if comp.Kind == plan.Prefix {
		return nil // the set of keys has no type tags; the predicate on the field's own index covers it
	}
	return &plan.Candidate{Scans: []*plan.Scan{{Model: m, Bounds: []plan.Bound{*comp}}}, Exact: exact && used == n}
}

// byUnique looks a document up by a unique value.
func byUnique(m *ir.Model, ix *ir.Index, ss []sarg, n int) *plan.Candidate {
	sc := &plan.Scan{Model: m, Path: plan.PathUnique, Index: ix}
	for _, col := range ix.Cols {
		s := equality(col, ss)
		if s == nil || s.x.Type().Kind == lang.KNull {
			return nil
		}
		if s.x.Type().Null {
			// null has no entry in a unique index, but equality with a null
			// value must find nulls.
			if !ir.Closed(s.x) || col.Type.Null {
				return nil
			}
		}
		sc.Bounds = append(sc.Bounds, plan.Bound{Kind: plan.Eq, T: col.Type, X: s.x})
	}
	return &plan.Candidate{Scans: []*plan.Scan{sc}}
}

// byIndex bounds the leading columns of an index.
func byIndex(m *ir.Model, ix *ir.Index, ss []sarg, n int) *plan.Candidate {
	sc := &plan.Scan{Model: m, Path: plan.PathIndex, Index: ix}
	used, exact := 0, true
	for _, col := range ix.Cols {
		if s := member(col, ss, ix.List); s != nil {
			sc.Bounds = append(sc.Bounds, s.comp())
			used++
			exact = exact && s.exact
			continue
		}
		if ix.List {
			break
		}
		comp, k, ex := bound(col, ss)
		if comp != nil {
			sc.Bounds = append(sc.Bounds, *comp)
			used += k
			exact = exact && ex
		}
		break
	}
	if len(sc.Bounds) == 0 || tooMany(sc) {
		return nil
	}
	return &plan.Candidate{Scans: []*plan.Scan{sc}, Exact: exact && used == n}
}

// tooMany reports whether the combinations of the INs of a scan exceed the
// limit.
func tooMany(sc *plan.Scan) bool {
	n := 1
	for i := range sc.Bounds {
		if k := len(sc.Bounds[i].Items); k > 0 {
			n *= k
		}
	}
	return n > plan.MaxRanges
}

// union covers an OR if every part has a scan of its own.
func (c *Chooser) union(m *ir.Model, x ir.Expr, n int) *plan.Candidate {
	ds := disjuncts(x, nil)
	if len(ds) < 2 || len(ds) > plan.MaxRanges {
		return nil
	}
	out := &plan.Candidate{Exact: n == 1}
	for _, d := range ds {
		sub := c.filter(m, conjuncts(d, nil))
		var best *plan.Candidate
		for _, s := range sub {
			if len(s.Scans) == 1 && excluding(s) == 0 && (best == nil || weight(s.Scans[0]) > weight(best.Scans[0])) {
				best = s
			}
		}
		if best == nil {
			return nil
		}
		sc := *best.Scans[0]
		sc.Disjunct = d
		out.Scans = append(out.Scans, &sc)
		out.Exact = out.Exact && best.Exact
	}
	if len(out.Scans) > plan.MaxUnion {
		return nil
	}
	return out
}
