package schema

import (
	"context"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/ir"
)

// RenamesModel returns the name that a statement gives to its model, and where it stands; "" if it gives none.
func RenamesModel(s *lang.AlterStmt) lang.Ident {
	if s == nil {
		return lang.Ident{}
	}
	if i := slices.IndexFunc(s.Actions, func(a *lang.AlterAction) bool { return a.Kind == "RENAME" }); i >= 0 {
		return s.Actions[i].To
	}
	return lang.Ident{}
}

// renameModel checks ALTER MODEL … RENAME TO.
func (c *Builder) renameModel(d *ir.Define, to lang.Ident) *ir.Define {
	s := d.Alter
	if len(s.Actions) > 1 {
		c.Errorf(lang.CodeNotAllowed, to.Sp, "RENAME TO cannot be combined with other actions").WithHint("put the other actions into a separate statement")
		return nil
	}
	if s.Mode == lang.AlterDryRun {
		d.Works = []*ir.Work{{Action: s.Actions[0].String()}}
	}
	if d.Was.Name == to.Name && s.Model.Name != to.Name { // it is called that already, and the statement knows it by an earlier name
		d.Model, d.Moved = d.Was, &ir.Moved{Schema: c.Schema}
		c.Use(d.Was)
		return d
	}
	if bad := c.renamable(d.Was, to); bad != nil {
		c.Diags = append(c.Diags, bad)
		return nil
	}
	moved, bad := RenameModel(c.Ctx, c.Schema, d.Was, to.Name)
	if bad != nil {
		c.Errorf(bad.Code, to.Sp, "%s", bad.Message).Hint = bad.Hint
		return nil
	}
	d.Moved, d.Model = moved, moved.Schema.Model(to.Name)
	d.Changes = []string{"it is called " + to.Name + ", and its keys have the name " + d.Model.StoredName()}
	var names []string
	for _, m := range moved.Others {
		names = append(names, m.Name)
	}
	for _, p := range moved.Procedures {
		names = append(names, "PROCEDURE "+p.Name)
	}
	if len(names) > 0 {
		d.Changes = append(d.Changes, "the definition of "+strings.Join(names, ", ")+" names it "+to.Name)
	}
	c.Schema, c.embs = moved.Schema, nil
	c.Use(d.Model)
	return d
}

// renamable returns why a model cannot have a name, or nil.
func (c *Builder) renamable(m *ir.Model, to lang.Ident) *lang.Diag {
	other := c.Schema.Model(to.Name)
	switch h := c.Schema.Holder(to.Name); {
	case to.Name == "rql":
		return lang.Errorf(lang.CodeBadModel, to.Sp, "a model cannot be called rql: keys with that prefix are reserved")
	case other != nil:
		return lang.Errorf(lang.CodeNotAllowed, to.Sp, "the model %s already exists", to.Name)
	case h != nil && h != m:
		return reserved(h, to)
	}
	return nil
}

// reserved returns the error for a name that another model was called.
func reserved(by *ir.Model, name lang.Ident) *lang.Diag {
	if slices.Contains(by.Formerly, name.Name) {
		return lang.Errorf(lang.CodeNotAllowed, name.Sp, "%s is an alias of the model %s, which programs may still use", name.Name, by.Name).
			WithHint("%s", lang.Print(dropAlias(by.Name, name.Name)))
	}
	return lang.Errorf(lang.CodeNotAllowed, name.Sp, "the keys of the model %s have the name %s", by.Name, name.Name).
		WithHint("choose another name")
}

