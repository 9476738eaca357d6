package catalog

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/keyspace"
)

// VersionCmd returns the command that reads a model's version, in a bucket from its copy.
func VersionCmd(ctx context.Context, keys keyspace.Keys, model string) *redis.StringSliceCmd {
	return redis.NewStringSliceCmd(ctx, VersionWords(keys, model)...)
}

// VersionWords returns the words of that command, for who sends it often.
func VersionWords(keys keyspace.Keys, model string) []any {
	return []any{"hmget", keys.Catalog(), "v:" + model}
}

// Version reads the reply; "" stands for a model that is not in the catalog.
func Version(check *redis.StringSliceCmd) string {
	if vals := check.Val(); len(vals) > 0 {
		return vals[0]
	}
	return ""
}

// Known reloads the catalog unless the known version of the model is current. Other commands are sent in the same round trip:
// searches if it is not nil, and others.
func (c *Catalog) Known(ctx context.Context, name string, searches *redis.StringSliceCmd, others ...redis.Cmder) error {
	version := ""
	c.asInCatalog(name)
	if m := c.Schema().Model(name); m != nil {
		version = m.Version
	}
	cmd := VersionCmd(ctx, c.conn.Keys, name)
	cmds := append([]redis.Cmder{cmd}, others...)
	if searches != nil {
		cmds = append(cmds, searches)
	}
	if err := c.conn.Pipeline(ctx, cmds); err != nil {
		return err
	}
	if cmd.Err() == nil && Version(cmd) == version {
		return nil
	}
	_, err := c.Reload(ctx)
	return err
}
