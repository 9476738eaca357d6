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
	if m.Part != nil && c.db.Conn.Keys.Buckets() > 1 { // a DROP that was interrupted may have marked it
		if _, err := c.db.Catalog.Reload(ctx); err != nil {
			return nil, err
		}
	}
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
	n, ok, err := c.undefine(ctx, now)
	switch {
	case err != nil:
	case !ok:
		err = fail.Errorf(lang.CodeStale, st.Sp, "%s was changed by another client", m.Name)
	case n > 0:
		if c.db.Conn.Keys.Divides(now) { // the number is that of partitions
			if n, err = c.count(ctx, now); err != nil {
				break
			}
		}
		err = fail.Errorf(lang.CodeNotEmpty, st.Sp, "%s has %d documents", m.Name, n).WithHint("DROP MODEL " + m.Name + " ALL deletes them too")
	default:
		if _, err = c.db.Catalog.Reload(ctx); err == nil {
			err = ft.DropBelow(ctx, c.db.Conn, now, math.MaxInt64)
		}
	}
	if err != nil {
		return nil, run.Partly(err, out.Affected(), 0)
	}
	return out, nil
}

// undefine removes a model from the catalog, unless it has documents, in their number or that of their partitions. One in buckets is first
// marked, so that no statement can create a document in a bucket that was found empty.
func (c *Change) undefine(ctx context.Context, m *ir.Model) (documents int64, ok bool, err error) {
	held := c.db.Catalog
	if c.db.Conn.Keys.Buckets() == 1 || m.Part == nil {
		return held.Undefine(ctx, m, false)
	}
	if !m.Leaving {
		if n, err := c.db.Conn.Found(ctx, m); err != nil || n > 0 {
			return n, true, err
		}
	}
	if m, err = c.leaving(ctx, m, true); err != nil || m == nil {
		return 0, false, err
	}
	if n, err := c.db.Conn.Found(ctx, m); err != nil || n > 0 {
		if err == nil {
			_, err = c.leaving(ctx, m, false)
		}
		return n, true, err
	}
	version, ok, err := held.Forget(ctx, m)
	if err != nil || !ok || m.Celled() && c.db.Conn.Keys.Globals(m) == nil {
		return 0, ok, err
	}
	gone := *m
	gone.Version = version
	err = c.db.EachBucket(func(part *run.Database) error {
		keys := part.Conn.Keys
		list := keys.Globals(m)
		if !m.Celled() { // else nothing is left of a partition without documents
			list = append(append(list, keys.IDs(m), keys.Ends(m), keys.Shadows(m)), keys.Indexes(m, m.Ordered(), m.Uniques)...)
		}
		return part.Empty(ctx, &gone, list)
	})
	if err == fail.ErrStale { // there is another model with that name
		err = nil
	}
	return 0, true, err
}

// leaving marks a model in all buckets as one that is being dropped, or takes the mark back. It returns nil if another client changed the
// model.
func (c *Change) leaving(ctx context.Context, m *ir.Model, mark bool) (*ir.Model, error) {
	held, version := c.db.Catalog, m.Version
	if m.Leaving == mark {
		if err := held.Raise(ctx, m.Name); err != nil {
			return nil, err
		}
	} else {
		d, err := held.Definition(ctx, m.Name)
		if err != nil || d == nil {
			return nil, err
		}
		d.Leaving = mark
		var ok bool
		if version, ok, err = held.Define(ctx, m.Name, m.Version, 0, d); err != nil || !ok {
			return nil, err
		}
	}
	if _, err := held.Reload(ctx); err != nil {
		return nil, err
	}
	if now := held.Schema().Model(m.Name); now != nil && now.Version == version && now.Leaving == mark {
		return now, nil
	}
	return nil, nil
}

// forget removes the keys of documents that disappeared without RQL (expired, evicted, deleted by others) from the set of a
// model's keys: DELETE does not find them, and they would prevent DROP forever.
func (c *Change) forget(ctx context.Context, m *ir.Model) error {
	if c.db.Conn.Keys.Divides(m) {
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
