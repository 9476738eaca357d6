package planner

import (
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// Pin is a value that names the partition in which a statement works.
type Pin struct {
	ir.Pin
	Value eval.Fn // nil: a default that is computed later
}

// pins compiles what names the partition of a statement.
func (b *builder) pins(p *Plan, st ir.Stmt) error {
	for _, pin := range st.Info().Pins {
		fn, err := b.compile(pin.X)
		if err != nil {
			return err
		}
		p.Pins = append(p.Pins, Pin{Pin: pin, Value: fn})
	}
	return nil
}

// place prints the partition in which a statement works.
func (p *Plan) place(t *plan.Text) {
	for i := range p.Pins {
		pin := &p.Pins[i]
		of := "of the block"
		if pin.Model != nil {
			of = pin.Model.Part.Name
		}
		switch {
		case pin.X == nil:
			t.Line("partition: %s, which has a DEFAULT", of)
		case pin.Docs:
			t.Line("partition: %s of %s", of, t.Expr(pin.X))
		case pin.Model == nil:
			t.Line("partition: %s", t.Expr(pin.X))
		default:
			t.Line("partition: %s = %s", of, t.Expr(pin.X))
		}
	}
}
