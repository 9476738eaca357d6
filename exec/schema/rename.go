package schema

import (
	"context"
	"maps"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// renamed makes one attempt at RENAME FIELD and DROP ALIAS: only names in the catalog change, not what is stored. It returns
// false if another client changed the model first.
func (c *Change) renamed(ctx context.Context, st *ir.Define, was *ir.Model, there *redis.StringSliceCmd) (bool, error) {
	version := was.Version
	if _, err := c.db.Catalog.Reload(ctx); err != nil {
		return false, err
	}
	if was = c.db.Catalog.Schema().Model(was.Name); was == nil || was.Version != version {
		return false, nil
	}
	if was.Def == st.Model.Def && maps.Equal(was.Aliases, st.Model.Aliases) && maps.Equal(was.Places(), st.Model.Places()) && slices.Equal(was.Formerly, st.Model.Formerly) {
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
	d.Names, d.Alone = a.Model.Names, true
	d.Def, d.Places, d.Aliases, d.Renamed = a.Model.Def, a.Model.Places(), a.Model.Aliases, a.Model.Renamed
	if _, ok, err := c.db.Catalog.Define(ctx, was.Name, was.Version, 0, d); err != nil || !ok {
		return false, err
	}
	_, err = c.db.Catalog.Reload(ctx)
	return true, err
}

// renameModel makes one attempt at ALTER MODEL … RENAME TO: names in the catalog change, all with one script, and nothing that is
// stored. It returns false if another client changed the catalog first.
func (c *Change) renameModel(ctx context.Context, st *ir.Define) (bool, error) {
	if _, err := c.db.Catalog.Reload(ctx); err != nil {
		return false, err
	}
	schema, to := c.db.Catalog.Schema(), check.RenamesModel(st.Alter).Name
	was := schema.Lookup(st.Alter.Model.Name)
	switch {
	case was == nil:
		return false, dropped(st)
	case was.Name == to: // another client did it, and may have been killed
		return true, c.db.Catalog.RaiseRenamed(ctx, was)
	case schema.Model(to) != nil:
		return false, fail.Errorf(lang.CodeNotAllowed, st.Sp, "the model %s already exists", to)
	}
	moved, bad := check.RenameModel(ctx, schema, was, to)
	if bad != nil {
		return false, mistake(bad, st.Sp)
	}
	for _, m := range append(slices.Clone(moved.Others), was) {
		if m = schema.Model(m.Name); unfinished(schema, m) || m.Search != nil && (m.Search.Building || m.Search.Next != "") {
			return false, c.finish(ctx, st, m) // what is being built is named by the definitions before
		}
	}
	ok, err := c.db.Catalog.Rename(ctx, moved)
	if err != nil || !ok {
		return false, err
	}
	_, err = c.db.Catalog.Reload(ctx)
	return true, err
}

// finish completes what a statement left unfinished, whatever it is.
func (c *Change) finish(ctx context.Context, st *ir.Define, m *ir.Model) error {
	there := ft.List(ctx, c.db.Conn)
	if there != nil {
		if err := c.db.Conn.Process(ctx, there); conn.IsConnection(err) {
			return conn.ServerError(err, false, "")
		}
	}
	switch {
	case m.Losing():
		return c.dropOn(ctx, m)
	case m.Change != nil:
		return c.carryOn(ctx, st, m, there)
	}
	return c.complete(ctx, st, m, there)
}
