package run

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// Each calls f with the database of each partition of a model: see conn.Conn.
func (db *Database) Each(ctx context.Context, m *ir.Model, f func(*Database) error) error {
	if !db.Conn.Keys.Divides(m) {
		return f(db)
	}
	return db.Conn.Each(ctx, m, func(part *conn.Conn) error { return f(db.On(part)) })
}

// EachBucket calls f with the database of each bucket.
func (db *Database) EachBucket(f func(*Database) error) error {
	return db.Conn.EachBucket(func(list []*conn.Conn) error {
		for _, b := range list {
			if err := f(db.On(b)); err != nil {
				return err
			}
		}
		return nil
	})
}

// ShowParts returns a row for each partition of a model that has documents, with their number, in the order of their values.
func (db *Database) ShowParts(ctx context.Context, m *ir.Model) (*rows.Rows, error) {
	var list [][]any
	err := db.Conn.Parts(ctx, m, func(texts []string) error {
		cmds := make([]redis.Cmder, len(texts))
		for i, text := range texts {
			cmds[i] = redis.NewIntCmd(ctx, "zcard", db.Conn.Keys.In(text).IDs(m))
		}
		if len(cmds) == 0 {
			return nil
		}
		if err := db.Conn.Wide().Pipeline(ctx, cmds); err != nil {
			return err
		}
		for i, text := range texts {
			v, err := codec.Parse(text, m.Part.Type)
			if err != nil {
				return fail.BadValue(db.Conn.Keys.Parts(), m.Part.Name, text)
			}
			if err := cmds[i].Err(); err != nil {
				return conn.ServerError(err, false, db.Conn.Keys.In(text).IDs(m))
			}
			list = append(list, []any{v, cmds[i].(*redis.IntCmd).Val()})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b []any) int { return codec.Compare(a[0], b[0]) })
	out := rows.New("SHOW", []string{"partition", "documents"}, list)
	out.Types = []lang.Type{m.Part.Type, lang.TypeInt}
	return out, nil
}

// Empty deletes keys of a partition, unless the model has another version than m; then the error is fail.ErrStale.
func (db *Database) Empty(ctx context.Context, m *ir.Model, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	_, err := db.fenced(ctx, lua.Empty(), m, keys)
	return err
}

// Listed reports whether the list of partitions is right about the partition of db. With mend it is corrected.
func (db *Database) Listed(ctx context.Context, m *ir.Model, mend bool) (bool, error) {
	s, how := lua.Listed(), ""
	if mend {
		s, how = lua.List(), "mend"
	}
	r, err := db.fenced(ctx, s, m, []string{db.Conn.Keys.IDs(m), db.Conn.Keys.Parts()}, m.StoredName()+db.Conn.Keys.Cell, how)
	return err == nil && r.Int(1) == 0, err
}

// fenced runs a hand-written script, unless the model has another version.
func (db *Database) fenced(ctx context.Context, s *lua.Script, m *ir.Model, keys []string, argv ...any) (script.Reply, error) {
	b := script.New(db.Conn.Keys.Never(), append([]string{db.Conn.Keys.Catalog()}, keys...), append([]any{m.Name, m.Version}, argv...)...)
	return db.Conn.Run(ctx, s, b)
}
