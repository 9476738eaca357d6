package schema

import (
	"context"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/ir"
)

// Altered is the result of ALTER MODEL. Added has everything that is added and still everything else; Model is the final
// definition. Values and indexes are removed only when everything that is added is complete.
type Altered struct {
	Base         *ir.Model // what the statement changes: the stored model or, if this change was interrupted, the model before it
	Added, Model *ir.Model
	Changes      *Changes // from Base to Model
	Adding       *Changes // from Base to Added
}

// Alter checks ALTER MODEL.
func (c *Builder) Alter(s *lang.AlterStmt) *ir.Define {
	d := &ir.Define{Alter: s}
	prev := c.Begin(&d.Head, s.Sp)
	defer c.End(prev)
	if d.Was = c.Model(s.Model); d.Was == nil {
		return nil
	}
	if s.Mode == lang.AlterUndo { // what is unfinished is known when the statement runs
		d.Model = d.Was
		c.Use(d.Was)
		return d
	}
	if to := RenamesModel(s); to.Name != "" {
		return c.renameModel(d, to)
	}
	a, bad := Alter(c.Ctx, c.Schema, d.Was, s, c.Source)
	if bad != nil {
		c.Errorf(bad.Code, bad.Span, "%s", bad.Message).Hint = bad.Hint
		return nil
	}
	if outer := c.firstModel(func(m *ir.Model) bool { return holds(m, d.Was.Name) }); outer != nil {
		c.Errorf(lang.CodeModelChanged, s.Model.Sp, "%s is embedded in %s, whose documents would no longer match", s.Model.Name, outer.Name).
			WithHint("declare the new form as a model with another name")
		return nil
	}
	if s.Mode == lang.AlterDryRun {
		if a.Changes.Enters {
			c.Errorf(lang.CodeNotAllowed, s.Sp, "what other programs have written of %s is known only when it is entered", d.Was.Name).WithHint("VERIFY %s reports values that do not fit", d.Was.Name)
			return nil
		}
		d.Works = a.Works(c.Schema, s)
	}
	d.Model = a.Model
	a.Changes.describe(d)
	d.NewChecks, d.Added = nil, a.Added
	for _, text := range a.Adding.Checks {
		for _, f := range a.Added.Hidden {
			text = strings.ReplaceAll(text, f.Name, f.Columns[0].Label())
		}
		d.NewChecks = append(d.NewChecks, text)
	}
	d.Model.Past = d.Was.History()
	c.Schema = c.Schema.With(d.Model)
	delete(c.embs, d.Model.Name)
	c.Use(d.Model)
	return d
}

// Begun reports whether the stored definition is that of this change, started but not complete.
func (a *Altered) Begun(was *ir.Model) bool {
	return a.Base != was && was.Form() == a.Added.Form()
}

// Alter computes the result of ALTER MODEL. A statement that was interrupted applies to the model before it.
func Alter(ctx context.Context, known *ir.Schema, was *ir.Model, s *lang.AlterStmt, src *lang.Source) (*Altered, *lang.Diag) {
	a := &alterer{ctx: ctx, known: known, s: s, src: src}
	if was.Before != nil {
		if out, bad := a.from(was.Before); bad == nil && (was.Form() == out.Added.Form() || was.Form() == out.Model.Form()) {
			return out, nil
		}
	}
	return a.from(was)
}

// LoadAltered is Alter for a statement in the catalog that is not complete. Its result is not checked, whatever other models have
// become since.
func LoadAltered(known *ir.Schema, was *ir.Model, s *lang.AlterStmt, src *lang.Source) (*Altered, *lang.Diag) {
	a := &alterer{ctx: context.Background(), known: known, s: s, src: src, loading: true}
	return a.from(was)
}

// alterer computes the definitions of one statement.
type alterer struct {
	ctx     context.Context
	known   *ir.Schema
	s       *lang.AlterStmt
	src     *lang.Source
	loading bool // see LoadAltered
}