// RenameModel returns what changes when a model is called to: its definition, and those of the models and procedures that name
// it, which name it by its new name from then on. Nothing that is stored changes.
func RenameModel(ctx context.Context, known *ir.Schema, was *ir.Model, to string) (*ir.Moved, *lang.Diag) {
	out := &ir.Moved{From: was.Name}
	name := func(n string) string {
		if n == was.Name {
			return to
		}
		return n
	}
	set := map[string]bool{was.Name: true}
	known.Naming(set)
	order := known.InOrder()
	schema := known
	for n := range set {
		schema = schema.Without(n)
	}
	decls, names := map[string]*lang.ModelStmt{}, map[string]ir.Names{}
	for _, m := range order {
		if set[m.Name] {
			decls[name(m.Name)], names[name(m.Name)] = renamedDecl(m.Decl, name), m.Names
		}
	}
	names[to] = was.After(to)
	for _, m := range order {
		if !set[m.Name] {
			continue
		}
		c := New(expr.New(ctx, &lang.File{Source: lang.NewSource("catalog", m.Def)}, schema, &expr.Options{}))
		c.Above, c.Head, c.Loading, c.Later, c.names = rulesOnly{&c}, &ir.Head{}, true, decls, names
		var now *ir.Model
		c.Run(func() { now = c.build(decls[name(m.Name)], false) })
		for _, d := range c.Diags {
			if d.Severity == lang.SeverityError {
				return nil, d
			}
		}
		now.SetPlaces(m.Places())
		now.Aliases, now.Renamed, now.Past = m.Aliases, m.Renamed, m.History()
		if m == was {
			out.Model = now
		} else if now.Def != m.Def {
			out.Others = append(out.Others, now)
		}
		schema = schema.With(now)
	}
	for _, n := range schema.Procedures() {
		p := schema.Procedure(n)
		decl := lang.Clone(p.Decl)
		lang.RenameModels(decl, name)
		for i := range decl.Params {
			decl.Params[i].Type = renamedType(decl.Params[i].Type, name)
		}
		if def := lang.Print(decl); def != p.Def {
			now := *p
			now.Def, now.Decl, now.Version = def, decl, ""
			out.Procedures = append(out.Procedures, &now)
			schema = schema.WithProcedure(&now)
		}
	}
	out.Schema = schema
	return out, nil
}

// renamedDecl returns a declaration with models under other names.
func renamedDecl(decl *lang.ModelStmt, name func(string) string) *lang.ModelStmt {
	out := cloned(decl)
	out.Name.Name = name(out.Name.Name)
	for _, f := range out.Fields {
		f.Type = renamedType(f.Type, name)
	}
	return out
}

// renamedType returns a type with models under other names; t itself if none has another.
func renamedType(t *lang.TypeExpr, name func(string) string) *lang.TypeExpr {
	if t == nil {
		return nil
	}
	of, own := t.Of, t.Name
	switch {
	case t.Of != nil && (isType(t.Name, "ref") || isType(t.Name, "refs")):
		if n := name(t.Of.Name); n != t.Of.Name {
			x := *t.Of
			x.Name = n
			of = &x
		}
	case t.Of != nil:
		of = renamedType(t.Of, name)
	case !lang.NamesType(t.Name):
		own = name(t.Name)
	}
	if of == t.Of && own == t.Name {
		return t
	}
	c := *t
	c.Of, c.Name = of, own
	return &c
}

// formerly handles a MODEL with the earlier name of another: a program that is older than the renaming continues with that model.
// Any other definition is refused.
func (c *Builder) formerly(d *ir.Define, by *ir.Model, decl *lang.ModelStmt) *ir.Define {
	d.Model, d.Was = by, by
	name := decl.Name
	if !slices.Contains(by.Formerly, name.Name) {
		c.Diags = append(c.Diags, reserved(by, name))
		return d
	}
	now := renamedDecl(decl, func(n string) string {
		if n == name.Name {
			return by.Name
		}
		return n
	})
	m := c.build(now, false)
	if c.Options.Migration || m.Def != by.Def && !by.Knew(m.Def) && !by.Knew(lang.Print(decl)) {
		c.Errorf(lang.CodeModelChanged, name.Sp, "%s was renamed to %s", name.Name, by.Name).WithHint("change it under its present name: MODEL %s { … }", by.Name)
		return d
	}
	d.Model = m
	c.older(d, &lang.ModelStmt{Name: name})
	return d
}
