package schema

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/ir"
)

// link records a field refs<Post.author>, of which nothing is stored.
func (c *Builder) link(m *ir.Model, f *ir.Field, d *lang.FieldDecl) {
	if d.Key || d.Unique || d.Index || d.Lenient || d.Revision || d.EmptyIsNull || d.CascadeTTL || d.OnDelete != "" || d.Default != nil || d.Check != nil {
		c.Errorf(lang.CodeBadModel, d.Sp, "%s is a backlink, of which nothing is stored, so it has no attributes", f.Name)
	}
	m.Links = append(m.Links, &ir.Backlink{Name: f.Name, Model: f.Type.Model, Ref: f.Type.Values[0]})
}

// links checks the backlinks of a complete model, as far as the models that they name are known, and those of others that name
// it.
func (c *Builder) links(m *ir.Model, decl *lang.ModelStmt) {
	if c.Loading || c.Schema == nil {
		return
	}
	for _, l := range m.Links {
		from := c.Schema.Model(l.Model)
		if l.Model == m.Name {
			from = m
		} else if c.Later[l.Model] != nil { // it may be redeclared
			continue
		}
		if from == nil {
			c.Errorf(lang.CodeUnknownModel, decl.Name.Sp, "%s is a backlink from %s, which is not declared", l.Name, l.Model)
			continue
		}
		c.linkable(m.Name, l, from, decl)
	}
	for other := range c.Schema.Models() {
		for _, l := range other.Links {
			if l.Model == m.Name && other.Name != m.Name {
				c.linkable(other.Name, l, m, decl)
			}
		}
	}
}

// linkable reports why a backlink of model to cannot be followed to the documents of from.
func (c *Builder) linkable(to string, l *ir.Backlink, from *ir.Model, decl *lang.ModelStmt) {
	if _, why, hint := expr.LinkColumn(to, l, from); why != "" {
		c.Errorf(lang.CodeBadModel, decl.Name.Sp, "%s", why).WithHint("%s", hint)
	}
}

// Unlinked returns why a backlink of a model cannot be followed, and what to do; "" if each one can, or leads to a model that is
// not declared, or in later.
func Unlinked(known *ir.Schema, m *ir.Model, later []string) (why, hint string) {
	for _, l := range m.Links {
		from := known.Model(l.Model)
		if l.Model == m.Name {
			from = m
		}
		if from == nil || slices.Contains(later, l.Model) {
			continue
		}
		if _, why, hint = expr.LinkColumn(m.Name, l, from); why != "" {
			return why, hint
		}
	}
	return "", ""
}

// Severed returns why a backlink of another model to m can no longer be followed, and what to do; "" if each one can.
func Severed(known *ir.Schema, m *ir.Model) (why, hint string) {
	for other := range known.Models() {
		for _, l := range other.Links {
			if l.Model != m.Name || other.Name == m.Name {
				continue
			}
			if _, why, hint = expr.LinkColumn(other.Name, l, m); why != "" {
				return why, hint
			}
		}
	}
	return "", ""
}
