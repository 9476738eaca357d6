package schema

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Lack is something that a program's models have and those of a database do not, so that the program cannot run on it as written.
type Lack struct {
	Model string
	What  string // a description, such as "it has no field nick"
	// Minor says that the program runs without it: an INDEX only makes it faster, and of two bodies of a procedure it is unknown
	// which is newer.
	Minor  bool
	action *lang.AlterAction // the action that adds it; nil if there is none
	whole  string            // the MODEL or PROCEDURE that adds it, if there is nothing to alter
}

// Needs returns what the schema of a database lacks of what a program declares. Anything else that the database has is accepted
// as long as the program can read the documents and create new ones. So a program that is older than the database continues to
// run, and one that is newer is told what to run first.
func Needs(have, want *ir.Schema) []Lack {
	var out []Lack
	for _, name := range want.Names() {
		w := want.Model(name)
		h := have.Lookup(name)
		if h == nil {
			out = append(out, Lack{Model: name, What: "there is no such model", whole: w.Def})
			continue
		}
		of := needsOf(h, w)
		for m := range have.Models() {
			for i := range of {
				if holds(m, h.Name) { // ALTER MODEL rejects it
					of[i].action = nil
				}
			}
		}
		out = append(out, of...)
	}
	for _, name := range want.Procedures() {
		w, h := want.Procedure(name), have.Procedure(name)
		l := Lack{Model: name, whole: w.Def}
		switch {
		case h == nil:
			l.What = "there is no such procedure"
		case parameters(h) != parameters(w):
			l.What = "the procedure has other parameters"
		case h.Def != w.Def:
			l.What, l.Minor = "the procedure has another body", true
		default:
			continue
		}
		out = append(out, l)
	}
	return out
}

// Remedies returns the statements that add what is lacking, one for each model, and before it another one that renames fields. It omits what no
// statement can add.
func Remedies(lacks []Lack) []string {
	var out []string
	for i := 0; i < len(lacks); {
		name, s, renames := lacks[i].Model, &lang.AlterStmt{Model: lang.Ident{Name: lacks[i].Model}}, &lang.AlterStmt{Model: lang.Ident{Name: lacks[i].Model}}
		for ; i < len(lacks) && lacks[i].Model == name; i++ {
			switch l := lacks[i]; {
			case l.whole != "":
				out = append(out, l.whole)
			case l.action != nil && l.action.Kind == "RENAME FIELD": // goes with no other action
				renames.Actions = append(renames.Actions, l.action)
			case l.action != nil:
				s.Actions = append(s.Actions, l.action)
			}
		}
		for _, s := range []*lang.AlterStmt{renames, s} {
			if len(s.Actions) > 0 {
				out = append(out, lang.Print(s))
			}
		}
	}
	return out
}

// parameters returns the parameters of a procedure as text.
func parameters(p *ir.Procedure) string {
	return lang.Print(&lang.ProcedureStmt{Name: p.Decl.Name, Params: p.Decl.Params, Body: &lang.AtomicStmt{}})
}

// needsOf returns what a stored model lacks of what a program declares.
func needsOf(have, want *ir.Model) []Lack {
	n := &needs{differ: differ{was: have, now: want}}
	switch {
	case have.Def == want.Def:
		n.rules() // they may still be backfilled
	case have.Knew(want.Def):
		if d := Older(have, want); d != nil {
			n.lack(d.Message, nil)
		}
	default:
		n.stored()
		for _, f := range want.Fields {
			n.field(f)
		}
		n.rules()
		n.options()
	}
	n.creates()
	return n.out
}

// needs collects what was lacks of now.
type needs struct {
	differ
	out []Lack
}

func (n *needs) lack(what string, action *lang.AlterAction) {
	n.out = append(n.out, Lack{Model: n.was.Name, What: what, action: action})
}

// stored compares the names of documents, and how they are stored.
func (n *needs) stored() {
	n.key()
	n.storage()
	if n.reason != "" {
		n.lack(n.reason, nil)
	}
}

// field compares a field that the program knows.
func (n *needs) field(w *ir.Field) {
	h := n.was.Lookup(w.Name)
	if h == nil {
		switch a := n.unnamed(w); {
		case w.Key: // reported as the key
		case a != nil:
			n.lack("it has no field "+w.Name+" "+w.Type.String()+", unless it is "+a.Name, rename(n.was.Name, a.Name, w.Name).Actions[0])
		default:
			n.lack("it has no field "+w.Name+" "+w.Type.String(), n.added(w))
		}
		return
	}
	change := &lang.AlterAction{Kind: "CHANGE FIELD", Field: n.decl(w.Name)}
	if change.Field == nil { // the key is implicit
		return
	}
	_, narrow := narrows(h.Type, w.Type, lang.Ident{Name: w.Name})
	switch {
	case !widens(h.Type, w.Type) && !narrow:
		n.lack(typeLack(h, w), nil)
	case !widens(h.Type, w.Type) || !widens(w.Type, h.Type):
		n.lack(typeLack(h, w), change)
	case w.Revision && !h.Revision:
		n.lack(w.Name+" is no REVISION", nil)
	case w.Lenient && !h.Lenient:
		n.lack(w.Name+" is not LENIENT", change)
	case w.OnDelete != "" && w.OnDelete != h.OnDelete:
		n.lack(w.Name+" has no ON DELETE "+w.OnDelete, change)
	default:
		if d := n.defaultText(n.now, w.Name); d != "" && d != n.defaultText(n.was, w.Name) {
			n.lack(w.Name+" has no DEFAULT "+d, change)
		}
	}
}

