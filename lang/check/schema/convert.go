package schema

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// conversion is a field whose values are converted to another form, or a new one whose values are computed.
type conversion struct {
	act    *lang.AlterAction
	name   string
	from   lang.Type
	hidden string // the stored name of the values in the new form; of a new field its own name, where that is free
	adds   bool   // it is a new field
}

// unconverted rejects the conversion of a field whose values say where documents are, or who has them.
func unconverted(was *ir.Model, name string) *lang.Diag {
	if was.Part != nil && was.Part.Name == name {
		return lang.Errorf(lang.CodeModelChanged, lang.Span{}, "%s names the partitions of %s", name, was.Name).
			WithHint("declare a model of another name and copy the documents")
	}
	for _, ix := range was.Uniques {
		if ix.Global && slices.ContainsFunc(ix.Cols, func(c *ir.Column) bool { return c.Name == name }) {
			return lang.Errorf(lang.CodeModelChanged, lang.Span{}, "UNIQUE (%s) GLOBAL of %s is over the values of %s", ix.Name, was.Name, name).
				WithHint("drop it, convert the field, and add it again")
		}
	}
	return nil
}

// computes reports whether an action adds a field whose DEFAULT is another one in each document.
func computes(act *lang.AlterAction, was, now *ir.Model) bool {
	if act.Kind != "ADD FIELD" || was.Adopted {
		return false
	}
	f := now.Field(act.Field.Name.Name)
	return f != nil && f.Emb == nil && !f.Collection() && f.Default != nil && !ir.Closed(f.Default)
}

// conversions returns the conversions among the actions, in the order of the fields.
func (a *alterer) conversions(was, now *ir.Model) ([]*conversion, *lang.Diag) {
	var out []*conversion
	var used []string
	for _, f := range was.Fields {
		used = append(used, f.Place(), f.Name)
	}
	for _, act := range a.s.Actions {
		adds := computes(act, was, now)
		if !adds && !converts(act, was, now) {
			continue
		}
		name := act.Field.Name.Name
		if adds {
			c := &conversion{act: act, name: name, hidden: ir.FreePlace(name, used), adds: true}
			used, out = append(used, c.hidden), append(out, c)
			continue
		}
		from, to := was.Field(name), now.Field(name)
		if d := convertible(was, from, to); d != nil {
			return nil, at(d, act.Sp)
		}
		c := &conversion{act: act, name: name, from: from.Type, hidden: ir.FreePlace(name, used)}
		used = append(used, c.hidden)
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b *conversion) int { return now.Field(a.name).Pos - now.Field(b.name).Pos })
	return out, nil
}

// convertible rejects a field that is not a single value in a document in RQL's own form.
func convertible(m *ir.Model, from, to *ir.Field) *lang.Diag {
	why := ""
	switch {
	case m.Adopted:
		why = "other programs define how it is stored"
	case from.Key:
		why = "it is the KEY"
	case from.Revision || to.Revision:
		why = "a REVISION has numbers of its own"
	case from.Collection() || to.Collection():
		why = "a collection is not stored in the document"
	case from.Emb != nil || to.Emb != nil:
		why = "an embedded value is several fields"
	default:
		return nil
	}
	return lang.Errorf(lang.CodeModelChanged, lang.Span{}, "%s cannot be converted from %s to %s: %s", from.Name, from.Type, to.Type, why).
		WithHint("add a field of another name, fill it with UPDATE, and drop this one")
}

