package schema

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// redeclared is a declaration to which the actions of ALTER MODEL are applied one after the other.
type redeclared struct {
	was  *ir.Model
	decl *lang.ModelStmt
}

// apply applies one action to the declaration.
func (r *redeclared) apply(act *lang.AlterAction) *lang.Diag {
	switch act.Kind {
	case "ADD FIELD":
		return r.addField(act.Field)
	case "ADD INDEX", "ADD UNIQUE":
		return r.addRule(act)
	case "ADD CHECK":
		if r.hasCheck(act.Check) {
			return r.already("the CHECK " + lang.Print(act.Check))
		}
		r.decl.Rules = append(r.decl.Rules, &lang.RuleDecl{Sp: act.Sp, Kind: "CHECK", Check: act.Check})
	case "DROP FIELD":
		return r.dropField(act.Name)
	case "DROP INDEX", "DROP UNIQUE":
		return r.dropRule(act)
	case "DROP CHECK":
		return r.dropCheck(act.Check)
	case "CHANGE FIELD":
		return r.changeField(act)
	case "SET":
		return r.setOption(act.Option)
	case "DROP TTL":
		if optionOf(r.decl.Options, "TTL") == nil {
			return lang.Errorf(lang.CodeNotAllowed, act.Sp, "%s has no TTL", r.was.Name)
		}
		r.dropOption("TTL")
	}
	return nil
}

func (r *redeclared) already(what string) *lang.Diag {
	return lang.Errorf(lang.CodeBadModel, lang.Span{}, "%s has %s already", r.was.Name, what)
}

func (r *redeclared) no(what string) *lang.Diag {
	return lang.Errorf(lang.CodeUnknownName, lang.Span{}, "%s has no %s", r.was.Name, what).WithHint("SHOW MODEL %s prints the definition", r.was.Name)
}

// field returns the declaration of a field, or nil.
func (r *redeclared) field(name string) *lang.FieldDecl {
	for _, f := range r.decl.Fields {
		if f.Name.Name == name {
			return f
		}
	}
	return nil
}

func (r *redeclared) unknown(name string) *lang.Diag {
	d := lang.Errorf(lang.CodeUnknownField, lang.Span{}, "%s has no field %s", r.was.Name, name)
	var names []string
	for _, f := range r.decl.Fields {
		names = append(names, f.Name.Name)
	}
	if n := lang.Nearest(name, names); n != "" {
		d.WithHint("did you mean %s?", n)
	}
	return d
}

func (r *redeclared) addField(f *lang.FieldDecl) *lang.Diag {
	if r.field(f.Name.Name) != nil || r.was.Field(f.Name.Name) == r.was.Key && f.Name.Name == r.was.Key.Name {
		return r.twice(f.Name.Name)
	}
	if field := r.was.Aliases[f.Name.Name]; field != "" {
		return r.alias(f.Name.Name, field)
	}
	c := *f
	r.decl.Fields = append(r.decl.Fields, &c)
	return nil
}

func (r *redeclared) dropField(id lang.Ident) *lang.Diag {
	if id.Name == r.was.Key.Name {
		return lang.Errorf(lang.CodeModelChanged, lang.Span{}, "%s is the KEY of %s", id.Name, r.was.Name)
	}
	if r.field(id.Name) == nil {
		return r.unknown(id.Name)
	}
	if p := r.was.Part; p != nil && p.Name == id.Name {
		return lang.Errorf(lang.CodeModelChanged, lang.Span{}, "%s names the partitions of %s", id.Name, r.was.Name)
	}
	if r.was.Adopted && r.was.Link(id.Name) == nil {
		return lang.Errorf(lang.CodeModelChanged, lang.Span{}, "other programs define what the documents of %s are", r.was.Name).
			WithHint("DROP MODEL %s, which keeps its documents, and declare it again without %s", r.was.Name, id.Name)
	}
	r.decl.Fields = slices.DeleteFunc(r.decl.Fields, func(f *lang.FieldDecl) bool { return f.Name.Name == id.Name })
	return nil
}

// unused checks that nothing in the definition reads a field that an action drops.
func (r *redeclared) unused(act *lang.AlterAction) *lang.Diag {
	name := act.Name.Name
	if act.Kind != "DROP FIELD" || r.field(name) != nil {
		return nil
	}
	used := func(by, drop string) *lang.Diag {
		d := lang.Errorf(lang.CodeNotAllowed, lang.Span{}, "%s is used by %s", name, by)
		if drop != "" {
			d.WithHint("drop it in the same statement: %s", lang.Print(&lang.AlterStmt{Model: r.decl.Name, Actions: []*lang.AlterAction{act}})+", DROP "+drop)
		}
		return d
	}
	for _, rule := range r.decl.Rules {
		if rule.Check != nil && reads(rule.Check, name) || slices.ContainsFunc(rule.Paths, func(p lang.Path) bool { return p[0].Name == name }) {
			return used(lang.Print(rule), lang.Print(rule))
		}
	}
	for _, f := range r.decl.Fields {
		switch {
		case f.Check != nil && reads(f.Check, name):
			return used("the CHECK of "+f.Name.Name, "CHECK "+lang.Print(f.Check))
		case f.Default != nil && reads(f.Default, name):
			return used("the DEFAULT of "+f.Name.Name, "")
		}
	}
	return nil
}

