package conn

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang/ir"
)

const (
	// PartsPage is how many partitions of a bucket are read at once.
	PartsPage = 1000
	// bucketsPage is how many buckets are asked at once.
	bucketsPage = 256
)

// EachBucket calls f with the connection to each bucket, some at a time; with c itself if there is but one.
func (c *Conn) EachBucket(f func([]*Conn) error) error {
	n := c.Keys.Buckets()
	if n == 1 {
		return f([]*Conn{c})
	}
	for from := 0; from < n; from += bucketsPage {
		list := make([]*Conn, 0, bucketsPage)
		for i := from; i < min(from+bucketsPage, n); i++ {
			list = append(list, c.Bucket(i))
		}
		if err := f(list); err != nil {
			return err
		}
	}
	return nil
}

// Parts calls f with the partitions of a model that have documents, some at a time: those of one bucket after those of another, and in
// the order of their names there. One that comes or goes meanwhile may be left out.
func (c *Conn) Parts(ctx context.Context, m *ir.Model, f func(texts []string) error) error {
	return c.listed(ctx, m, func(b *Conn, names []string) error {
		var texts []string
		for _, name := range names {
			if b.belongs(m, name) {
				text, _ := ir.PartOf(strings.TrimPrefix(name, m.StoredName()))
				texts = append(texts, text)
			}
		}
		if texts == nil {
			return nil
		}
		return f(texts)
	})
}

// listed calls f with the names in the list of partitions of each bucket, some at a time.
func (c *Conn) listed(ctx context.Context, m *ir.Model, f func(b *Conn, names []string) error) error {
	return c.EachBucket(func(list []*Conn) error {
		pages := make([]redis.Cmder, len(list))
		for i, b := range list {
			pages[i] = b.partsFrom(ctx, m, "["+m.StoredName()+"@")
		}
		if err := c.Wide().Pipeline(ctx, pages); err != nil {
			return err
		}
		for i, b := range list {
			for cmd := pages[i].(*redis.StringSliceCmd); ; {
				if err := cmd.Err(); err != nil {
					return ServerError(err, false, b.Keys.Parts())
				}
				if err := f(b, cmd.Val()); err != nil {
					return err
				}
				if len(cmd.Val()) < PartsPage {
					break
				}
				cmd = b.partsFrom(ctx, m, "("+cmd.Val()[PartsPage-1])
				if err := b.Process(ctx, cmd); IsConnection(err) {
					return ServerError(err, false, b.Keys.Parts())
				}
			}
		}
		return nil
	})
}

// Misplaced calls f with each name of a partition that is in the list of a bucket to which it does not belong. With mend it is removed.
func (c *Conn) Misplaced(ctx context.Context, m *ir.Model, mend bool, f func(b *Conn, name string)) error {
	if c.Keys.Buckets() == 1 {
		return nil
	}
	return c.listed(ctx, m, func(b *Conn, names []string) error {
		for _, name := range names {
			if b.belongs(m, name) {
				continue
			}
			f(b, name)
			if !mend {
				continue
			}
			cmd := NewWrite(ctx, "zrem", b.Keys.Parts(), name)
			if err := b.Process(ctx, cmd); err != nil {
				return ServerError(err, MayHaveRun(cmd, err), b.Keys.Parts())
			}
		}
		return nil
	})
}

// belongs reports whether a name in the list of partitions is one of the bucket.
func (c *Conn) belongs(m *ir.Model, name string) bool {
	text, ok := ir.PartOf(strings.TrimPrefix(name, m.StoredName()))
	return ok && c.Keys.In(text).Prefix == c.Keys.Prefix
}

// partsFrom returns the command that reads names of partitions of a model in a bucket.
func (c *Conn) partsFrom(ctx context.Context, m *ir.Model, from string) *redis.StringSliceCmd {
	return redis.NewStringSliceCmd(ctx, "zrangebylex", c.Keys.Parts(), from, "("+m.StoredName()+"A", "limit", 0, PartsPage)
}

// Each calls f with the connection to each partition of a model: to each that has documents or, if the partition is the KEY, to each
// bucket; and with c itself for a model whose documents lie together.
func (c *Conn) Each(ctx context.Context, m *ir.Model, f func(*Conn) error) error {
	one := func(list []*Conn) error {
		for _, part := range list {
			if err := f(part); err != nil {
				return err
			}
		}
		return nil
	}
	switch {
	case !c.Keys.Divides(m):
		return f(c)
	case !m.Celled():
		return c.EachBucket(one)
	}
	return c.Parts(ctx, m, func(texts []string) error {
		list := make([]*Conn, len(texts))
		for i, text := range texts {
			list[i] = c.In(text)
		}
		return one(list)
	})
}

// Sum adds up the replies to a command for each partition of a model that has documents or, if the partition is the KEY, for each bucket.
func (c *Conn) Sum(ctx context.Context, m *ir.Model, cmd func(keyspace.Keys) *redis.IntCmd) (n int64, err error) {
	all := func(list []keyspace.Keys) error {
		cmds := make([]redis.Cmder, len(list))
		for i, k := range list {
			cmds[i] = cmd(k)
		}
		if err := c.Wide().Pipeline(ctx, cmds); err != nil {
			return err
		}
		for i, cmd := range cmds {
			if err := cmd.Err(); err != nil {
				return ServerError(err, false, list[i].IDs(m))
			}
			n += cmd.(*redis.IntCmd).Val()
		}
		return nil
	}
	var list []keyspace.Keys
	switch {
	case !c.Keys.Divides(m):
		err = all([]keyspace.Keys{c.Keys})
	case !m.Celled():
		for i := range c.Keys.Buckets() {
			list = append(list, c.Keys.Bucket(i))
		}
		err = all(list)
	default:
		err = c.Parts(ctx, m, func(texts []string) error {
			list = list[:0]
			for _, text := range texts {
				list = append(list, c.Keys.In(text))
			}
			return all(list)
		})
	}
	return n, err
}

// Found returns how many partitions of a model have documents or, if the partition is the KEY, how many documents there are.
func (c *Conn) Found(ctx context.Context, m *ir.Model) (n int64, err error) {
	err = c.EachBucket(func(list []*Conn) error {
		cmds := make([]redis.Cmder, len(list))
		for i, b := range list {
			if m.Celled() {
				cmds[i] = redis.NewIntCmd(ctx, "zlexcount", b.Keys.Parts(), "["+m.StoredName()+"@", "("+m.StoredName()+"A")
			} else {
				cmds[i] = redis.NewIntCmd(ctx, "zcard", b.Keys.IDs(m))
			}
		}
		if err := c.Wide().Pipeline(ctx, cmds); err != nil {
			return err
		}
		for i, cmd := range cmds {
			if err := cmd.Err(); err != nil {
				return ServerError(err, false, list[i].Keys.Parts())
			}
			n += cmd.(*redis.IntCmd).Val()
		}
		return nil
	})
	return n, err
}
