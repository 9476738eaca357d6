package catalog

import (
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/ir"
)

// WithoutSearch stops using the Search index of a model, because it was dropped outside RQL, until a MODEL statement creates
// another. It returns fail.ErrStale, which asks for a new plan: RQL's own indexes give the same rows, and what only Search can do
// fails with an error that says so.
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

// Replan invalidates all plans.
func (c *Catalog) Replan() {
	c.mu.Lock()
	defer c.mu.Unlock()
	schema := *c.Schema()
	c.schema.Store(&schema)
}

// asInCatalog restores the Search index of a model, for statements that check or repair it.
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
