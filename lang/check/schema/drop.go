package schema

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Drop checks DROP MODEL.
func (c *Builder) Drop(s *lang.DropStmt) *ir.Drop {
	d := &ir.Drop{All: s.All}
	prev := c.Begin(&d.Head, s.Sp)
	defer c.End(prev)
	if d.Model = c.Model(s.Name); d.Model == nil {
		return nil
	}
	c.Use(d.Model)
	if other := c.firstModel(func(m *ir.Model) bool { return m != d.Model && pointsTo(m, d.Model.Name) }); other != nil {
		c.Errorf(lang.CodeNotEmpty, s.Name.Sp, "%s still uses %s", other.Name, d.Model.Name).WithHint("drop %s first", other.Name)
		return d
	}
	c.Schema = c.Schema.Without(d.Model.Name)
	return d
}

// pointsTo reports whether m has a ref to the named model, or embeds it.
func pointsTo(m *ir.Model, name string) bool {
	if holds(m, name) {
		return true
	}
	for _, f := range m.Collections() {
		if t := f.Type.Elem; t.Kind == lang.KRef && t.Model == name {
			return true
		}
	}
	for _, col := range m.Columns {
		t := col.Type
		for (t.Kind == lang.KList || t.Kind == lang.KMap) && t.Elem != nil {
			t = *t.Elem
		}
		if t.Kind == lang.KRef && t.Model == name {
			return true
		}
	}
	return false
}
