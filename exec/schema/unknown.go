package schema

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// unknown determines what a model needs that is not in the catalog: everything, if there are documents nevertheless, because they
// are older than the model or their catalog was lost.
func (c *Change) unknown(ctx context.Context, st *ir.Define, g *growth) error {
	m := st.Model
	if err := catalog.Apart(ctx, c.db.Conn, m, st.Sp); err != nil {
		return err
	}
	for _, name := range g.search.there { // the number of an existing index must not be used again
		g.above = max(g.above, ft.Number(c.db.Conn.Keys, name, m.Name))
	}
	copied, err := c.db.Catalog.Copied(ctx)
	if err != nil {
		return err
	}
	g.above = max(g.above, copied)
	if g.list = m.Adopted; !g.list {
		if g.list, err = c.traces(ctx, m); err != nil || !g.list {
			return err
		}
		g.fields = check.Filled(m)
	}
	g.indexes, g.uniques = m.Ordered(), m.Uniques
	return nil
}

// traces looks for traces of a model that the catalog does not know: reliably for the set of its keys and the indexes that it has
// again, and for documents if one SCAN finds some. This costs a new model two round trips. Of a model in partitions it looks at the lists of
// these instead of the sets.
func (c *Change) traces(ctx context.Context, m *ir.Model) (bool, error) {
	if c.db.Conn.Keys.Divides(m) {
		if n, err := c.db.Conn.Found(ctx, m); err != nil || n > 0 {
			return n > 0, err
		}
		return allowed(c.db.Conn.ScanKeys(c.db.Conn.Keys.PatternOver(m)).Page(ctx))
	}
	cmds := []redis.Cmder{redis.NewIntCmd(ctx, "zcard", c.db.Conn.Keys.IDs(m))}
	for _, ix := range m.Ordered() {
		cmds = append(cmds, redis.NewIntCmd(ctx, "zcard", c.db.Conn.Keys.Index(m, ix)))
	}
	for _, ix := range m.Uniques {
		cmds = append(cmds, redis.NewIntCmd(ctx, "hlen", c.db.Conn.Keys.Unique(m, ix)))
	}
	if err := c.db.Conn.Pipeline(ctx, cmds); err != nil {
		return false, err
	}
	for _, c := range cmds {
		if c.(*redis.IntCmd).Val() > 0 {
			return true, nil
		}
	}
	return allowed(document.NewNames(c.db.Conn, m).Next(ctx))
}

// allowed reports whether a SCAN found something; a user without SCAN finds nothing.
func allowed(found []string, err error) (bool, error) {
	if x, ok := fail.As(err); ok && x.Code == lang.CodeDenied {
		return false, nil
	}
	return len(found) > 0, err
}
