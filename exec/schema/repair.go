package schema

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/verify"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Restore continues what a MODEL left unfinished, and rebuilds what is missing completely of what RQL stores in addition to the
// documents of a model: the set of their keys, an index, the values of a UNIQUE, its Search index. Meanwhile documents are found
// by their names, as during a MODEL. It returns the keys of what was missing.
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
			return nil, fail.Errorf(lang.CodeStale, st.Sp, "%s was dropped by another client", name)
		}
		if m.Losing() || m.Change != nil {
			var err error
			if m.Losing() {
				err = c.dropOn(ctx, m)
			} else {
				err = c.carryOn(ctx, &ir.Define{Head: st.Head, Model: m}, m, there)
			}
			if err == fail.ErrStale {
				err = c.db.Again(ctx, &t, name, st.Sp)
			}
			if err != nil {
				return nil, err
			}
			continue
		}
		def := &ir.Define{Head: st.Head, Model: m}
		sc, err := c.searchOf(ctx, def, m, there)
		if err != nil {
			return nil, err
		}
		g := c.left(m, sc)
		keys, err := c.lost(ctx, m, g)
		if err != nil {
			return nil, err
		}
		lost = append(lost, keys...)
		if !g.fills() && !sc.changes() {
			return lost, nil
		}
		g.anew = keys != nil
		ok, err := c.grow(ctx, m, m, g, &rows.Rows{})
		if err != nil && err != fail.ErrStale {
			if x, is := fail.As(err); is {
				err = x.WithHint("what is being rebuilt is not used until a VERIFY " + name + " REPAIR ends well")
			}
			return nil, err
		}
		if ok {
			return lost, nil
		}
		if err := c.db.Again(ctx, &t, name, st.Sp); err != nil {
			return nil, err
		}
	}
}

// left returns what an interrupted MODEL or ALTER left to be done.
func (c *Change) left(m *ir.Model, sc *searchChange) *growth {
	return &growth{search: sc, indexes: building(m.Ordered(), m.Ordered()), uniques: building(m.Uniques, m.Uniques), fields: filling(m, m), checks: unasked(c.db.Catalog.Schema(), m, m), list: m.Unlisted}
}

// complete completes the unfinished definition of a model, or reverts it if documents do not fit it.
func (c *Change) complete(ctx context.Context, st *ir.Define, m *ir.Model, there *redis.StringSliceCmd) error {
	sc, err := c.searchOf(ctx, &ir.Define{Head: st.Head, Model: m}, m, there)
	if err != nil {
		return err
	}
	_, err = c.grow(ctx, m, m, c.left(m, sc), &rows.Rows{})
	if x, is := fail.As(err); is && takenBack(x.Code) {
		return nil
	}
	return err
}

// lost adds what is missing completely to what a model gains, and returns its keys.
func (c *Change) lost(ctx context.Context, m *ir.Model, g *growth) ([]string, error) {
	if c.db.Conn.Keys.Divides(m) { // VERIFY compares each partition entry by entry
		return nil, nil
	}
	list, indexes, err := verify.Lost(ctx, c.db.Conn, m)
	if err != nil {
		return nil, err
	}
	var out []string
	if list && !g.list {
		g.list, out = true, append(out, c.db.Conn.Keys.IDs(m))
	}
	for _, ix := range indexes {
		g.indexes, out = append(g.indexes, ix), append(out, c.db.Conn.Keys.Index(m, ix))
	}
	return out, nil
}