func typeLack(h, w *ir.Field) string {
	return w.Name + " is " + h.Type.String() + ", not " + w.Type.String()
}

// added returns the action that adds a field, also to existing documents.
func (n *needs) added(w *ir.Field) *lang.AlterAction {
	if w.Default == nil && !w.Type.Null && !w.Collection() {
		return n.addRequired(w)
	}
	return n.addField(w.Name)
}

// rules compares UNIQUE, CHECK and INDEX; those that are attributes of a new field are added with it.
func (n *needs) rules() {
	for _, u := range n.now.Uniques {
		if h := findIndex(n.was.Uniques, u.Name); (u.Global || n.over(u.Cols)) && (h == nil || h.Building) {
			add := &lang.AlterAction{Kind: "ADD UNIQUE", Paths: u.Paths(), Global: u.Global}
			n.lack(notYet(h != nil, add.String()[len("ADD "):]), add)
		}
	}
	for _, k := range n.now.Checks {
		if hasCheck(n.was.Checks, k.Text) || k.Col != nil && n.was.Field(k.Col.Field.Name) == nil {
			continue
		}
		n.lack("it has no CHECK "+k.Text, n.addCheck(k.Text))
	}
	for _, ix := range n.now.Indexes {
		if h := findIndex(n.was.Indexes, ix.Name); n.over(ix.Cols) && h == nil {
			n.lack("it has no INDEX ("+ix.Name+")", &lang.AlterAction{Kind: "ADD INDEX", Paths: ix.Paths()})
			n.out[len(n.out)-1].Minor = true
		}
	}
}

func notYet(begun bool, what string) string {
	if begun {
		return "it is still being given the " + what
	}
	return "it has no " + what
}

// over reports whether a rule is not added together with the single new field that it is on.
func (n *needs) over(cols []*ir.Column) bool {
	return len(cols) > 1 || n.was.Field(cols[0].Field.Name) != nil
}

func (n *needs) addCheck(text string) *lang.AlterAction {
	for _, r := range n.now.Decl.Rules {
		if r.Check != nil && lang.Print(r.Check) == text {
			return &lang.AlterAction{Kind: "ADD CHECK", Check: r.Check}
		}
	}
	for _, f := range n.now.Decl.Fields {
		if f.Check != nil && lang.Print(f.Check) == text {
			return &lang.AlterAction{Kind: "ADD CHECK", Check: f.Check}
		}
	}
	return nil // of an embedded model
}

// options compares how long documents live, and who writes them.
func (n *needs) options() {
	switch h, w := n.was, n.now; {
	case h.TTL == w.TTL && h.Refresh == w.Refresh:
	case w.TTL == 0:
		n.lack("its documents have a TTL", &lang.AlterAction{Kind: "DROP TTL"})
	default:
		n.lack("its documents have no such TTL", n.set("TTL"))
	}
	if n.now.Foreign && !n.was.Foreign && n.reason == "" {
		n.lack("other programs may not write it", n.set("WRITERS"))
	}
}

func (n *needs) set(kind string) *lang.AlterAction {
	return &lang.AlterAction{Kind: "SET", Option: optionOf(n.now.Decl.Options, kind)}
}

// knows reports whether the program has a stored field, perhaps under an earlier name.
func (n *needs) knows(h *ir.Field) bool {
	for alias, name := range n.was.Aliases {
		if name == h.Name && n.now.Field(alias) != nil {
			return true
		}
	}
	return n.now.Field(h.Name) != nil || renamedTo(n.was, n.now, h) != nil
}

// unnamed returns the stored field that a field of the program may be by another name, or nil.
func (n *needs) unnamed(w *ir.Field) *ir.Field {
	for _, a := range n.was.Fields {
		if renamedTo(n.was, n.now, a) == w {
			return a
		}
	}
	return nil
}

// creates checks fields that the program does not know although it creates documents.
func (n *needs) creates() {
	for _, h := range n.was.Fields {
		if !n.knows(h) && !h.Key && !h.Type.Null && h.Default == nil && !h.Collection() {
			n.lack(h.Name+" is required, and this program does not know it", nil)
		}
	}
}
