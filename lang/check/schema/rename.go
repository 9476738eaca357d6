package schema

import (
	"maps"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Renames reports whether a statement changes only names, and nothing that is stored.
func Renames(s *lang.AlterStmt) bool { return slices.ContainsFunc(s.Actions, renames) }

func renames(act *lang.AlterAction) bool {
	return act.Kind == "RENAME FIELD" || act.Kind == "DROP ALIAS"
}

// renamed returns the model after RENAME FIELD and DROP ALIAS: fields keep their stored names, and can be found by their earlier
// names until these are dropped.
func (a *alterer) renamed(was *ir.Model) (*Altered, *lang.Diag) {
	n := &naming{redeclared: redeclared{was: was, decl: cloned(was.Decl)}, known: a.known, places: was.Places(), names: was.Names, aliases: maps.Clone(was.Aliases), gone: maps.Clone(was.Renamed)}
	for _, m := range []*map[string]string{&n.places, &n.aliases, &n.gone} {
		if *m == nil {
			*m = map[string]string{}
		}
	}
	for _, act := range a.s.Actions {
		if !renames(act) {
			return nil, at(lang.Errorf(lang.CodeNotAllowed, lang.Span{}, "RENAME and DROP ALIAS change only names, so they cannot be combined with other actions").
				WithHint("put the other actions into a separate statement"), act.Sp)
		}
		if d := n.apply(act); d != nil {
			return nil, at(d, act.Sp)
		}
	}
	m, d := a.named(n.decl, n.aliases)
	if d != nil {
		return nil, at(d, a.culprit(was, nil))
	}
	m.SetPlaces(n.places)
	m.Aliases, m.Renamed, m.Names = n.aliases, n.gone, n.names
	return &Altered{Base: was, Added: m, Model: m, Changes: &n.changes, Adding: &n.changes}, nil
}

// naming is a declaration whose fields are renamed.
type naming struct {
	redeclared
	known                 *ir.Schema
	names                 ir.Names
	places, aliases, gone map[string]string
	changes               Changes
}

func (n *naming) apply(act *lang.AlterAction) *lang.Diag {
	if act.Kind == "DROP ALIAS" {
		return n.dropAlias(act.Name.Name)
	}
	return n.rename(act.Name.Name, act.To.Name)
}

func (n *naming) rename(from, to string) *lang.Diag {
	f := n.field(from)
	switch {
	case n.aliases[from] != "":
		return lang.Errorf(lang.CodeUnknownField, lang.Span{}, "%s was already renamed to %s", from, n.aliases[from])
	case f == nil:
		return n.unknown(from)
	case n.field(to) != nil || n.ownKey() == to:
		return n.twice(to)
	case n.aliases[to] != "" && n.aliases[to] != from:
		return n.alias(to, n.aliases[to])
	case f.Key && optionOf(n.decl.Options, "KEYS") != nil:
		return lang.Errorf(lang.CodeModelChanged, lang.Span{}, "KEYS names the KEY %s, which the names of the documents have", from).
			WithHint("DROP MODEL %s, which keeps its documents, and declare it again", n.was.Name)
	}
	place := from
	if p := n.places[from]; p != "" {
		place = p
	}
	delete(n.places, from)
	delete(n.aliases, to)
	delete(n.gone, to)
	if n.places[to] = place; place == to {
		delete(n.places, to)
	}
	for _, names := range []map[string]string{n.aliases, n.gone} {
		for alias, field := range names {
			if field == from {
				names[alias] = to
			}
		}
	}
	n.aliases[from] = to
	n.redeclare(from, to)
	n.changes.Renamed = append(n.changes.Renamed, [2]string{from, to})
	n.changes.change("field " + from + " is called " + to)
	return nil
}

// ownKey returns the name of the key if no field is declared for it; otherwise "".
func (n *naming) ownKey() string {
	if slices.ContainsFunc(n.decl.Fields, func(f *lang.FieldDecl) bool { return f.Key }) {
		return ""
	}
	return n.was.Key.Name
}

// redeclare renames a field wherever the declaration names it.
func (n *naming) redeclare(from, to string) {
	for _, f := range n.decl.Fields {
		if f.Name.Name == from {
			f.Name.Name = to
		}
		if t := f.Type; t.Part.Name == from && t.Of.Name == n.was.Name { // a backlink to documents of its own model
			c := *t
			c.Part.Name = to
			f.Type = &c
		}
		f.Default, f.Check = lang.Renamed(f.Default, from, to), lang.Renamed(f.Check, from, to)
	}
	for i, o := range n.decl.Options {
		if o.Kind == "PARTITION" && o.Field.Name == from {
			c := *o
			c.Field.Name = to
			n.decl.Options[i] = &c
		}
	}
	for i, r := range n.decl.Rules {
		c := *r
		c.Check, c.Paths = lang.Renamed(r.Check, from, to), slices.Clone(r.Paths)
		for j, p := range c.Paths {
			if p[0].Name == from {
				c.Paths[j] = slices.Clone(p)
				c.Paths[j][0].Name = to
			}
		}
		n.decl.Rules[i] = &c
	}
}

func (n *naming) dropAlias(name string) *lang.Diag {
	field := n.aliases[name]
	if field == "" {
		if names, ok := n.names.WithoutName(name); ok {
			n.names = names
			n.changes.change("no alias " + name + " of the model")
			return nil
		}
		d := lang.Errorf(lang.CodeUnknownName, lang.Span{}, "%s has no alias %s", n.was.Name, name)
		if all := append(slices.Sorted(maps.Keys(n.aliases)), n.names.Formerly...); len(all) > 0 {
			d.WithHint("its aliases are %s", strings.Join(all, ", "))
		}
		return d
	}
	if m, l := n.linked(name); l != nil {
		return lang.Errorf(lang.CodeNotAllowed, lang.Span{}, "%s.%s is a backlink by %s.%s", m.Name, l.Name, n.was.Name, name).
			WithHint("declare the MODEL %s with %s refs<%s.%s> first", m.Name, l.Name, n.was.Name, field)
	}
	delete(n.aliases, name)
	n.gone[name] = field
	n.changes.change("no alias " + name + " of " + field)
	return nil
}

// linked returns the backlink by the field with that name, and its model.
func (n *naming) linked(name string) (*ir.Model, *ir.Backlink) {
	for m := range n.known.Models() {
		for _, l := range m.Links {
			if l.Model == n.was.Name && l.Ref == name {
				return m, l
			}
		}
	}
	return nil, nil
}

// twice returns the error for a field that exists already.
func (r *redeclared) twice(name string) *lang.Diag {
	return lang.Errorf(lang.CodeDuplicateField, lang.Span{}, "%s already has the field %s", r.was.Name, name)
}

// alias returns the error for a field whose name is an earlier one of another.
func (r *redeclared) alias(name, field string) *lang.Diag {
	return lang.Errorf(lang.CodeDuplicateField, lang.Span{}, "%s is an alias of the field %s of %s, which programs may still use", name, field, r.was.Name).
		WithHint("%s", lang.Print(dropAlias(r.was.Name, name)))
}

func dropAlias(model, name string) *lang.AlterStmt {
	return &lang.AlterStmt{Model: lang.Ident{Name: model}, Actions: []*lang.AlterAction{{Kind: "DROP ALIAS", Name: lang.Ident{Name: name}}}}
}
