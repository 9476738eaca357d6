package compile

import (
	"slices"

	"github.com/rql-lang/rql/lang/ir"
)

// See makes * and a missing RETURN give only the fields of models that a program has declared, by the names that they have
// there. It is called before the first text.
func (c *Cache) See(view *ir.Schema) { c.view = view }

// seen returns a program whose statements give what the view has of documents.
func (c *Cache) seen(prog *ir.Program) *ir.Program {
	if c.view == nil {
		return prog
	}
	out := *prog
	out.Stmts = slices.Clone(prog.Stmts)
	for i, st := range out.Stmts {
		m, ok := documentsOf(st)
		if !ok {
			continue
		}
		if v := c.viewOf(m); v != nil {
			out.Stmts[i] = viewed(st, m, v)
		}
	}
	return &out
}

// viewOf returns a model as the program has declared it, maybe by an earlier name, or nil.
func (c *Cache) viewOf(m *ir.Model) *ir.Model {
	v := c.view.Model(m.Name)
	for i := len(m.Formerly) - 1; i >= 0 && v == nil; i-- {
		v = c.view.Model(m.Formerly[i])
	}
	return v
}

// documentsOf returns the model whose documents a statement returns.
func documentsOf(st ir.Stmt) (*ir.Model, bool) {
	switch st := st.(type) {
	case *ir.Get:
		return st.Model, true
	case *ir.Find:
		return st.Model, true
	case *ir.Create:
		return st.Model, true
	case *ir.Update:
		return st.Model, true
	case *ir.Delete:
		return st.Model, true
	case *ir.Copy:
		return st.Model, true
	}
	return nil, false
}

// viewed returns a statement that gives, of the fields of m that the text does not name, those that v has too.
func viewed(st ir.Stmt, m, v *ir.Model) ir.Stmt {
	all, fixed := Returned(st)
	if fixed {
		return st
	}
	var items []ir.Item
	other := false
	for _, it := range all {
		if it.Text != "" || m.Field(it.Name) == nil {
			items = append(items, it)
			continue
		}
		name := nameIn(it.Name, m, v)
		if other = other || name != it.Name; name == "" {
			continue
		}
		it.Name = name
		items = append(items, it)
	}
	if !other || len(items) == 0 {
		return st
	}
	return narrowed(st, items)
}

// nameIn returns the name that v has for a field of m, which may be an earlier one; "" if it has none.
func nameIn(field string, m, v *ir.Model) string {
	if v.Field(field) != nil {
		return field
	}
	name := ""
	for old, now := range m.Aliases {
		if now == field && v.Field(old) != nil && (name == "" || old < name) {
			name = old
		}
	}
	return name
}

// Stored returns the names that the catalog has for the columns of a statement, of which viewed may have changed those that the
// text does not name.
func Stored(st ir.Stmt, columns []string) []string {
	m, ok := documentsOf(st)
	if !ok || len(m.Aliases) == 0 {
		return columns
	}
	items, _ := Returned(st)
	out := slices.Clone(columns)
	for i := range out {
		if i >= len(items) || items[i].Text != "" {
			continue
		}
		if f := m.Lookup(out[i]); f != nil {
			out[i] = f.Name
		}
	}
	return out
}
