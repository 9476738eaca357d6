package schema

import (
	"context"
	"math"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// drop executes DROP MODEL.
func (c *Change) drop(ctx context.Context, st *ir.Drop) (*rows.Rows, error) {
	m := st.Model
	now := c.db.Catalog.Schema().Model(m.Name)
	if now == nil {
		return nil, fail.Errorf(lang.CodeStale, st.Sp, "%s was dropped by another client", m.Name)
	}
	if by := referredBy(c.db.Catalog.Schema(), m.Name); by != "" {
		return nil, fail.Errorf(lang.CodeNotEmpty, st.Sp, "%s is used by %s", m.Name, by).WithHint("drop or change " + by + " first")
	}
	out := &rows.Rows{Kind: "DROP"}
	if st.All {
		del := &ir.Delete{Head: ir.Head{Sp: st.Sp, Uses: []*ir.Model{now}}, Model: now, Target: ir.Target{All: true}, WithModel: true}
		err := c.query(ctx, del, now, func(_ *run.Database, done *rows.Rows) error { out.Count(done.Affected()); return nil })
		if err != nil {
			return nil, run.Partly(err, out.Affected(), 0)
		}
		if err := c.forget(ctx, now); err != nil {
			return nil, run.Partly(err, out.Affected(), 0)
		}
	}
	if now.Expires {
		if err := c.db.ClearAway(ctx, now); err != nil && err != fail.ErrStale {
			return nil, err
		}
	}
	n, ok, err := c.db.Catalog.Undefine(ctx, now, false)
	switch {
	case err != nil:
	case !ok:
		err = fail.Errorf(lang.CodeStale, st.Sp, "%s was changed by another client", m.Name)
	case n > 0:
		if now.Celled() { // the number is that of partitions
			if n, err = c.count(ctx, now); err != nil {
				break
			}
		}
		err = fail.Errorf(lang.CodeNotEmpty, st.Sp, "%s has %d documents", m.Name, n).WithHint("DROP MODEL " + m.Name + " ALL deletes them too")
	default:
		if _, err = c.db.Catalog.Reload(ctx); err == nil {
			err = ft.DropBelow(ctx, c.db.Conn, now.StoredName(), math.MaxInt64)
		}
	}
	if err != nil {
		return nil, run.Partly(err, out.Affected(), 0)
	}
	return out, nil
}

// forget removes the keys of documents that disappeared without RQL (expired, evicted, deleted by others) from the set of a
// model's keys: DELETE does not find them, and they would prevent DROP forever.
func (c *Change) forget(ctx context.Context, m *ir.Model) error {
	if m.Celled() {
		return c.leave(ctx, m)
	}
	left := redis.NewIntCmd(ctx, "zcard", c.db.Conn.Keys.IDs(m))
	if err := c.db.Conn.Process(ctx, left); err != nil {
		return conn.ServerError(err, false, c.db.Conn.Keys.IDs(m))
	}
	if left.Val() == 0 {
		return nil
	}
	return c.leave(ctx, m)
}

func (c *Change) leave(ctx context.Context, m *ir.Model) error {
	schema := c.db.Catalog.Schema()
	s, err := lua.NewLeaving(schema, m)
	if err != nil {
		return err
	}
	return c.db.Steps(ctx, &run.Walk{Script: s, Schema: schema, What: "documents of " + m.Name + " that are gone", Tell: c.progress, Of: m})
}

// referredBy returns the name of a model that embeds or refers to another, or "".
func referredBy(s *ir.Schema, name string) string {
	for _, n := range s.Names() {
		m := s.Model(n)
		if n == name {
			continue
		}
		for _, f := range m.Fields {
			for t := &f.Type; t != nil; t = t.Elem {
				if t.Model == name {
					return n + "." + f.Name
				}
			}
		}
	}
	return ""
}
