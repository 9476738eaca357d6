package schema

import (
	"context"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Transition returns the statements that lead from the models and procedures of one schema to those of another. Unless lossy is set, those that would
// delete values are comments among the notes, with the statement that counts the values; so is what no
// statement can do. A field that is gone is taken to be renamed if there is one new field of its type.
func Transition(ctx context.Context, from, to *ir.Schema, lossy bool) (statements, notes []string) {
	t := &transition{ctx: ctx, from: from, to: to, lossy: lossy, met: map[string]bool{}}
	for _, name := range to.Names() {
		t.model(to.Model(name))
	}
	for _, name := range to.Procedures() {
		if p := from.Procedure(name); p == nil || p.Def != to.Procedure(name).Def {
			t.out = append(t.out, to.Procedure(name).Def+";")
		}
	}
	for _, name := range from.Procedures() {
		if to.Procedure(name) == nil {
			t.out = append(t.out, "DROP PROCEDURE "+name+";")
		}
	}
	for _, name := range from.Names() {
		if to.Model(name) == nil {
			t.loses("DROP MODEL "+name, "COUNT "+name)
		}
	}
	return t.out, t.notes
}

// transition collects the statements.
type transition struct {
	ctx        context.Context
	from, to   *ir.Schema
	lossy      bool
	met        map[string]bool
	out, notes []string
}

// loses adds a statement that deletes values.
func (t *transition) loses(statement, count string) {
	if t.lossy {
		t.out = append(t.out, statement+";")
		return
	}
	t.notes = append(t.notes, "-- What this deletes: "+count+"\n-- "+statement+";")
}

// model adds what leads to a model, behind those that it depends on.
func (t *transition) model(m *ir.Model) {
	if m == nil || t.met[m.Name] {
		return
	}
	t.met[m.Name] = true
	for _, name := range slices.Concat(m.Uses, m.Targets()) {
		t.model(t.to.Model(name))
	}
	was := t.from.Model(m.Name)
	switch {
	case was == nil:
		t.out = append(t.out, m.Def+";")
	case was.Def != m.Def:
		if was = t.renames(was, m); was.Def != m.Def {
			t.changes(was, m)
		}
	}
}

// renames adds RENAME FIELD, and returns the model after it.
func (t *transition) renames(was, m *ir.Model) *ir.Model {
	s := &lang.AlterStmt{Model: lang.Ident{Name: m.Name}}
	for _, a := range was.Fields {
		if b := renamedTo(was, m, a); b != nil {
			s.Actions = append(s.Actions, &lang.AlterAction{Kind: "RENAME FIELD", Name: lang.Ident{Name: a.Name}, To: lang.Ident{Name: b.Name}})
		}
	}
	if len(s.Actions) == 0 {
		return was
	}
	text := lang.Print(s)
	a, bad := Alter(t.ctx, t.from, was, s, lang.NewSource("", text))
	if bad != nil {
		return was
	}
	t.out = append(t.out, text+";")
	return a.Model
}

// renamedTo returns the new field that a field which is gone may be: the only one of its type, if there is no other such field that is gone.
func renamedTo(was, now *ir.Model, a *ir.Field) *ir.Field {
	if now.Field(a.Name) != nil {
		return nil
	}
	same := func(m, other *ir.Model) (list []*ir.Field) {
		for _, f := range m.Fields {
			if other.Field(f.Name) == nil && f.Type.String() == a.Type.String() && f.Key == a.Key && f.Variant == a.Variant {
				list = append(list, f)
			}
		}
		return list
	}
	left, came := same(was, now), same(now, was)
	if len(left) == 1 && len(came) == 1 {
		return came[0]
	}
	return nil
}

// changes adds one ALTER MODEL with all that deletes nothing, and the rest behind it.
func (t *transition) changes(was, m *ir.Model) {
	n := &needs{differ: differ{was: was, now: m}}
	n.stored()
	n.narrowed()
	if n.reason != "" {
		t.notes = append(t.notes, "-- "+m.Name+" cannot be changed so by ALTER MODEL: "+n.reason)
		return
	}
	keeps, drops := n.actions()
	if t.lossy {
		keeps, drops = append(keeps, drops...), nil
	}
	add := func(actions []*lang.AlterAction) string {
		return lang.Print(&lang.AlterStmt{Model: lang.Ident{Name: m.Name}, Actions: actions})
	}
	required := n.required()
	if len(required) > 0 {
		t.out = append(t.out, "-- Documents that are there get the DEFAULT of a required field; then it goes again.")
	}
	for _, actions := range [][]*lang.AlterAction{keeps, required} {
		if len(actions) > 0 {
			t.out = append(t.out, add(actions)+";")
		}
	}
	if len(drops) > 0 {
		var counts []string
		for _, f := range was.Fields {
			if m.Field(f.Name) == nil {
				counts = append(counts, holding(was, f))
			}
		}
		t.loses(add(drops), strings.Join(counts, "; "))
	}
}

// narrowed notes fields that no action leads to.
func (n *needs) narrowed() {
	for _, w := range n.now.Fields {
		if h := n.was.Field(w.Name); h != nil && w.Revision && !h.Revision && n.reason == "" {
			n.reason = w.Name + " is no REVISION"
		}
	}
}

// actions returns what keeps all values, and the removal of fields with what uses them.
func (n *needs) actions() (keeps, drops []*lang.AlterAction) {
	keeps, drops = n.fieldActions()
	for i, lists := range [][2][]*ir.Index{{n.was.Indexes, n.now.Indexes}, {n.was.Uniques, n.now.Uniques}} {
		kind := [...]string{"INDEX", "UNIQUE"}[i]
		for _, ix := range lists[1] {
			if n.over(ix.Cols) && findIndex(lists[0], ix.Name) == nil {
				keeps = append(keeps, &lang.AlterAction{Kind: "ADD " + kind, Paths: ix.Paths()})
			}
		}
		for _, ix := range lists[0] {
			drop := &lang.AlterAction{Kind: "DROP " + kind, Paths: ix.Paths()}
			switch gone := n.goes(ix.Cols); {
			case findIndex(lists[1], ix.Name) != nil || gone && len(ix.Cols) == 1:
			case gone:
				drops = append(drops, drop)
			default:
				keeps = append(keeps, drop)
			}
		}
	}
	for _, k := range n.now.Checks {
		if x := n.addCheck(k.Text); x != nil && !hasCheck(n.was.Checks, k.Text) && (k.Col == nil || n.was.Field(k.Col.Field.Name) != nil) {
			keeps = append(keeps, x)
		}
	}
	before := &needs{differ: differ{was: n.now, now: n.was}}
	for _, k := range n.was.Checks {
		x := before.addCheck(k.Text)
		if x == nil || hasCheck(n.now.Checks, k.Text) || k.Col != nil && n.now.Field(k.Col.Field.Name) == nil {
			continue
		}
		if x.Kind = "DROP CHECK"; n.goes(k.Cols) {
			drops = append(drops, x)
		} else {
			keeps = append(keeps, x)
		}
	}
	return append(keeps, n.optionActions()...), drops
}

// required are the actions that take the DEFAULT away again with which a required field was added.
func (n *needs) required() (out []*lang.AlterAction) {
	for _, d := range n.now.Decl.Fields {
		f := n.now.Field(d.Name.Name)
		if f == nil || n.was.Field(f.Name) != nil || f.Default != nil || f.Type.Null || f.Collection() {
			continue
		}
		c := *d
		c.Index, c.Unique, c.Check = false, false, nil
		out = append(out, &lang.AlterAction{Kind: "CHANGE FIELD", Field: &c})
	}
	return out
}

// goes reports that one of the columns is of a field that is gone.
func (n *needs) goes(cols []*ir.Column) bool {
	return slices.ContainsFunc(cols, func(c *ir.Column) bool { return n.now.Field(c.Field.Name) == nil })
}

// fieldActions are those about fields.
func (n *needs) fieldActions() (keeps, drops []*lang.AlterAction) {
	was, now := &redeclared{decl: n.was.Decl}, &redeclared{decl: n.now.Decl}
	for _, d := range n.now.Decl.Fields {
		name := d.Name.Name
		old := was.field(name)
		switch f := n.now.Field(name); {
		case old == nil && f != nil:
			keeps = append(keeps, n.added(f))
		case old == nil: // a backlink
			keeps = append(keeps, n.addField(name))
		case bare(old) != bare(d):
			c := *d
			c.Index, c.Unique, c.Check = false, false, nil
			keeps = append(keeps, &lang.AlterAction{Kind: "CHANGE FIELD", Field: &c})
		}
	}
	for _, d := range n.was.Decl.Fields {
		switch name := d.Name.Name; {
		case now.field(name) != nil:
		case n.was.Link(name) != nil:
			keeps = append(keeps, dropField(name))
		default:
			drops = append(drops, dropField(name))
		}
	}
	return keeps, drops
}

// bare is a declaration of a field as text, without what other actions change.
func bare(d *lang.FieldDecl) string {
	c := *d
	c.Index, c.Unique, c.Check = false, false, nil
	return lang.Print(&lang.AlterStmt{Actions: []*lang.AlterAction{{Kind: "CHANGE FIELD", Field: &c}}})
}

// optionActions returns SET and DROP of options.
func (n *needs) optionActions() (out []*lang.AlterAction) {
	for _, o := range n.now.Decl.Options {
		old := optionOf(n.was.Decl.Options, o.Kind)
		set := &lang.AlterAction{Kind: "SET", Option: o}
		if old == nil || set.String() != (&lang.AlterAction{Kind: "SET", Option: old}).String() {
			out = append(out, set)
		}
	}
	if optionOf(n.was.Decl.Options, "TTL") != nil && optionOf(n.now.Decl.Options, "TTL") == nil {
		out = append(out, &lang.AlterAction{Kind: "DROP TTL"})
	}
	return out
}
