package ir

import "slices"

// Relates reports whether what an UPDATE sets or returns depends on other documents of its model, to which refs and backlinks
// lead, so that it matters whether these have changed already. An operation on a collection takes effect at once and does not count.
func (u *Update) Relates() bool {
	if u.Target.Key != nil && !u.Target.Many || slices.ContainsFunc(u.Sets, func(a Assign) bool { return a.Place.Col != nil && a.Place.Col.Coll != nil }) {
		return false
	}
	of := *u
	of.Target = Target{}
	return relates(&of, u.Model)
}

// Relates reports whether what a DELETE returns depends on other documents of its model.
func (d *Delete) Relates() bool {
	of := *d
	of.Target = Target{}
	return relates(&of, d.Model)
}

// relates reports whether expressions of a statement read documents of a model through refs and backlinks.
func relates(st Stmt, m *Model) bool {
	found := false
	Exprs(st, func(x Expr) {
		Walk(x, func(x Expr) bool {
			switch x := x.(type) {
			case *Deref:
				found = found || x.Target.Name == m.Name && !x.Far
			case *Col:
				found = found || x.Col.Coll != nil && x.Col.Coll.Link != nil && x.Col.Coll.Link.Model == m.Name
			}
			return !found
		})
	})
	return found
}
