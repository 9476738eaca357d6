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

// altered tries ALTER MODEL once, from what the model is now: false, or fail.ErrStale, if somebody else was faster.
func (c *Change) altered(ctx context.Context, st *ir.Define, was *ir.Model, there *redis.StringSliceCmd, out *rows.Rows) (bool, error) {
	if was == nil {
		return false, dropped(st)
	}
	if check.Renames(st.Alter) {
		return c.renamed(ctx, st, was, there)
	}
	if was.Def == st.Model.Def && maps.Equal(was.Places(), st.Model.Places()) && !unfinished(c.db.Catalog.Schema(), was) { // nothing to do, or somebody else did it
		return true, nil
	}
	a, bad := check.Alter(ctx, c.db.Catalog.Schema(), was, st.Alter, c.src)
	if bad != nil {
		return false, mistake(bad, bad.Span)
	}
	if c.begun && a.Base == was {
		return false, fail.Errorf(lang.CodeStale, st.Sp, "somebody else took this ALTER MODEL of %s back", was.Name).WithHint("SHOW MODEL " + was.Name + " prints the definition")
	}
	if a.Added.Change != nil && a.Base == was && unfinished(c.db.Catalog.Schema(), was) {
		return false, c.complete(ctx, st, was, there) // what is converted is computed from a complete definition
	}
	st.Model = a.Model // that of this try
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
	if now := c.db.Catalog.Schema().Model(was.Name); now != nil && dropping(now) {
		return true, c.dropOn(ctx, now)
	}
	return true, nil
}

// dropped is the error of a model that is there no more.
func dropped(st *ir.Define) error {
	return fail.Errorf(lang.CodeStale, st.Sp, "%s was dropped by somebody else", st.Model.Name)
}

// takeBack tries ALTER … UNDO once: the definition becomes what it was before the statement, which must be unfinished
// and not yet removing anything. A program that is still carrying the statement out finds that its model changed.
func (c *Change) takeBack(ctx context.Context, st *ir.Define, was *ir.Model) (bool, error) {
	if was == nil {
		return false, dropped(st)
	}
	a, bad := check.Alter(ctx, c.db.Catalog.Schema(), was, st.Alter, c.src)
	switch {
	case dropping(was):
		return false, fail.Errorf(lang.CodeNotAllowed, st.Sp, "what %s has no more is being removed from its documents, and cannot be taken back", was.Name).
			WithHint("the same statement without UNDO carries it on")
	case bad != nil || !a.Begun(was):
		return false, fail.Errorf(lang.CodeNotAllowed, st.Sp, "this ALTER MODEL of %s is not under way", was.Name).WithHint("UNDO takes back a statement that has begun and is not complete")
	}
	d, err := c.db.Catalog.Definition(ctx, was.Name)
	if err != nil || d == nil {
		return false, err
	}
	ok, err := c.revert(ctx, was, d, building(was.Indexes, was.Indexes), building(was.Uniques, was.Uniques))
	if err != nil || !ok {
		return false, err
	}
	if _, err := c.db.Catalog.Reload(ctx); err != nil {
		return false, err
	}
	if now := c.db.Catalog.Schema().Model(was.Name); now != nil && dropping(now) {
		return true, c.dropOn(ctx, now)
	}
	return true, nil
}
