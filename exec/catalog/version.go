package catalog

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lua"
)

// VersionCmd returns the command that reads a model's version and the catalog's format, in a bucket from its copy.
func VersionCmd(ctx context.Context, keys keyspace.Keys, model string) *redis.StringSliceCmd {
	return redis.NewStringSliceCmd(ctx, VersionWords(keys, model)...)
}

// VersionWords returns the words of that command, for who sends it often.
func VersionWords(keys keyspace.Keys, model string) []any {
	return []any{"hmget", keys.Catalog(), "v:" + model, "format"}
}

// Version reads the reply, where "" stands for what the catalog lacks. In a catalog with another format, no version is valid.
func Version(check *redis.StringSliceCmd) (version string, ok bool) {
	vals := check.Val()
	if len(vals) != 2 || vals[1] != "" && !lua.ReadsFormat(vals[1]) {
		return "", false
	}
	return vals[0], true
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
	if v, ok := Version(cmd); cmd.Err() == nil && ok && v == version {
		return nil
	}
	_, err := c.Reload(ctx)
	return err
}
