package schema

import (
	"context"
	"slices"
	"strings"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// loss is what ALTER MODEL removes after everything that it adds is complete.
type loss struct {
	base, now *ir.Model
	diff      *check.Changes
}

// definition returns the definition without what is removed, and the keys to be deleted with it. What was a part of documents is
// removed from them in steps; until then no field may use its stored name.
func (l *loss) definition(keys keyspace.Keys, was *ir.Model, search *catalog.Search) (*catalog.Definition, []string) {
	d := catalog.NewDefinition(was, l.now, search)
	if d.Dropping = catalog.Drops(l.base, slices.Concat(l.diff.Dropped, l.diff.Converted)); len(d.Dropping) > 0 {
		d.Was, d.WasPlaces = l.base.Def, l.base.Places()
	}
	return d, keys.Indexes(l.base, l.diff.Gone, l.diff.GoneUniques)
}

// dropOn removes from documents what their model no longer has, in steps from the first one on, and then marks the definition as
// complete, unless another client changed it.
func (c *Change) dropOn(ctx context.Context, m *ir.Model) error {
	schema := c.db.Catalog.Schema()
	s, err := lua.NewDropping(schema, m, m.Dropping, m.Unlinking)
	if err != nil {
		return err
	}
	what := "drop " + strings.Join(slices.Concat(m.Dropping, m.Unlinking), ", ") + " of " + m.Name
	if err := c.db.Steps(ctx, &run.Walk{Script: s, Schema: schema, What: what, Tell: c.progress, Job: m}); err != nil {
		return err
	}
	d, err := c.db.Catalog.Definition(ctx, m.Name)
	if err != nil || d == nil {
		return err
	}
	d.Dropping, d.Was, d.WasPlaces = nil, "", nil
	if _, _, err := c.db.Catalog.Define(ctx, m.Name, m.Version, 0, d); err != nil {
		return err
	}
	_, err = c.db.Catalog.Reload(ctx)
	return err
}
