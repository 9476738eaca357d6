package planner

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// Gather is the compiled plan.Gather.
type Gather struct {
	Of        []Gathered
	Referrers []*Referrers
}

// Gathered is a compiled plan.Gathered.
type Gathered struct {
	*plan.Gathered
	Keys eval.Fn
}

// nearby returns a statement whose conditions read no document elsewhere: instead of an ir.Away they have its condition on refs.
func nearby(st ir.Stmt) ir.Stmt {
	near := func(x ir.Expr) (ir.Expr, bool) {
		found := false
		out := ir.Replace(x, func(x ir.Expr) ir.Expr {
			a, ok := x.(*ir.Away)
			if !ok {
				return nil
			}
			found = true
			return a.In
		})
		return out, found
	}
	target := func(t *ir.Target) bool {
		where, found := near(t.Where)
		if found {
			t.Where = where
		}
		return found
	}
	switch st := st.(type) {
	case *ir.Find:
		if where, found := near(st.Where); found {
			out := *st
			out.Where = where
			return &out
		}
	case *ir.Count:
		if where, found := near(st.Where); found {
			out := *st
			out.Where = where
			return &out
		}
	case *ir.Exists:
		if where, found := near(st.Where); found {
			out := *st
			out.Where = where
			return &out
		}
	case *ir.Update:
		if out := *st; target(&out.Target) {
			return &out
		}
	case *ir.Delete:
		if out := *st; target(&out.Target) {
			return &out
		}
	case *ir.Expire:
		if out := *st; target(&out.Target) {
			return &out
		}
	}
	return st
}

// gathering returns row operators that read the documents which no script reads with the row, before the projection needs them.
func gathering(nodes []plan.RowOp) []plan.RowOp {
	for i, n := range nodes {
		p, ok := n.(*plan.Project)
		if !ok {
			continue
		}
		g := &plan.Gather{Of: gatheredBy(p.Items), Referrers: referrersOf(p.Items)}
		if len(g.Of) > 0 || len(g.Referrers) > 0 {
			return append(append(nodes[:i:i], g), nodes[i:]...)
		}
		break
	}
	return nodes
}

// gatheredBy returns the documents that returned items read through refs which are not leaves of the row, those that lead to the keys of
// others first.
func gatheredBy(items []ir.Item) []*plan.Gathered {
	var out []*plan.Gathered
	seen := map[string]bool{}
	same := map[*ir.Deref]bool{}
	var visit func(x ir.Expr, around func(ir.Expr) ir.Expr) int
	visit = func(x ir.Expr, around func(ir.Expr) ir.Expr) (depth int) {
		switch x := x.(type) {
		case *ir.Pluck:
			depth = visit(x.X, around)
			return max(depth, visit(x.Body, func(y ir.Expr) ir.Expr {
				return around(&ir.Pluck{Base: ir.Base{T: lang.ListOf(y.Type()), Sp: x.Sp}, X: x.X, Body: y})
			}))
		case *ir.Col:
			if ir.LeafPath(x) != "" {
				return 0
			}
		}
		for _, y := range ir.Children(x) {
			depth = max(depth, visit(y, around))
		}
		d, ok := x.(*ir.Deref)
		if !ok || ir.LeafPath(plan.ColumnBehind(d)) != "" {
			return depth
		}
		keys := around(d.X)
		if path := ir.LeafPath(keys); same[d] || path != "" && seen[path] || !ir.Has(keys, ir.ReadsRow) {
			return depth + 1
		} else if path != "" {
			seen[path] = true
		}
		same[d] = true
		out = append(out, &plan.Gathered{Model: d.Target, Keys: keys, Depth: depth})
		return depth + 1
	}
	for _, it := range items {
		visit(it.X, func(x ir.Expr) ir.Expr { return x })
	}
	return out
}

// gather compiles a plan.Gather.
func (b *builder) gather(l *Local, n *plan.Gather) (*Gather, error) {
	op := &Gather{}
	for _, g := range n.Of {
		fn, err := eval.CompileKeys(g.Keys, l.Layout)
		if err != nil {
			return nil, err
		}
		op.Of = append(op.Of, Gathered{g, fn})
	}
	for _, r := range n.Referrers {
		x, err := b.referrers(l, r)
		if err != nil {
			return nil, err
		}
		op.Referrers = append(op.Referrers, x)
	}
	return op, nil
}
