package ir

import "slices"

// Relates reports whether what an UPDATE sets or returns depends on other documents of its model, to which refs and backlinks
// lead, so that it matters whether these have changed already. An operation on a collection takes effect at once and does not count.
func (u *Update) Relates() bool {
	if u.Target.Key != nil && !u.Target.Many || slices.ContainsFunc(u.Sets, func(a Assign) bool { return a.Place.Col != nil && a.Place.Col.Coll != nil }) {
		return false
	}
	relates := false
	of := *u
	of.Target = Target{}
	Exprs(&of, func(x Expr) {
		Walk(x, func(x Expr) bool {
			switch x := x.(type) {
			case *Deref:
				relates = relates || x.Target.Name == u.Model.Name && !x.Far
			case *Col:
				relates = relates || x.Col.Coll != nil && x.Col.Coll.Link != nil && x.Col.Coll.Link.Model == u.Model.Name
			}
			return !relates
		})
	})
	return relates
}
