package schema

import (
	"context"
	"fmt"

	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// Run executes a statement that changes the catalog, and warns of the procedures that it breaks.
func (c *Change) Run(ctx context.Context, st ir.Stmt) (*rows.Rows, error) {
	before := c.db.Catalog.Schema()
	out, err := c.run(ctx, st)
	if err != nil {
		return nil, err
	}
	after := c.db.Catalog.Schema()
	if after == before || len(after.Procedures()) == 0 {
		return out, nil
	}
	names, mistakes := check.Broken(ctx, before, after)
	for i, name := range names {
		out.Warn(rows.Warning{Code: lang.CodeBrokenProcedure, Field: name,
			Text: "the procedure " + name + " no longer works: " + mistakes[i].Error()})
	}
	return out, nil
}

func (c *Change) run(ctx context.Context, st ir.Stmt) (*rows.Rows, error) {
	switch st := st.(type) {
	case *ir.Define:
		return c.define(ctx, st)
	case *ir.Drop:
		return c.drop(ctx, st)
	case *ir.DefineProcedure:
		return c.defineProcedure(ctx, st.Proc.Name, st.Proc, st.Sp)
	case *ir.DropProcedure:
		return c.defineProcedure(ctx, st.Proc.Name, nil, st.Sp)
	}
	return nil, fmt.Errorf("%T does not change the catalog", st)
}
