package compile

import (
	"sync"

	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// Program is a checked program with the plans made so far, and what is known of
// those who read its rows. Plans are added under the lock; everything else stays
// as it is.
type Program struct {
	Source *lang.Source
	Prog   *ir.Program
	schema *ir.Schema // the catalog it was checked against
	// constants are the operations on literals that may fault: with the literals of another text of the
	// same shape one of them may have a fault that the checker has not seen.
	constants []eval.Fn
	mu        sync.Mutex
	plans     []*planner.Plan
	fits      sync.Map // Target → *Fitted
}

// Plan returns the plan of statement i, making it at first use.
func (c *Program) Plan(i int, caps planner.Caps) (*planner.Plan, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.plans[i] == nil {
		p, err := run.Build(c.Prog.Stmts[i], c.Prog, caps)
		if err != nil {
			return nil, err
		}
		c.plans[i] = p
	}
	return c.plans[i], nil
}

// Text is a program and the literals of one text of its shape.
type Text struct {
	*Program
	Consts []any
}

func newProgram(src *lang.Source, prog *ir.Program, schema *ir.Schema) *Program {
	return &Program{Source: src, Prog: prog, schema: schema, plans: make([]*planner.Plan, len(prog.Stmts))}
}
