package catalog

import (
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/ir"
)

// WithoutSearch makes plans do without the Search index of a model, which somebody dropped, until a MODEL
// makes another. fail.ErrStale asks for another plan: RQL's own indexes give the
// same rows, and what only Search can do says what is missing.
func (c *Catalog) WithoutSearch(m *ir.Model) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	schema := c.Schema()
	if now := schema.Model(m.Name); now != nil && now.Search != nil && now.Version == m.Version {
		without := *now
		without.Search = nil
		c.lost.Store(m.Name, now)
		c.schema.Store(schema.With(&without))
	}
	return fail.ErrStale
}

// Replan makes no plan that was made before be taken again.
func (c *Catalog) Replan() {
	c.mu.Lock()
	defer c.mu.Unlock()
	schema := *c.Schema()
	c.schema.Store(&schema)
}

// asInCatalog gives a model its Search index back, for statements that look after it.
func (c *Catalog) asInCatalog(model string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.lost.LoadAndDelete(model); ok {
		schema, was := c.Schema(), v.(*ir.Model)
		if now := schema.Model(model); now != nil && now.Version == was.Version {
			c.schema.Store(schema.With(was))
		}
	}
}
