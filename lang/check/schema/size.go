package schema

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// sizeOf is how much a field of type t adds to its model: itself, and what it holds by value.
func (c *Builder) sizeOf(t lang.Type) int {
	for (t.Kind == lang.KList || t.Kind == lang.KMap) && t.Elem != nil {
		t = *t.Elem
	}
	if t.Kind != lang.KEmbedded {
		return 1
	}
	if c.sizes[t.Model] == 0 {
		c.Embedded(t.Model)
	}
	return 1 + c.sizes[t.Model]
}

// sized notes the size of a model, for those that embed it.
func (c *Builder) sized(m *ir.Model, size int) {
	if c.sizes == nil {
		c.sizes = map[string]int{}
	}
	c.sizes[m.Name] = size
}
