package planner

import (
	"errors"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// leaves returns what the expressions read of a row, with the key first.
func (b *builder) leaves(m *ir.Model, xs ...ir.Expr) []*ir.Col {
	return eval.Leaves(b.schema, append([]ir.Expr{plan.KeyOf(m, lang.Span{})}, xs...)...)
}

// own reports whether every leaf is in the document itself, not in one that a ref points to or in a collection.
func own(leaves []*ir.Col) bool {
	for _, c := range leaves {
		if _, ok := c.X.(*ir.Row); !ok || c.Col.Coll != nil {
			return false
		}
	}
	return true
}

// cols returns the columns of leaves.
func cols(leaves []*ir.Col) []*ir.Column {
	out := make([]*ir.Column, len(leaves))
	for i, c := range leaves {
		out[i] = c.Col
	}
	return out
}

// refreshed returns the keys of the documents whose expiration a read extends.
func refreshed(of []ir.Refresh) []ir.Expr {
	var out []ir.Expr
	for _, r := range of {
		out = append(out, r.Keys)
	}
	return out
}

// itemExprs returns the expressions of items.
func itemExprs(items []ir.Item) []ir.Expr {
	out := make([]ir.Expr, len(items))
	for i := range items {
		out[i] = items[i].X
	}
	return out
}

// scan builds the script of a read.
func (b *builder) scan(p *Plan, q *plan.Query, ls []*ir.Col, step *ScanStep, uses []*ir.Model) error {
	sendRanges(q, false)
	links, err := b.linksOf(p, p.Stmt, false)
	if err != nil {
		return err
	}
	read := &plan.Read{Query: q, Uses: uses, Outs: ls, Count: step.Count, Covered: step.Covered, Links: links}
	step.Query = q
	p.Step = step
	if step.Flat = nil; !b.profile && !b.caps.Declared && flatScan(read) {
		if !b.flat {
			step.Flat = b.flatPlan(p.Stmt)
		} else if step.Script, err = lua.NewFirstScan(b.schema, read); step.Script != nil || err != nil {
			return errors.Join(err, b.args(p, step.Script))
		}
	}
	if step.Script, err = lua.NewScan(b.schema, read, b.profile); err != nil {
		return err
	}
	return b.args(p, step.Script)
}

// flatScan reports whether the first step of a scan may have a flat form: it finds documents in one range of an index, and reads nothing else
// of them than what is sent on as it is stored.
func flatScan(r *plan.Read) bool {
	c := r.Query.Cands[0]
	sc := c.Scans[0]
	m := r.Query.Model
	for i := range sc.Bounds {
		if b := &sc.Bounds[i]; b.Kind == plan.In || b.Kind == plan.NotIn || b.Kind == plan.Circle || b.List != nil {
			return false
		}
	}
	return len(r.Query.Cands) == 1 && len(c.Scans) == 1 && c.Exact && !c.Merge && c.Loose == 0 && (c.Runs == 0 || r.Query.Limit == nil) && sc.Walks() && sc.Sent && sc.Single() &&
		!r.Count && r.Covered == nil && len(r.Links) == 0 && !m.JSON && own(r.Outs)
}

// sendRanges decides which scans get their ranges as arguments. If lazy is set, those that may fail do not.
func sendRanges(q *plan.Query, lazy bool) {
	for _, c := range q.Cands {
		for _, sc := range c.Scans {
			sc.Sent = sc.Closed() && !(lazy && sc.Any(ir.MayFail))
			if n := len(sc.Bounds); !sc.Sent && n > 0 && sc.Bounds[n-1].Kind == plan.NotIn { // scripts do not compute its ranges
				sc.Bounds, c.Exact = sc.Bounds[:n-1], false
			}
		}
	}
}

// pageable reports whether the documents of a scan can be read by plain commands: its bounds are known and no document occurs
// twice.
func pageable(sc *plan.Scan) bool {
	if !sc.Walks() || sc.Model.Adopted || !sc.Closed() {
		return false
	}
	return sc.Single()
}

// findRows compiles the row operators of a FIND.
func (b *builder) findRows(l *Local, st *ir.Find, ops []plan.RowOp, width int) error {
	if err := b.rows(l, ops, width); err != nil {
		return err
	}
	return b.tie(l, st)
}

// walked says when a candidate of a query provides the requested order.
func walked(q *plan.Query) plan.WalkOrder {
	switch {
	case !q.Cands[0].Walked():
		return plan.WalkNever
	case len(q.Cands) == 1:
		return plan.WalkAlways
	}
	return plan.WalkMaybe
}
