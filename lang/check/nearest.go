package check

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// nearest checks NEAREST k field TO vector; nil after an error.
func (c *checker) nearest(s *lang.Near, m *ir.Model) *ir.Nearest {
	n := &ir.Nearest{Sp: s.Sp, Col: c.vectorColumn(s, m)}
	n.K = c.amount(s.K, "NEAREST")
	c.Scope.In("NEAREST", false)
	n.To = c.Expr(s.To)
	if n.Col == nil {
		return nil
	}
	n.To = c.Coerce(n.To, n.Col.Type.NotNull())
	for _, x := range []ir.Expr{n.K, n.To} {
		if !ir.Closed(x) {
			c.Errorf(lang.CodeNotAllowed, x.Span(), "the operands of NEAREST must be known before the statement runs: literals, parameters or LET names")
			return nil
		}
	}
	return n
}

// vectorColumn returns the vector column: the named one, or the only one of the model.
func (c *checker) vectorColumn(s *lang.Near, m *ir.Model) *ir.Column {
	var all []*ir.Column
	var names []string
	for _, col := range m.Columns {
		if col.Type.Kind == lang.KVector {
			all, names = append(all, col), append(names, col.Name)
		}
	}
	if len(s.Field) > 0 {
		name := s.Field.String()
		for _, col := range all {
			if col.Name == name {
				return col
			}
		}
		d := c.Errorf(lang.CodeUnknownField, s.Field.Span(), "%s has no vector field %s", m.Name, name)
		if near := lang.Nearest(name, names); near != "" {
			d.WithHint("did you mean %s?", near)
		}
		return nil
	}
	switch len(all) {
	case 0:
		c.Errorf(lang.CodeUnknownField, s.Sp, "%s has no vector field", m.Name).WithHint("declare one: embedding vector<768>")
		return nil
	case 1:
		return all[0]
	}
	c.Errorf(lang.CodeAmbiguousName, s.Sp, "%s has several vector fields: %s", m.Name, strings.Join(names, ", ")).WithHint("NEAREST %s %s TO …", c.Source.Slice(s.K.Span()), names[0])
	return nil
}
