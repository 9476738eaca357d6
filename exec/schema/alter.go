package schema

import (
	"context"
	"maps"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// altered makes one attempt at ALTER MODEL, based on the current model. It returns false or fail.ErrStale if another client
// changed the model first.
func (c *Change) altered(ctx context.Context, st *ir.Define, was *ir.Model, there *redis.StringSliceCmd, out *rows.Rows) (bool, error) {
	if was == nil {
		return false, dropped(st)
	}
	if check.Renames(st.Alter) {
		return c.renamed(ctx, st, was, there)
	}
	if was.Def == st.Model.Def && maps.Equal(was.Places(), st.Model.Places()) && !unfinished(c.db.Catalog.Schema(), was) { // nothing to do, or another client did it
		return true, nil
	}
	a, bad := check.Alter(ctx, c.db.Catalog.Schema(), was, st.Alter, c.src)
	if bad != nil {
		return false, mistake(bad, bad.Span)
	}
	if c.begun && a.Base == was {
		return false, fail.Errorf(lang.CodeStale, st.Sp, "another client undid this ALTER MODEL of %s", was.Name).WithHint("SHOW MODEL " + was.Name + " prints the definition")
	}
	if a.Added.Change != nil && a.Base == was && unfinished(c.db.Catalog.Schema(), was) {
		return false, c.complete(ctx, st, was, there) // a conversion is computed from a complete definition
	}
	st.Model = a.Model // the model of this attempt
	sc, err := c.searchOf(ctx, st, was, there)
	if err != nil {
		return false, err
	}
	adding := a.Adding
	if was.Form() == a.Added.Form() {
		adding = &check.Changes{}
	}
	g := newGrowth(c.db.Catalog.Schema(), was, a.Added, adding, sc)
	if a.Added != a.Model {
		g.loss = &loss{base: a.Base, now: a.Model, diff: a.Changes}
	}
	ok, err := c.grow(ctx, a.Added, was, g, out)
	c.begun = c.begun || g.begun || a.Begun(was)
	if err != nil || !ok {
		return false, err
	}
	if now := c.db.Catalog.Schema().Model(was.Name); now != nil && now.Losing() {
		return true, c.dropOn(ctx, now)
	}
	return true, nil
}

// dropped returns the error for a model that no longer exists.
func dropped(st *ir.Define) error {
	return fail.Errorf(lang.CodeStale, st.Sp, "%s was dropped by another client", st.Was.Name)
}

// takeBack makes one attempt at ALTER … UNDO: the definition before the statement is restored. The statement must be unfinished
// and must not have started removing anything. A program that is still executing the statement finds that its model changed.
func (c *Change) takeBack(ctx context.Context, st *ir.Define, was *ir.Model) (bool, error) {
	if was == nil {
		return false, dropped(st)
	}
	a, bad := check.Alter(ctx, c.db.Catalog.Schema(), was, st.Alter, c.src)
	switch {
	case was.Losing():
		return false, fail.Errorf(lang.CodeNotAllowed, st.Sp, "dropped fields of %s are already being removed from its documents, which cannot be undone", was.Name).
			WithHint("the same statement without UNDO continues it")
	case bad != nil || !a.Begun(was):
		return false, fail.Errorf(lang.CodeNotAllowed, st.Sp, "this ALTER MODEL of %s is not under way", was.Name).WithHint("UNDO undoes a statement that has begun but is not complete")
	}
	d, err := c.db.Catalog.Definition(ctx, was.Name)
	if err != nil || d == nil {
		return false, err
	}
	ok, err := c.revert(ctx, was, d, building(was.Ordered(), was.Ordered()), building(was.Uniques, was.Uniques))
	if err != nil || !ok {
		return false, err
	}
	if _, err := c.db.Catalog.Reload(ctx); err != nil {
		return false, err
	}
	if now := c.db.Catalog.Schema().Model(was.Name); now != nil && now.Losing() {
		return true, c.dropOn(ctx, now)
	}
	return true, nil
}
