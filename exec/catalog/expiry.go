package catalog

import (
	"context"

	"github.com/rql-lang/rql/lang/ir"
)

// A model whose documents may have ends is marked in the catalog: with a TTL when it is
// declared, any other before the first statement runs that gives one of its
// documents an end. The mark is a new version, so that every program plans again and knows.

// Mark marks models, unless somebody else did; the plans that follow know of it.
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
