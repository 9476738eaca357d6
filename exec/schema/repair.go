package schema

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Restore carries on what a MODEL left unfinished, and makes anew what is lost as a whole of what RQL keeps beside
// the documents of a model: the set of their keys, an index, the values of a UNIQUE, its Search index. While that lasts
// documents are found by their names, as where a MODEL is being filled. It gives the keys of what was lost.
func (c *Change) Restore(ctx context.Context, st *ir.Verify) ([]string, error) {
	name := st.Model.Name
	var lost []string
	for t := c.db.Conn.Turns(); ; {
		there := ft.List(ctx, c.db.Conn)
		if err := c.db.Catalog.Known(ctx, name, there); err != nil {
			return nil, err
		}
		m := c.db.Catalog.Schema().Model(name)
		if m == nil {
			return nil, fail.Errorf(lang.CodeStale, st.Sp, "%s was dropped by somebody else", name)
		}
		def := &ir.Define{Head: st.Head, Model: m}
		sc, err := c.searchOf(ctx, def, m, there)
		if err != nil {
			return nil, err
		}
		g := &growth{search: sc, indexes: building(m.Indexes, m.Indexes), uniques: building(m.Uniques, m.Uniques), fields: filling(m, m), checks: unasked(c.db.Catalog.Schema(), m, m), list: m.Unlisted}
		keys, err := c.lost(ctx, m, g)
		if err != nil {
			return nil, err
		}
		lost = append(lost, keys...)
		if !g.fills() && !sc.changes() {
			return lost, nil
		}
		g.anew = keys != nil
		ok, err := c.grow(ctx, def, m, g, &rows.Rows{})
		if err != nil && err != fail.ErrStale {
			if x, is := fail.As(err); is {
				err = x.WithHint("what is being made anew is not used until a VERIFY " + name + " REPAIR ends well")
			}
			return nil, err
		}
		if ok {
			return lost, nil
		}
		if more, err := t.Next(ctx); err != nil {
			return nil, err
		} else if !more {
			return nil, run.KeepsChanging(name, st.Sp)
		}
	}
}

// lost adds what is not there at all to what a model gains, and names its keys.
func (c *Change) lost(ctx context.Context, m *ir.Model, g *growth) ([]string, error) {
	keys := c.db.Conn.Keys
	listed := redis.NewIntCmd(ctx, "zcard", keys.IDs(m))
	cmds := []redis.Cmder{listed}
	for _, ix := range m.Indexes {
		cmds = append(cmds, redis.NewIntCmd(ctx, "zcard", keys.Index(m, ix)))
	}
	if err := c.db.Conn.Pipeline(ctx, cmds); err != nil {
		return nil, err
	}
	var out []string
	if listed.Err() == nil && listed.Val() == 0 && !g.list && !m.Foreign {
		ids, err := document.NewNames(c.db.Conn, m).Some(ctx)
		if err != nil {
			return nil, err
		}
		if g.list = len(ids) > 0; g.list {
			out = append(out, keys.IDs(m))
		}
	}
	for i, ix := range m.Indexes {
		if n := cmds[i+1].(*redis.IntCmd); n.Err() == nil && n.Val() == 0 && (g.list || listed.Val() > 0) && !m.Foreign && !ix.Building {
			g.indexes, out = append(g.indexes, ix), append(out, keys.Index(m, ix))
		}
	}
	return out, nil
}
