package schema

import (
	"context"
	"slices"
	"strings"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
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
// removed from them in steps, and the indexes of partitions one by one; until then no field may use its stored name.
func (l *loss) definition(keys keyspace.Keys, was *ir.Model, search *catalog.Search) (*catalog.Definition, []string) {
	d := catalog.NewDefinition(was, l.now, search)
	d.Alone = true
	d.Dropping = catalog.Drops(l.base, slices.Concat(l.diff.Dropped, l.diff.Converted))
	gone := keys.Gone(l.base, l.diff.Gone, l.diff.GoneUniques)
	if keys.Divides(l.base) {
		d.Dropping, gone = append(d.Dropping, catalog.DropsOf(l.diff.Gone, l.diff.GoneUniques)...), nil
	}
	if len(d.Dropping) > 0 {
		d.Was, d.WasPlaces = l.base.Def, l.base.Places()
	}
	return d, gone
}

// lose stores the definition d without what ALTER MODEL removes, after everything that it adds is complete in now. Other models may
// have begun to use what is removed; then what was added is removed again.
func (c *Change) lose(ctx context.Context, now *ir.Model, g *growth, d *catalog.Definition, gone []string) (version string, ok bool, err error) {
	for t, want := c.db.Conn.Turns(), now.Version; ; {
		if _, err := c.db.Catalog.Reload(ctx); err != nil {
			return "", false, err
		}
		schema := c.db.Catalog.Schema()
		if now = schema.Model(now.Name); now == nil || now.Version != want {
			return "", false, nil
		}
		if why, hint := check.Severed(schema, g.loss.now); why != "" {
			err := fail.Errorf(lang.CodeBadModel, lang.Span{}, "%s", why).WithHint(hint)
			if now.Form() == g.loss.base.Form() { // what is unfinished is another statement's
				return "", false, err
			}
			c.forbidden = true
			return "", false, c.abandon(ctx, now, g, err)
		}
		if version, ok, err = c.db.Catalog.Define(ctx, now.Name, want, g.above, d, gone...); err != nil || ok {
			return version, ok, err
		}
		if more, err := t.Next(ctx); err != nil || !more {
			return "", false, err
		}
	}
}

// dropOn removes from documents and partitions what their model no longer has, in steps from the first one on, and then marks the
// definition as complete, unless another client changed it.
func (c *Change) dropOn(ctx context.Context, m *ir.Model) error {
	if err := c.dropFields(ctx, m); err != nil {
		return err
	}
	if err := c.empty(ctx, m); err != nil {
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

// empty deletes the keys of the indexes that a model no longer has.
func (c *Change) empty(ctx context.Context, m *ir.Model) error {
	in, buckets := c.db.Conn.Keys.Marked(m, m.Emptying)
	if len(in) > 0 {
		if err := c.db.Each(ctx, m, func(part *run.Database) error {
			in, _ := part.Conn.Keys.Marked(m, m.Emptying)
			return part.Empty(ctx, m, in)
		}); err != nil {
			return err
		}
	}
	if len(buckets) == 0 {
		return nil
	}
	return c.db.EachBucket(func(b *run.Database) error {
		_, keys := b.Conn.Keys.Marked(m, m.Emptying)
		return b.Empty(ctx, m, keys)
	})
}

// dropFields removes fields and collections from documents.
func (c *Change) dropFields(ctx context.Context, m *ir.Model) error {
	places := slices.Concat(m.Dropping, m.Unlinking)
	if len(places) == 0 {
		return nil
	}
	schema := c.db.Catalog.Schema()
	s, err := lua.NewDropping(schema, m, m.Dropping, m.Unlinking)
	if err != nil {
		return err
	}
	what := "drop " + strings.Join(places, ", ") + " of " + m.Name
	return c.db.Steps(ctx, &run.Walk{Script: s, Schema: schema, What: what, Tell: c.progress, Of: m, Job: m})
}
