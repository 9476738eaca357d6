package planner

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// Unserved is a part of a statement that reads every document of a model, because no index serves its WHERE or its ORDER BY.
type Unserved struct {
	Model *ir.Model
	Span  lang.Span // of the condition, or of the order
}

// Unserved returns the parts of a statement that no index serves. A statement that asks for all documents is not one.
func (p *Plan) Unserved() []Unserved {
	var out []Unserved
	for _, pre := range p.Pre {
		out = append(out, pre.Plan.Unserved()...)
	}
	if p.Let != nil {
		out = append(out, p.Let.Unserved()...)
	}
	add := func(q *plan.Query) {
		if q.Unserved() {
			out = append(out, Unserved{Model: q.Model, Span: asked(q)})
		}
	}
	switch s := p.Step.(type) {
	case *ScanStep:
		add(s.Query)
	case *BlockStep:
		if s.Block == nil {
			add(s.Query)
			break
		}
		plan.Walk(s.Block.Stmts, func(st plan.Stmt) bool {
			add(plan.QueryOf(st))
			return true
		})
	}
	return out
}

// asked returns the position of what a query asks for.
func asked(q *plan.Query) lang.Span {
	if q.Where != nil {
		return q.Where.Span()
	}
	return q.Order[0].X.Span()
}
