package schema

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// indexes returns new indexes, and removed ones.
func (f *differ) indexes(kind string, was, now []*ir.Index) (added, gone []*ir.Index) {
	for _, a := range was {
		if b := findIndex(now, a.Name); b != nil {
			if a.Global != b.Global {
				f.refuse("its UNIQUE " + a.Name + " is another")
			}
			continue
		}
		gone = append(gone, a)
		if f.now.Column(a.Cols[0].Name) != nil {
			f.gone("no "+kind+" "+a.Name, "it has the "+kind+" "+a.Name, &lang.AlterAction{Kind: "DROP " + kind, Paths: a.Paths(), Global: a.Global})
		}
	}
	for _, b := range now {
		if findIndex(was, b.Name) == nil {
			if added = append(added, b); b.Of == nil { // else ON DELETE is the change
				f.change("new " + kind + " " + b.Name)
			}
		}
	}
	return added, gone
}

func findIndex(list []*ir.Index, name string) *ir.Index {
	for _, ix := range list {
		if ix.Name == name {
			return ix
		}
	}
	return nil
}

// checks compares CHECKs. They can be added and removed, because they apply to later writes.
func (f *differ) checks() {
	for _, k := range f.now.Checks {
		if !hasCheck(f.was.Checks, k.Text) {
			f.change("new CHECK " + k.Text)
			f.Checks = append(f.Checks, k.Text)
		}
	}
	for _, k := range f.was.Checks {
		if !hasCheck(f.now.Checks, k.Text) {
			f.change("no CHECK " + k.Text)
		}
	}
}

func hasCheck(list []*ir.Check, text string) bool {
	return slices.ContainsFunc(list, func(k *ir.Check) bool { return k.Text == text })
}