func (a *alterer) from(was *ir.Model) (*Altered, *lang.Diag) {
	if Renames(a.s) {
		return a.renamed(was)
	}
	out := &Altered{Base: was}
	all, adds := &redeclared{was: was, decl: cloned(was.Decl)}, &redeclared{was: was, decl: cloned(was.Decl)}
	for _, act := range a.s.Actions {
		if d := all.apply(act); d != nil {
			return nil, at(d, act.Sp)
		}
	}
	for _, act := range a.s.Actions {
		if d := all.unused(act); d != nil {
			return nil, at(d, act.Sp)
		}
	}
	var d *lang.Diag
	if out.Model, d = a.build(all.decl); d != nil {
		return nil, at(d, a.culprit(was, d))
	}
	list, d := a.conversions(was, out.Model)
	if d != nil {
		return nil, d
	}
	for _, c := range list {
		if d := unconverted(was, c.name); d != nil {
			return nil, at(d, c.act.Sp)
		}
	}
	if d = follow(out.Model, was, list...); d != nil {
		return nil, at(d, a.culprit(was, nil))
	}
	if out.Changes, d = difference(was, out.Model, true, list); d != nil {
		return nil, at(d, a.culprit(was, nil))
	}
	for _, act := range a.s.Actions {
		switch { // an error was found above, unless the action needs what another removes
		case converts(act, was, out.Model), computes(act, was, out.Model), act.Kind == "ADD CHECK" && readsAny(act.Check, list), overAny(act.Paths, list) && !removes(act): // it is of the new values
		case act.Kind == "CHANGE FIELD":
			_ = adds.gently(act, out.Model)
		case !removes(act):
			_ = adds.apply(act)
		}
	}
	if e := out.Changes.Empty; e != nil {
		_ = at(e, a.demanding(out.Model))
	}
	out.Added, out.Adding = out.Model, out.Changes
	switch {
	case len(list) > 0:
		if out.Added, d = a.expanded(adds.decl, all.decl, list); d != nil {
			return nil, at(d, a.culprit(was, d))
		}
		for i, c := range list {
			out.Added.Hidden[i].Columns[0].Must = !out.Model.Field(c.name).Type.Null
		}
		out.replaced(list)
	case lang.Print(adds.decl) == out.Model.Def:
		return out, nil
	default:
		if out.Added, d = a.build(adds.decl); d != nil {
			return nil, at(d, a.culprit(was, d))
		}
	}
	out.Added.Follow(was, nil)
	if out.Adding, d = difference(was, out.Added, true, nil); d != nil {
		return nil, at(d, a.culprit(was, nil))
	}
	out.Adding.Empty = out.Changes.Empty
	return out, nil
}

// demanding returns the position of the first action that adds a field which existing documents lack.
func (a *alterer) demanding(m *ir.Model) lang.Span {
	i := slices.IndexFunc(a.s.Actions, func(act *lang.AlterAction) bool {
		return act.Kind == "ADD FIELD" && needed(m.Field(act.Field.Name.Name))
	})
	return a.s.Actions[max(i, 0)].Sp
}

// replaced records the indexes over values in the old form, which are removed together with them.
func (out *Altered) replaced(list []*conversion) {
	over := func(all []*ir.Index) (old []*ir.Index) {
		for _, ix := range all {
			if slices.ContainsFunc(ix.Cols, func(c *ir.Column) bool {
				return slices.ContainsFunc(list, func(x *conversion) bool { return c.Name == x.name && !x.adds })
			}) {
				old = append(old, ix)
			}
		}
		return old
	}
	c := out.Changes
	c.Gone, c.GoneUniques = append(c.Gone, over(out.Added.Ordered())...), append(c.GoneUniques, over(out.Added.Uniques)...)
}

func at(d *lang.Diag, sp lang.Span) *lang.Diag {
	d.Span = sp
	return d
}

// removes reports whether an action removes something that cannot be recomputed at once, or needs that something is removed.
func removes(act *lang.AlterAction) bool {
	return act.Kind == "SET" && act.Option.Kind == "WRITERS" && act.Option.Word == "ANY" || act.Kind == "DROP FIELD" || act.Kind == "DROP INDEX" || act.Kind == "DROP UNIQUE"
}

// build checks a declaration whose parts come from several texts, so its positions are meaningless.
func (a *alterer) build(decl *lang.ModelStmt) (*ir.Model, *lang.Diag) { return a.named(decl, nil) }

// named is build with earlier names of fields other than those of the stored model.
func (a *alterer) named(decl *lang.ModelStmt, aliases map[string]string) (*ir.Model, *lang.Diag) {
	c := New(expr.New(a.ctx, &lang.File{Source: a.src}, a.known, &expr.Options{}))
	c.Above, c.Head, c.aliases, c.Loading = rulesOnly{&c}, &ir.Head{}, aliases, a.loading
	var m *ir.Model
	c.Run(func() { m = c.build(decl, false) })
	for _, d := range c.Diags {
		if d.Severity == lang.SeverityError {
			return nil, d
		}
	}
	return m, nil
}

// culprit returns the position of the action that causes an error in the final definition: the last one without which there is no
// error.
func (a *alterer) culprit(was *ir.Model, mistake *lang.Diag) lang.Span {
	if mistake != nil && len(a.s.Actions) > 1 {
		r := &redeclared{was: was, decl: cloned(was.Decl)}
		for _, act := range a.s.Actions {
			_ = r.apply(act)
			if _, d := a.build(r.decl); d != nil && d.Message == mistake.Message {
				return act.Sp
			}
		}
	}
	if len(a.s.Actions) == 1 {
		return a.s.Actions[0].Sp
	}
	return a.s.Model.Sp
}

// cloned returns a copy of a declaration whose fields, rules and options may be changed.
func cloned(s *lang.ModelStmt) *lang.ModelStmt {
	out := *s
	out.Fields = make([]*lang.FieldDecl, len(s.Fields))
	for i, f := range s.Fields {
		c := *f
		out.Fields[i] = &c
	}
	out.Rules, out.Options = slices.Clone(s.Rules), slices.Clone(s.Options)
	return &out
}
