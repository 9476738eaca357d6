package compile

import (
	"sync"
	"sync/atomic"

	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// Program is a checked program with the plans made so far, and the targets fitted to it. Plans are made under the lock;
// everything else is immutable.
type Program struct {
	Source *lang.Source
	Prog   *ir.Program
	schema *ir.Schema // the catalog against which it was checked
	// constants are the operations on literals that may fail: with the literals of another text of the same shape, one of them
	// may fail although the checker accepted the first text.
	constants []eval.Fn
	mu        sync.Mutex
	plans     []atomic.Pointer[planner.Plan]
	fits      sync.Map // Target → *Fitted
}

// Plan returns the plan of statement i, making it at first use.
func (c *Program) Plan(i int, caps planner.Caps) (*planner.Plan, error) {
	if p := c.plans[i].Load(); p != nil {
		return p, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.plans[i].Load(); p != nil {
		return p, nil
	}
	p, err := run.Build(c.Prog.Stmts[i], c.Prog, caps)
	if err == nil {
		c.plans[i].Store(p)
	}
	return p, err
}

// Text is a program and the literals of one text of its shape.
type Text struct {
	*Program
	Consts []any
}

func newProgram(src *lang.Source, prog *ir.Program, schema *ir.Schema) *Program {
	return &Program{Source: src, Prog: prog, schema: schema, plans: make([]atomic.Pointer[planner.Plan], len(prog.Stmts))}
}
