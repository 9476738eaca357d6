package schema

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// fieldRules builds the indexes, unique constraints and checks that fields declare, those of embedded models at their path. names
// is the model whose fields are bare names here: m itself, or a model embedded at prefix, which is null if pres is.
func (c *Builder) fieldRules(m, names *ir.Model, decl *lang.ModelStmt, prefix string, pres *ir.Column) {
	for _, d := range decl.Fields {
		f := names.Field(d.Name.Name)
		if f == nil || f.Type.Kind == lang.KUnknown || f.Collection() {
			continue
		}
		path := prefix + f.Name
		col := m.Column(path) // of an embedded value: its presence column, if it has one
		if f.Index && f.Emb == nil {
			m.Indexes = append(m.Indexes, &ir.Index{Name: path, Cols: []*ir.Column{col}, List: col.Type.Kind == lang.KList})
		}
		if f.Unique && f.Emb == nil {
			m.Uniques = append(m.Uniques, &ir.Index{Name: path, Cols: []*ir.Column{col}})
		}
		if d.Check != nil {
			c.check(m, d.Check, orColumn(col, pres))
		}
		if f.Emb != nil {
			c.insideRules(m, f, path, orColumn(col, pres))
		}
	}
}

func orColumn(a, b *ir.Column) *ir.Column {
	if a != nil {
		return a
	}
	return b
}

// insideRules applies the rules of the embedded model of f to the enclosing document.
func (c *Builder) insideRules(m *ir.Model, f *ir.Field, path string, pres *ir.Column) {
	sc := *c.Scope
	sc.Model, sc.Row = f.Emb, c.Step(c.Scope.Row, f.Name, c.Scope.Row.Span(), c.Scope.Row.Span())
	outer := c.Enter(&sc)
	c.fieldRules(m, f.Emb, f.Emb.Decl, path+".", pres)
	for _, r := range f.Emb.Decl.Rules {
		switch r.Kind {
		case "CHECK":
			c.check(m, r.Check, pres)
		case "INDEX":
			if ix := c.ruleIndex(m, r, path+"."); ix != nil {
				m.Indexes = append(m.Indexes, ix)
			}
		}
	}
	c.Enter(outer)
}

// check adds a CHECK. If col is null in a document, the check does not apply.
func (c *Builder) check(m *ir.Model, x lang.Expr, col *ir.Column) {
	k := &ir.Check{Cond: c.Cond(x), Text: lang.Print(x), Col: col}
	seen := make([]bool, len(m.Columns))
	ir.Walk(k.Cond, func(x ir.Expr) bool {
		switch x := x.(type) {
		case *ir.Col:
			seen[x.Col.Slot] = true
		case *ir.Emb:
			for _, under := range m.Under(x.Prefix) {
				seen[under.Slot] = true
			}
		}
		return true
	})
	for i, s := range seen {
		if s {
			k.Cols = append(k.Cols, m.Columns[i])
		}
	}
	m.Checks = append(m.Checks, k)
}

// modelRules checks the model's own INDEX (…), UNIQUE (…) and CHECK (…).
func (c *Builder) modelRules(m *ir.Model, decl *lang.ModelStmt) {
	for _, r := range decl.Rules {
		switch r.Kind {
		case "CHECK":
			c.check(m, r.Check, nil)
			continue
		case "UNIQUE":
			if ix := c.ruleIndex(m, r, ""); ix != nil && c.fresh(m.Uniques, ix, r) {
				ix.Global = r.Global
				m.Uniques = append(m.Uniques, ix)
			}
		case "INDEX":
			if ix := c.ruleIndex(m, r, ""); ix != nil && c.fresh(m.Indexes, ix, r) {
				m.Indexes = append(m.Indexes, ix)
			}
		}
	}
}

func (c *Builder) fresh(list []*ir.Index, ix *ir.Index, r *lang.RuleDecl) bool {
	for _, other := range list {
		if other.Name == ix.Name {
			c.Errorf(lang.CodeBadModel, r.Sp, "%s of %s is declared twice", r.Kind, ix.Name)
			return false
		}
	}
	return true
}

// ruleIndex resolves the columns of INDEX (…) or UNIQUE (…).
func (c *Builder) ruleIndex(m *ir.Model, r *lang.RuleDecl, prefix string) *ir.Index {
	ix := &ir.Index{}
	names := make([]string, 0, len(r.Paths))
	for _, p := range r.Paths {
		col := c.ruleColumn(m, p, prefix, r)
		if col == nil {
			return nil
		}
		for _, other := range ix.Cols {
			if other == col {
				c.Errorf(lang.CodeBadModel, p.Span(), "%s has %s twice", r.Kind, p)
				return nil
			}
		}
		ix.Cols = append(ix.Cols, col)
		names = append(names, col.Name)
	}
	ix.Name = strings.Join(names, ",")
	ix.List = len(ix.Cols) == 1 && ix.Cols[0].Type.Kind == lang.KList
	return ix
}

func (c *Builder) ruleColumn(m *ir.Model, p lang.Path, prefix string, r *lang.RuleDecl) *ir.Column {
	x := c.Scope.Row
	for i, id := range p {
		if x.Type().Kind == lang.KRef {
			c.Errorf(lang.CodeBadModel, p.Span(), "%s can read only its own document, not what a ref points to", r.Kind)
			return nil
		}
		if i == 0 && c.Scope.Model.Field(id.Name) == nil {
			c.NoMember(id.Sp, c.Scope.Model.Name, id.Name, types.FieldNames(c.Scope.Model))
			return nil
		}
		x = c.Step(x, id.Name, id.Sp, p.Span())
	}
	t := x.Type()
	if t.Kind == lang.KUnknown {
		return nil
	}
	elem := t
	if t.Kind == lang.KList && r.Kind == "INDEX" && len(r.Paths) == 1 {
		elem = *t.Elem
	}
	col := m.Column(prefix + p.String())
	switch {
	case t.Kind == lang.KList && len(r.Paths) > 1:
		c.Errorf(lang.CodeBadModel, p.Span(), "a list cannot be part of an %s over several fields", r.Kind)
	case t.Kind == lang.KText, !types.Indexable(elem) && !(t.Kind == lang.KGeo && r.Kind == "INDEX"), col == nil:
		c.Errorf(lang.CodeBadModel, p.Span(), "%s cannot use %s, which is %s", r.Kind, p, types.Describe(t))
	case col.Field.Key && len(r.Paths) == 1 && !r.Global:
		c.Errorf(lang.CodeBadModel, p.Span(), "the KEY is already unique and ordered")
	default:
		return col
	}
	return nil
}
