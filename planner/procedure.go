package planner

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// Once is KEY … FOR … of a block: it runs once for its key.
type Once struct {
	X   *ir.Once
	Key eval.Fn
	For eval.Fn
}

// in says in which text key and duration stand.
func (o *Once) in() *lang.Within {
	if o.X.In == nil {
		return nil
	}
	return o.X.In.Within(o.X.Body, lang.Span{})
}

// once compiles the key and the duration.
func (b *builder) once(x *ir.Once) (*Once, error) {
	if x == nil {
		return nil, nil
	}
	key, err := b.compile(x.Key)
	if err != nil {
		return nil, err
	}
	ms, err := b.compile(x.For)
	return &Once{X: x, Key: key, For: ms}, err
}

// given prints the parameters of a CALL that are known before the statement is
// sent; other subqueries are printed as such.
func (p *Plan) given(t *plan.Text) {
	calls := map[*ir.Let]string{}
	if s, ok := p.last().Step.(*BlockStep); ok && s.Block != nil {
		note := func(c *plan.Call) {
			for i, l := range c.Params {
				calls[l] = "$" + c.Proc.Decl.Params[i].Name.Name + " of " + c.Proc.Name
			}
		}
		if s.Block.Call != nil {
			note(s.Block.Call)
		}
		plan.Walk(s.Block.Stmts, func(st plan.Stmt) bool {
			if c, ok := st.(*plan.Call); ok {
				note(c)
			}
			return true
		})
	}
	for _, pre := range p.Pre {
		call, ok := calls[pre.Let]
		switch {
		case ok:
			t.Line("with %s = %s", call, t.At(pre.Let.In, pre.Let.X))
		case pre.Plan.Let != nil:
			t.Line("first: subquery %s", plan.OneLine(t.Source.Slice(pre.Let.Sp)))
			t.Below(func() { pre.Plan.Let.explain(t) })
		}
	}
}

// last is the plan of the statement that a LET names, or p itself.
func (p *Plan) last() *Plan {
	if p.Let != nil {
		return p.Let.last()
	}
	return p
}
