package catalog

import (
	"context"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// Each bucket has a copy of the versions in the catalog, so that a script can compare them in the slot of its documents. The catalog is
// changed first, and a version in a copy only goes up. So a copy may be behind, and who finds that raises it; it is never ahead.

// divided sets the number of buckets, as the catalog has it: none before the first PARTITION BY.
func (c *Catalog) divided(format, buckets string) error {
	switch format {
	case lua.Format2:
		buckets = "1"
	case lua.Format3, lua.Format4:
	default:
		return nil
	}
	n, err := strconv.Atoi(buckets)
	if err != nil || n < 1 || n > 1 && !c.conn.Keys.Spreads() {
		return &lang.Error{Code: lang.CodeCatalog, Statement: -1, Key: c.conn.Keys.Catalog(), Message: "the field buckets of the catalog is " + lang.Quote(fail.Clip(buckets, 20))}
	}
	return c.conn.Divided(n)
}

// embedded reports whether a name is that of a model without documents of its own, which those of partitions may have parts of.
func (c *Catalog) embedded(name string) bool {
	m := c.Schema().Model(name)
	return m != nil && m.Key == nil
}

// Raise makes the present versions of models known in all buckets; of all models and procedures if none is named.
func (c *Catalog) Raise(ctx context.Context, names ...string) error {
	fields := make([]string, len(names))
	for i, name := range names {
		fields[i] = "v:" + name
	}
	return c.raiseAll(ctx, fields...)
}

// raiseAll is Raise for fields of the catalog.
func (c *Catalog) raiseAll(ctx context.Context, fields ...string) error {
	if c.conn.Keys.Buckets() == 1 {
		return nil
	}
	all, err := c.home(ctx, fields)
	if err != nil || !lua.Divided(all["format"]) {
		return err
	}
	return c.conn.EachBucket(func(list []*conn.Conn) error { return c.raise(ctx, all, list) })
}

// home reads fields with versions, or all, and the format.
func (c *Catalog) home(ctx context.Context, fields []string) (map[string]string, error) {
	key := c.conn.Keys.Catalog()
	if len(fields) == 0 {
		cmd := redis.NewMapStringStringCmd(ctx, "hgetall", key)
		if err := c.conn.Process(ctx, cmd); err != nil {
			return nil, conn.ServerError(err, false, key)
		}
		return cmd.Val(), nil
	}
	args := []any{"hmget", key, "format"}
	for _, field := range fields {
		args = append(args, field)
	}
	cmd := redis.NewSliceCmd(ctx, args...)
	if err := c.conn.Process(ctx, cmd); err != nil {
		return nil, conn.ServerError(err, false, key)
	}
	out := map[string]string{}
	for i, v := range cmd.Val() {
		if text, ok := v.(string); ok {
			out[args[i+2].(string)] = text
		}
	}
	return out, nil
}

// heal raises the copies in the buckets that were noted as outdated.
func (c *Catalog) heal(ctx context.Context, all map[string]string) error {
	if list := c.conn.Behind(); len(list) > 0 {
		return c.raise(ctx, all, list)
	}
	return nil
}

// raise brings copies up to the versions in all. A version in a copy that is no earlier one than in the catalog, which is then read again,
// is an error.
func (c *Catalog) raise(ctx context.Context, all map[string]string, buckets []*conn.Conn) error {
	argv := []any{all["format"]}
	for field, v := range all {
		if strings.HasPrefix(field, "v:") || strings.HasPrefix(field, "pv:") {
			argv = append(argv, field, v)
		}
	}
	return c.raiseTo(ctx, argv, buckets)
}

// raiseTo runs the script in each bucket. What it does may be done again, so it is sent like a read.
func (c *Catalog) raiseTo(ctx context.Context, argv []any, buckets []*conn.Conn) error {
	args := make([]*script.Args, len(buckets))
	for i, b := range buckets {
		args[i] = script.New(b.Keys.Never(), []string{b.Keys.Catalog()}, argv...)
	}
	replies, err := c.conn.RunAll(ctx, lua.Raise(), buckets, args)
	if err != nil {
		return unraised(err)
	}
	for i, r := range replies {
		if err := c.newer(ctx, buckets[i], r.List(2)); err != nil {
			return err
		}
	}
	return nil
}

// halfway returns the error of buckets in which a definition could not be made known that was stored in the catalog.
func halfway(err error) error {
	x, ok := fail.As(err)
	if !ok {
		return err
	}
	c := *x
	c.Message, c.Outcome = "the definition was stored, and not yet made known in all buckets: "+x.Message, lang.OutcomeUnknown
	return &c
}

// unraised adds to an error that a copy is to be written.
func unraised(err error) error {
	x, ok := fail.As(err)
	if !ok || x.Code != lang.CodeReadOnly && x.Code != lang.CodeDenied {
		return err
	}
	x.Message = "this bucket's copy of the catalog is to be brought up to date: " + x.Message
	return x.WithHint("a statement of a user who may write does that")
}

// newer returns the error for fields, each followed by its version in a copy, that are ahead of the catalog.
func (c *Catalog) newer(ctx context.Context, b *conn.Conn, list []any) error {
	if len(list) == 0 {
		return nil
	}
	var fields []string
	for i := 0; i+1 < len(list); i += 2 {
		fields = append(fields, script.Reply(list).Str(i))
	}
	now, err := c.home(ctx, fields) // since the copy was read: the catalog is changed before its copies
	if err != nil {
		return err
	}
	for i, field := range fields {
		home, copied := now[field], script.Reply(list).Str(2*i+1)
		if home != "" && home != copied && Number(home) <= Number(copied) {
			_, name, _ := strings.Cut(field, ":")
			return Ahead(b, name, copied, home)
		}
	}
	return nil
}

// Ahead returns the error of a bucket whose copy has a version that the catalog has not had.
func Ahead(b *conn.Conn, model, copied, home string) error {
	i, _ := b.Keys.InBucket()
	return &lang.Error{Code: lang.CodeCatalog, Statement: -1, Key: b.Keys.Catalog(), Message: "bucket " + strconv.Itoa(i) + " has version " + lang.Quote(copied) + " of " + model + ", which is newer than the catalog's, " + lang.Quote(home),
		Hint: "was the node with the catalog restored from an older backup than the bucket's, or the catalog lost? Restore all nodes from one backup"}
}

// Number returns the number in a version; 0 for none.
func Number(version string) int64 {
	text, _, _ := strings.Cut(version, "-")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Copies calls f with each bucket whose copy differs from the catalog, the version that it has of a model, and the catalog's.
func (c *Catalog) Copies(ctx context.Context, m *ir.Model, f func(b *conn.Conn, copied, home string)) error {
	if c.conn.Keys.Buckets() == 1 || m.Part == nil {
		return nil
	}
	all, err := c.home(ctx, []string{"v:" + m.Name})
	if err != nil {
		return err
	}
	home := all["v:"+m.Name]
	return c.conn.EachBucket(func(list []*conn.Conn) error {
		cmds := make([]redis.Cmder, len(list))
		for i, b := range list {
			cmds[i] = redis.NewStringCmd(ctx, "hget", b.Keys.Catalog(), "v:"+m.Name)
		}
		if err := c.conn.Wide().Pipeline(ctx, cmds); err != nil {
			return err
		}
		for i, cmd := range cmds {
			if err := cmd.Err(); err != nil && err != redis.Nil {
				return conn.ServerError(err, false, list[i].Keys.Catalog())
			}
			if copied := cmd.(*redis.StringCmd).Val(); copied != home {
				f(list[i], copied, home)
			}
		}
		return nil
	})
}

// Copied returns the highest number of a version that a bucket has a copy of, if the catalog is empty; else 0. It may have been lost.
func (c *Catalog) Copied(ctx context.Context) (highest int64, err error) {
	if c.next() != "" || c.conn.Keys.Buckets() == 1 {
		return 0, nil
	}
	err = c.conn.EachBucket(func(list []*conn.Conn) error {
		cmds := make([]redis.Cmder, len(list))
		for i, b := range list {
			cmds[i] = redis.NewStringSliceCmd(ctx, "hvals", b.Keys.Catalog())
		}
		if err := c.conn.Wide().Pipeline(ctx, cmds); err != nil {
			return err
		}
		for i, cmd := range cmds {
			if err := cmd.Err(); err != nil {
				return conn.ServerError(err, false, list[i].Keys.Catalog())
			}
			for _, v := range cmd.(*redis.StringSliceCmd).Val() {
				highest = max(highest, Number(v))
			}
		}
		return nil
	})
	if x, is := fail.As(err); is && x.Code == lang.CodeDenied { // of a user without partitions
		return 0, nil
	}
	return highest, err
}

// Forget removes a model from the catalog whose documents lie in buckets, and in all of these puts a version in its place that no plan
// has. It returns that version, or false if the model has another version than expected. Its documents must be gone, and its definition
// be Leaving, so that none can come.
func (c *Catalog) Forget(ctx context.Context, m *ir.Model) (string, bool, error) {
	cmd, err := c.change(ctx, lua.Forget(), []string{c.conn.Keys.Begun(m)}, append([]any{m.Name, m.Version}, words(m.Reserved())...)...)
	if err != nil || cmd == nil {
		return "", false, err
	}
	v, _ := cmd.Text()
	return v, true, c.raiseField(ctx, "v:"+m.Name, v)
}

// raiseField puts a version into the copies in all buckets.
func (c *Catalog) raiseField(ctx context.Context, field, v string) error {
	all, err := c.home(ctx, []string{field})
	if err != nil {
		return err
	}
	return c.conn.EachBucket(func(list []*conn.Conn) error { return c.raiseTo(ctx, []any{all["format"], field, v}, list) })
}
