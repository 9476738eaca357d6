package check

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// fieldRules makes the indexes, unique constraints and checks that fields
// declare, those of embedded models at their path. names is the model whose
// fields are bare names here: m itself, or a model embedded at prefix, which
// is null with pres.
func (c *checker) fieldRules(m, names *ir.Model, decl *lang.ModelStmt, prefix string, pres *ir.Column) {
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

// insideRules applies the rules of the embedded model of f to the document around it.
func (c *checker) insideRules(m *ir.Model, f *ir.Field, path string, pres *ir.Column) {
	sc := *c.sc
	sc.model, sc.row = f.Emb, c.step(c.sc.row, f.Name, c.sc.row.Span(), c.sc.row.Span())
	outer := c.enter(&sc)
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
	c.enter(outer)
}

// check adds a CHECK; col is the column that, when null, leaves it unasked.
func (c *checker) check(m *ir.Model, x lang.Expr, col *ir.Column) {
	k := &ir.Check{Cond: c.cond(x), Text: lang.Print(x), Col: col}
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

// modelRules are INDEX (…), UNIQUE (…) and CHECK (…) of the model itself.
func (c *checker) modelRules(m *ir.Model, decl *lang.ModelStmt) {
	for _, r := range decl.Rules {
		switch r.Kind {
		case "CHECK":
			c.check(m, r.Check, nil)
			continue
		case "UNIQUE":
			if ix := c.ruleIndex(m, r, ""); ix != nil && c.fresh(m.Uniques, ix, r) {
				m.Uniques = append(m.Uniques, ix)
			}
		case "INDEX":
			if ix := c.ruleIndex(m, r, ""); ix != nil && c.fresh(m.Indexes, ix, r) {
				m.Indexes = append(m.Indexes, ix)
			}
		}
	}
}

func (c *checker) fresh(list []*ir.Index, ix *ir.Index, r *lang.RuleDecl) bool {
	for _, other := range list {
		if other.Name == ix.Name {
			c.errorf(lang.CodeBadModel, r.Sp, "%s of %s is declared twice", r.Kind, ix.Name)
			return false
		}
	}
	return true
}

// ruleIndex resolves the columns of INDEX (…) or UNIQUE (…).
func (c *checker) ruleIndex(m *ir.Model, r *lang.RuleDecl, prefix string) *ir.Index {
	ix := &ir.Index{}
	names := make([]string, 0, len(r.Paths))
	for _, p := range r.Paths {
		col := c.ruleColumn(m, p, prefix, r)
		if col == nil {
			return nil
		}
		for _, other := range ix.Cols {
			if other == col {
				c.errorf(lang.CodeBadModel, p.Span(), "%s has %s twice", r.Kind, p)
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

func (c *checker) ruleColumn(m *ir.Model, p lang.Path, prefix string, r *lang.RuleDecl) *ir.Column {
	x := c.sc.row
	for i, id := range p {
		if x.Type().Kind == lang.KRef {
			c.errorf(lang.CodeBadModel, p.Span(), "%s sees its own document only, not what a ref points to", r.Kind)
			return nil
		}
		if i == 0 && c.sc.model.Field(id.Name) == nil {
			c.noMember(id.Sp, c.sc.model.Name, id.Name, fieldNames(c.sc.model))
			return nil
		}
		x = c.step(x, id.Name, id.Sp, p.Span())
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
		c.errorf(lang.CodeBadModel, p.Span(), "a list cannot be part of an %s over several fields", r.Kind)
	case t.Kind == lang.KText, !indexable(elem) && !(t.Kind == lang.KGeo && r.Kind == "INDEX"), col == nil:
		c.errorf(lang.CodeBadModel, p.Span(), "%s does not take %s, which is %s", r.Kind, p, describe(t))
	case col.Field.Key && len(r.Paths) == 1:
		c.errorf(lang.CodeBadModel, p.Span(), "the KEY is unique and in order by itself")
	default:
		return col
	}
	return nil
}

// embed makes an object the value of an embedded model: every field is there,
// defaults and null included.
func (c *checker) embed(x *ir.Object, to lang.Type) ir.Expr {
	m := c.embedded(to.Model)
	if m == nil {
		return x
	}
	c.countFilled(len(m.Fields)-len(x.Names), x.Sp)
	values := make([]ir.Expr, len(m.Fields))
	bad := false
	for i, name := range x.Names {
		f := m.Field(name)
		if f == nil {
			bad = true
			c.noMember(c.nameSpan(x, i), m.Name, name, fieldNames(m))
			continue
		}
		values[f.Pos] = c.assigned(x.Items[i], name, f.Type)
	}
	out := &ir.Object{Base: ir.Base{T: to.NotNull(), Sp: x.Sp}, Names: fieldNames(m), Items: values}
	var missing []string
	for i, f := range m.Fields {
		switch {
		case values[i] != nil:
		case f.Default != nil:
			values[i] = c.defaultInside(m, f, values, x.Sp)
		default:
			values[i] = &ir.Const{Base: ir.Base{T: keyType(f.Type).OrNull(), Sp: x.Sp}, Ord: -1}
			if !f.Type.Null && f.Type.Kind != lang.KUnknown {
				missing = append(missing, f.Name)
			}
		}
	}
	if missing != nil && !bad {
		c.errorf(lang.CodeRequired, x.Sp, "%s needs %s", m.Name, strings.Join(missing, ", "))
	}
	return out
}

// defaultInside is the default of a field of an embedded value that is written
// out: fields that it uses are the values given beside it.
func (c *checker) defaultInside(m *ir.Model, f *ir.Field, values []ir.Expr, sp lang.Span) ir.Expr {
	var x lang.Expr
	for _, d := range m.Decl.Fields {
		if d.Name.Name == f.Name {
			x = d.Default
		}
	}
	if x == nil {
		return f.Default
	}
	sc := &scope{model: m, doc: m, rule: "DEFAULT", clause: "DEFAULT", before: f.Pos}
	sc.sibling = func(name string) ir.Expr {
		v := values[m.Field(name).Pos]
		if callsUUID(v) {
			c.errorf(lang.CodeNotAllowed, sp, "%s.%s takes its DEFAULT from %s, which is made anew each time", m.Name, f.Name, name).WithHint("give %s", f.Name)
		}
		return v
	}
	outer, at, pinned := c.enter(sc), c.at, c.pinned
	c.at, c.pinned = &sp, true
	v := c.assigned(c.expr(x), f.Name, f.Type)
	c.enter(outer)
	c.at, c.pinned = at, pinned
	return v
}

func callsUUID(x ir.Expr) bool {
	found := false
	ir.Walk(x, func(x ir.Expr) bool {
		if call, ok := x.(*ir.Call); ok && call.Fn == "uuid" {
			found = true
		}
		return !found
	})
	return found
}

// nameSpan is where name i of an object stands.
func (c *checker) nameSpan(x *ir.Object, i int) lang.Span {
	if src := c.objects[x]; src != nil && i < len(src.Entries) {
		return src.Entries[i].NameSp
	}
	return x.Items[i].Span()
}