// expanded returns the definition in which each converted field is stored in both forms: the old fields and what is added,
// followed by the hidden fields in their new form, with their final rules.
func (a *alterer) expanded(adds, all *lang.ModelStmt, list []*conversion) (*ir.Model, *lang.Diag) {
	decl := cloned(adds)
	for _, c := range list {
		to := (&redeclared{decl: all}).field(c.name)
		t := *to.Type
		t.Null = true
		decl.Fields = append(decl.Fields, &lang.FieldDecl{Sp: c.act.Sp, Name: lang.Ident{Sp: c.act.Sp, Name: c.hidden}, Type: &t, Index: to.Index, Unique: to.Unique,
			Lenient: to.Lenient, EmptyIsNull: to.EmptyIsNull, OnDelete: to.OnDelete, Default: c.value(to)})
	}
	for _, f := range all.Fields {
		if x := hiddenIn(f.Check, list); x != f.Check {
			if null := hiddenIn(&lang.Name{Name: f.Name.Name}, list); f.Check != nil {
				x = &lang.Binary{Op: lang.OpOr, L: &lang.IsNull{X: null}, R: x}
			}
			decl.Rules = append(decl.Rules, &lang.RuleDecl{Sp: f.Sp, Kind: "CHECK", Check: x})
		}
	}
	for _, r := range all.Rules {
		hidden := *r
		hidden.Check, hidden.Paths = hiddenIn(r.Check, list), hiddenPaths(r.Paths, list)
		if readsAny(r.Check, list) || overAny(r.Paths, list) {
			decl.Rules = append(decl.Rules, &hidden)
		}
	}
	m, d := a.build(decl)
	if d != nil {
		for _, c := range list { // the message is about the field
			d.Message, d.Hint = strings.ReplaceAll(d.Message, c.hidden, c.name), strings.ReplaceAll(d.Hint, c.hidden, c.name)
		}
		return nil, d
	}
	m.Hide(len(list))
	m.Decl, m.Def = adds, lang.Print(adds)
	change := *a.s
	change.Mode = lang.AlterApply
	m.Change = &change
	for i, f := range m.Hidden {
		col := f.Columns[0]
		if col.Once = list[i].adds; col.Once {
			continue
		}
		if ir.Has(col.Gen, ir.IsVolatile|ir.ReadsInstant) {
			return nil, at(lang.Errorf(lang.CodeNotAllowed, lang.Span{}, "USING is computed again at each write, so it cannot use what has another value each time"), list[i].act.Sp)
		}
	}
	return m, nil
}

// value returns the expression for the new values: that of USING, or the field itself, converted; of a new field its DEFAULT.
func (c *conversion) value(to *lang.FieldDecl) lang.Expr {
	switch {
	case c.adds:
		return to.Default
	case c.act.Using != nil:
		return c.act.Using
	}
	var name lang.Expr = &lang.Name{Sp: c.act.Sp, Name: c.name}
	if f := lang.FindFunction(strings.ToLower(to.Type.Name)); f != nil && f.Cast {
		if c.from.Kind == lang.KEnum {
			name = &lang.Call{Sp: c.act.Sp, Name: "string", Args: []lang.Expr{name}}
		}
		return &lang.Call{Sp: c.act.Sp, Name: f.Name, Args: []lang.Expr{name}}
	}
	return name
}

// hiddenIn returns an expression that reads fields in their new form; x itself if it reads none of them.
func hiddenIn(x lang.Expr, list []*conversion) lang.Expr {
	for _, c := range list {
		if x != nil && reads(x, c.name) {
			x = lang.Renamed(x, c.name, c.hidden)
		}
	}
	return x
}

func hiddenPaths(paths []lang.Path, list []*conversion) []lang.Path {
	var out []lang.Path
	for _, p := range paths {
		for _, c := range list {
			if p[0].Name == c.name {
				p = lang.Path{{Sp: p[0].Sp, Name: c.hidden}}
			}
		}
		out = append(out, p)
	}
	return out
}

// readsAny reports whether an expression reads a field that is being converted, which has its new type only at the end.
func readsAny(x lang.Expr, list []*conversion) bool { return x != nil && hiddenIn(x, list) != x }

// overAny reports whether an index is over a field that is being converted.
func overAny(paths []lang.Path, list []*conversion) bool {
	return slices.ContainsFunc(paths, func(p lang.Path) bool {
		return slices.ContainsFunc(list, func(c *conversion) bool { return c.name == p[0].Name })
	})
}
