package schema

import (
	"context"
	"maps"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// renamed makes one attempt at RENAME FIELD and DROP ALIAS: only names in the catalog change, not what is stored. It returns
// false if another client changed the model first.
func (c *Change) renamed(ctx context.Context, st *ir.Define, was *ir.Model, there *redis.StringSliceCmd) (bool, error) {
	if was.Def == st.Model.Def && maps.Equal(was.Aliases, st.Model.Aliases) && maps.Equal(was.Places(), st.Model.Places()) {
		return true, nil // another client did it
	}
	a, bad := check.Alter(ctx, c.db.Catalog.Schema(), was, st.Alter, c.src)
	if bad != nil {
		return false, mistake(bad, bad.Span)
	}
	if unfinished(c.db.Catalog.Schema(), was) {
		return false, c.complete(ctx, st, was, there)
	}
	d, err := c.db.Catalog.Definition(ctx, was.Name)
	if err != nil || d == nil {
		return false, err
	}
	d.Def, d.Places, d.Aliases, d.Renamed = a.Model.Def, a.Model.Places(), a.Model.Aliases, a.Model.Renamed
	if _, ok, err := c.db.Catalog.Define(ctx, was.Name, was.Version, 0, d); err != nil || !ok {
		return false, err
	}
	_, err = c.db.Catalog.Reload(ctx)
	return true, err
}
