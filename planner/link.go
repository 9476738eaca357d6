package planner

import (
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// links plans the queries over backlinks in a statement, including nested ones.
func (c *blockBuilder) links(st ir.Stmt) plan.Links {
	var out plan.Links
	var find func(ir.Stmt)
	find = func(st ir.Stmt) {
		ir.Exprs(st, func(x ir.Expr) {
			ir.Linked(x, func(col *ir.Column) {
				if out[col] != nil {
					return
				}
				if out == nil {
					out = plan.Links{}
				}
				out[col] = c.stmt(nearby(col.Coll.Query), nil)
				find(col.Coll.Query)
			})
		})
	}
	find(st)
	return out
}

// linksOf plans the queries over backlinks of a statement that is one script.
func (b *builder) linksOf(p *Plan, st ir.Stmt, lazy bool) (plan.Links, error) {
	c := &blockBuilder{choose: Chooser{Block: true, Search: b.caps.inScript}, lazy: lazy}
	p.Links = c.links(st)
	return p.Links, c.err
}
