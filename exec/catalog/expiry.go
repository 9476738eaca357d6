package catalog

import (
	"context"

	"github.com/rql-lang/rql/lang/ir"
)

// A model whose documents may expire is marked in the catalog: a model with a TTL when it is declared, any other before the first
// statement runs that sets an expiration. The mark is a new version, so that every program plans its statements again.

// Mark marks models, unless they are marked already. Later plans take it into account.
func (c *Catalog) Mark(ctx context.Context, models []*ir.Model) error {
	for _, m := range models {
		d, err := c.Definition(ctx, m.Name)
		if err != nil {
			return err
		}
		if d == nil || d.Expires {
			continue
		}
		d.Expires, d.Shadow = true, ir.PlaceNames(ir.ShadowOf(m))
		if _, _, err := c.Define(ctx, m.Name, m.Version, 0, d); err != nil {
			return err
		}
	}
	return nil
}
