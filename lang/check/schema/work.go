package schema

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Works says of each action of a statement what it does to the documents that are there.
func (a *Altered) Works(known *ir.Schema, s *lang.AlterStmt) []*ir.Work {
	w := &worker{a: a, s: s, out: make([]*ir.Work, len(s.Actions))}
	for i, act := range s.Actions {
		w.out[i] = &ir.Work{Action: act.String()}
		if act.Kind == "ADD FIELD" {
			w.out[i].Empty = a.Adding.Empty != nil && needed(a.Model.Field(act.Field.Name.Name))
		}
	}
	for _, f := range a.Adding.Fields {
		x := w.field(f.Name, ir.HowFill)
		x.Fields = append(x.Fields, f)
	}
	for i, f := range a.Changes.Converted {
		w.field(f.Name, ir.HowConvert).Convert = a.Added.Hidden[i]
	}
	for _, f := range a.Added.Computed() {
		w.field(f.Columns[0].Label(), ir.HowFill).Convert = f
	}
	for _, f := range a.Changes.Dropped {
		w.field(f.Name, ir.HowRemove).Drop = f
	}
	for _, ix := range a.Adding.Indexes {
		x := w.index("INDEX", ix, ir.HowFill)
		x.Indexes = append(x.Indexes, ix)
	}
	for _, ix := range a.Adding.Uniques {
		x := w.index("UNIQUE", ix, ir.HowFill)
		x.Uniques = append(x.Uniques, ix)
	}
	for _, ix := range a.Changes.Gone {
		x := w.index("INDEX", ix, ir.HowCatalog)
		x.Gone = append(x.Gone, ix)
	}
	for _, ix := range a.Changes.GoneUniques {
		x := w.index("UNIQUE", ix, ir.HowCatalog)
		x.GoneUniques = append(x.GoneUniques, ix)
	}
	for _, k := range a.Added.Asks(known) {
		if w.asked(known, k) {
			x := w.check(k)
			x.Tests = append(x.Tests, k)
		}
	}
	return w.out
}

// worker finds the actions that something comes from.
type worker struct {
	a   *Altered
	s   *lang.AlterStmt
	out []*ir.Work
}

// does is the work of the first action for which is holds, which is at least how.
func (w *worker) does(how ir.How, is func(*lang.AlterAction) bool) *ir.Work {
	i := slices.IndexFunc(w.s.Actions, is)
	if i < 0 {
		return nil
	}
	w.out[i].How = max(w.out[i].How, how)
	return w.out[i]
}

// field is the work of the action about a field.
func (w *worker) field(name string, how ir.How) *ir.Work {
	return w.does(how, func(act *lang.AlterAction) bool {
		return act.Name.Name == name || act.Field != nil && act.Field.Name.Name == name
	})
}

// index is the work of the action about an index, or about a field whose index it is.
func (w *worker) index(kind string, ix *ir.Index, how ir.How) *ir.Work {
	label := ix.Label()
	if x := w.does(how, func(act *lang.AlterAction) bool {
		names := make([]string, len(act.Paths))
		for i, p := range act.Paths {
			names[i] = p.String()
		}
		return strings.HasSuffix(act.Kind, " "+kind) && strings.Join(names, ",") == label
	}); x != nil {
		return x
	}
	for _, c := range ix.Cols {
		name, _, _ := strings.Cut(c.Label(), ".")
		if x := w.field(name, how); x != nil {
			return x
		}
	}
	return w.out[0]
}

// asked reports that the documents are asked for a CHECK, or for what a ref names, as they are not now.
func (w *worker) asked(known *ir.Schema, k *ir.Check) bool {
	base := w.a.Base
	for _, x := range base.Asks(known) {
		if x.Mark() == k.Mark() {
			return false
		}
	}
	if k.Ref != nil && k.Ref.Field.Default != nil {
		return true
	}
	return !slices.ContainsFunc(k.Cols, func(c *ir.Column) bool { return !base.Has(c) })
}

// check is the work of the action that a CHECK comes from.
func (w *worker) check(k *ir.Check) *ir.Work {
	if x := w.does(ir.HowTest, func(act *lang.AlterAction) bool { return act.Kind == "ADD CHECK" && lang.Print(act.Check) == k.Text }); x != nil {
		return x
	}
	for _, c := range k.Cols {
		if x := w.field(c.Field.Name, ir.HowTest); x != nil {
			return x
		}
	}
	return w.out[0]
}
