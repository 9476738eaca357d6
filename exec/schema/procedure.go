package schema

import (
	"context"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// defineProcedure stores a procedure in the catalog; nil removes it.
func (c *Change) defineProcedure(ctx context.Context, name string, p *ir.Procedure, sp lang.Span) (*rows.Rows, error) {
	kind := "DROP"
	if p != nil {
		kind = "PROCEDURE"
	}
	if _, err := c.db.Catalog.Reload(ctx); err != nil { // only the catalog tells whether there is nothing to do
		return nil, err
	}
	for t := c.db.Conn.Turns(); ; {
		version, was := "", c.db.Catalog.Schema().Procedure(name)
		if was != nil {
			version = was.Version
		}
		switch {
		case p != nil && was != nil && was.Def == p.Def:
			err := c.db.Catalog.RaiseProcedure(ctx, name) // who stored it may have been killed before
			if x, ok := fail.As(err); ok && (x.Code == lang.CodeReadOnly || x.Code == lang.CodeDenied) {
				err = nil // who may not store it has nothing to complete
			}
			return &rows.Rows{Kind: kind}, err
		case p == nil && was == nil:
			return nil, fail.Errorf(lang.CodeStale, sp, "%s was dropped by another client", name)
		}
		done, err := c.db.Catalog.DefineProcedure(ctx, name, version, p)
		if err != nil {
			return nil, err
		}
		if done {
			if _, err := c.db.Catalog.Reload(ctx); err != nil {
				return nil, err
			}
			return &rows.Rows{Kind: kind}, nil
		}
		if err := c.db.Again(ctx, &t, name, sp); err != nil {
			return nil, err
		}
	}
}
