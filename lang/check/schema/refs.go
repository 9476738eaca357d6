package schema

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// onDelete records what happens to a ref when its document is deleted.
func (c *Builder) onDelete(f *ir.Field, d *lang.FieldDecl) {
	if d.OnDelete == "" {
		return
	}
	elem := f.Type
	list := elem.Kind == lang.KList
	if (list || f.Collection()) && elem.Elem != nil {
		elem = *elem.Elem
	}
	switch {
	case elem.Kind == lang.KUnknown:
	case elem.Kind != lang.KRef:
		c.Errorf(lang.CodeBadModel, d.Sp, "ON DELETE says what a ref does when its document is deleted, but %s is %s", f.Name, types.Describe(f.Type))
	case d.OnDelete == ir.OnDeleteSetNull && !list && !f.Collection() && !f.Type.Null:
		c.Errorf(lang.CodeBadModel, d.Sp, "%s may not be null, so ON DELETE cannot make it null", f.Name).
			WithHint("%s %s? … ON DELETE SET NULL, or ON DELETE RESTRICT or CASCADE", f.Name, lang.Print(d.Type))
	default:
		f.OnDelete = d.OnDelete
	}
}

// guards checks the fields with ON DELETE of a complete model, and those of others that refer to it.
func (c *Builder) guards(m *ir.Model, decl *lang.ModelStmt) {
	for _, col := range m.Guarded() {
		target := col.Target()
		switch {
		case !indexed(m, col):
			c.Errorf(lang.CodeBadModel, decl.Name.Sp, "%s has ON DELETE, so it needs an INDEX, by which the documents that refer to one are found", col.Name).
				WithHint("%s", indexHint(decl, col))
		case m.Foreign:
			c.Errorf(lang.CodeBadModel, decl.Name.Sp, "%s cannot have ON DELETE while other programs also write %s", col.Name, m.Name).WithHint("add WRITERS RQL if only RQL writes from now on")
		}
		if t := c.Schema.Model(target); target == m.Name {
			c.target(m, m.Name, col.Name, decl)
		} else if t != nil && !c.Loading {
			c.target(t, m.Name, col.Name, decl)
		}
	}
	if c.Loading || c.Schema == nil || !m.Foreign && !m.Expires {
		return
	}
	for _, r := range c.Schema.Referrers(m.Name) {
		if r.Model.Name != m.Name {
			c.target(m, r.Model.Name, r.Col.Name, decl)
			break
		}
	}
}

// target rejects as the target of ON DELETE a model t whose documents expire or are deleted by other programs.
func (c *Builder) target(t *ir.Model, by, field string, decl *lang.ModelStmt) {
	switch {
	case t.Foreign:
		c.Errorf(lang.CodeBadModel, decl.Name.Sp, "%s.%s has ON DELETE, but other programs delete documents of %s too (WRITERS ANY)", by, field, t.Name)
	case t.Expires:
		c.Errorf(lang.CodeBadModel, decl.Name.Sp, "%s.%s has ON DELETE, but documents of %s may expire, and the server then deletes them without asking", by, field, t.Name).
			WithHint("move the TTL to the model that refers, or omit ON DELETE")
	}
}

// indexed reports whether an index has col as its first column. Collections with ON DELETE always have one.
func indexed(m *ir.Model, col *ir.Column) bool {
	for _, ix := range m.Ordered() {
		if ix.Cols[0] == col {
			return true
		}
	}
	return false
}

// indexHint returns the line to write for an index on a column.
func indexHint(decl *lang.ModelStmt, col *ir.Column) string {
	for _, d := range decl.Fields {
		if d.Name.Name == col.Name {
			return col.Name + " " + lang.Print(d.Type) + " INDEX ON DELETE " + d.OnDelete
		}
	}
	return "INDEX (" + col.Name + ")"
}

// UseReferrers records the models whose documents may be deleted or changed with documents of m.
func (c *Builder) UseReferrers(m *ir.Model) {
	seen := map[string]bool{m.Name: true}
	for work := []string{m.Name}; len(work) > 0; work = work[1:] {
		for _, r := range c.Schema.Referrers(work[0]) {
			c.Use(r.Model)
			if r.Action == ir.OnDeleteCascade && !seen[r.Model.Name] {
				seen[r.Model.Name] = true
				work = append(work, r.Model.Name)
			}
		}
	}
}

// UseTargets records the models to which columns of m with ON DELETE refer, if a statement can write them.
func (c *Builder) UseTargets(m *ir.Model, sp lang.Span, writes func(*ir.Column) bool) {
	for _, col := range m.Guarded() {
		if !writes(col) {
			continue
		}
		t := c.Schema.Model(col.Target())
		if t == nil {
			c.Errorf(lang.CodeUnknownModel, sp, "%s.%s refers to documents of %s, which is not declared yet", m.Name, col.Name, col.Target())
			continue
		}
		c.Use(t)
	}
}

// Mortal rejects an expiration for documents to which others refer with ON DELETE.
func (c *Builder) Mortal(m *ir.Model, sp lang.Span) {
	if by := c.Schema.Referrers(m.Name); len(by) > 0 {
		c.Errorf(lang.CodeNotAllowed, sp, "documents of %s cannot expire: %s refers to them with ON DELETE, and the server would delete them without asking", m.Name, by[0].Name()).
			WithHint("use DELETE, or remove ON DELETE")
	}
}