// reads reports whether an expression of a model names a field.
func reads(x lang.Expr, field string) bool {
	found := false
	lang.Walk(x, func(n lang.Node) bool {
		name, is := n.(*lang.Name)
		found = found || is && name.Name == field
		return !found
	})
	return found
}

// single returns the field if a rule is on it alone, so that the rule is an attribute of the field.
func (r *redeclared) single(paths []lang.Path) *lang.FieldDecl {
	if len(paths) != 1 || len(paths[0]) != 1 {
		return nil
	}
	return r.field(paths[0][0].Name)
}

// attribute returns the attribute of a field that is equivalent to an action on it alone.
func attribute(f *lang.FieldDecl, kind string) *bool {
	if kind == "INDEX" {
		return &f.Index
	}
	return &f.Unique
}

func (r *redeclared) addRule(act *lang.AlterAction) *lang.Diag {
	kind := act.Kind[len("ADD "):]
	rule := &lang.RuleDecl{Sp: act.Sp, Kind: kind, Paths: act.Paths, Global: act.Global}
	if f := r.single(act.Paths); f != nil && !act.Global {
		is := attribute(f, kind)
		if *is || r.rule(rule) >= 0 {
			return r.already("the " + lang.Print(rule))
		}
		*is = true
		return nil
	}
	if r.rule(rule) >= 0 {
		return r.already("the " + lang.Print(rule))
	}
	r.decl.Rules = append(r.decl.Rules, rule)
	return nil
}

// rule returns the index of an equal rule, or -1.
func (r *redeclared) rule(rule *lang.RuleDecl) int {
	text := lang.Print(rule)
	return slices.IndexFunc(r.decl.Rules, func(x *lang.RuleDecl) bool { return lang.Print(x) == text })
}

func (r *redeclared) dropRule(act *lang.AlterAction) *lang.Diag {
	kind := act.Kind[len("DROP "):]
	rule := &lang.RuleDecl{Kind: kind, Paths: act.Paths, Global: act.Global}
	found := false
	if f := r.single(act.Paths); f != nil && !act.Global {
		is := attribute(f, kind)
		found, *is = *is, false
	}
	if i := r.rule(rule); i >= 0 {
		found, r.decl.Rules = true, slices.Delete(r.decl.Rules, i, i+1)
	}
	if !found {
		d := r.no(lang.Print(rule))
		other := *rule
		if other.Global = !rule.Global; r.rule(&other) >= 0 || rule.Global && r.single(act.Paths) != nil && r.single(act.Paths).Unique {
			d.WithHint("DROP %s", lang.Print(&other))
		}
		return d
	}
	return nil
}

// isCheck returns a function that finds a CHECK by its condition.
func isCheck(text string) func(*lang.RuleDecl) bool {
	return func(x *lang.RuleDecl) bool { return x.Check != nil && lang.Print(x.Check) == text }
}

func (r *redeclared) hasCheck(x lang.Expr) bool {
	return slices.ContainsFunc(r.decl.Rules, isCheck(lang.Print(x)))
}

func (r *redeclared) dropCheck(x lang.Expr) *lang.Diag {
	text := lang.Print(x)
	before := len(r.decl.Rules)
	r.decl.Rules = slices.DeleteFunc(r.decl.Rules, isCheck(text))
	found := len(r.decl.Rules) < before
	for _, f := range r.decl.Fields {
		if f.Check != nil && lang.Print(f.Check) == text {
			f.Check, found = nil, true
		}
	}
	if !found {
		return r.no("CHECK " + text)
	}
	return nil
}

// changeField redeclares a field. INDEX, UNIQUE and CHECK have actions of their own, so they are kept.
func (r *redeclared) changeField(act *lang.AlterAction) *lang.Diag {
	old := r.field(act.Field.Name.Name)
	if old == nil {
		return r.unknown(act.Field.Name.Name)
	}
	now := *act.Field
	now.Key, now.Index, now.Unique, now.Revision = old.Key, old.Index || now.Index, old.Unique || now.Unique, old.Revision || now.Revision
	if now.Check == nil {
		now.Check = old.Check
	}
	*old = now
	return nil
}

func (r *redeclared) setOption(o *lang.OptionDecl) *lang.Diag {
	prefix, _, suffix, _ := splitPattern(o.Word)
	if o.Kind == "KEYS" && (!r.was.Adopted || prefix != r.was.Prefix || suffix != r.was.Suffix) || o.Kind == "STORED" {
		return lang.Errorf(lang.CodeModelChanged, lang.Span{}, "the documents of %s would have to be rewritten under other names or in another form", r.was.Name).
			WithHint("declare a model of another name and copy the documents")
	}
	r.dropOption(o.Kind)
	r.decl.Options = append(r.decl.Options, o)
	return nil
}

func (r *redeclared) dropOption(kind string) {
	r.decl.Options = slices.DeleteFunc(r.decl.Options, func(o *lang.OptionDecl) bool { return o.Kind == kind })
}
