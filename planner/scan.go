package planner

import (
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
	s, err := lua.NewScan(b.schema, &plan.Read{Query: q, Uses: uses, Outs: ls, Count: step.Count, Covered: step.Covered, Links: links}, b.profile)
	if err != nil {
		return err
	}
	step.Script, step.Query = s, q
	p.Step = step
	return b.args(p, s)
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
	case !q.Cands[0].Ordered:
		return plan.WalkNever
	case len(q.Cands) == 1:
		return plan.WalkAlways
	}
	return plan.WalkMaybe
}
