package exec

import (
	"context"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lua"
)

// A statement of a migration that writes in several buckets or partitions has a position in each: in the hash of migrations of the bucket, or
// of the namespace if there is but one.

// apart is what the fields of these positions begin with. A run that begins anew does not find those of an earlier one.
func (k *Checkpoint) apart() string { return k.Field + ":" + strconv.FormatInt(k.Run, 10) }

// partitioned reports whether a model has PARTITION BY.
func (e *Engine) partitioned() bool {
	schema := e.db.Catalog.Schema()
	for _, name := range schema.Names() {
		if schema.Model(name).Part != nil {
			return true
		}
	}
	return false
}

// fenceBuckets makes all buckets refuse the scripts of earlier runs, once there are buckets. The code is migration-lost if there is a
// later run.
func (e *Engine) fenceBuckets(ctx context.Context, k *Checkpoint, done *bool) error {
	if *done || e.db.Conn.Keys.Buckets() == 1 || !e.partitioned() {
		return nil
	}
	if err := e.Record(ctx, k.Key, k.Fence); err != nil {
		return err
	}
	*done = true
	return e.db.Conn.EachBucket(func(list []*conn.Conn) error {
		args := make([]*script.Args, len(list))
		for i, b := range list {
			args[i] = script.New(b.Keys.Never(), []string{b.Keys.Migrations()}, k.Fence)
		}
		_, err := e.db.Conn.RunAll(ctx, lua.Record(), list, args)
		return err
	})
}

// placesForgotten is how many positions are removed at once.
const placesForgotten = 500

// ForgetPlaces removes the positions in partitions of all runs with this field of their Checkpoint. Their statements must be done.
func (e *Engine) ForgetPlaces(ctx context.Context, fence int64, field string) error {
	if !e.partitioned() {
		return nil
	}
	return e.db.Conn.EachBucket(func(list []*conn.Conn) error {
		cmds := make([]redis.Cmder, len(list))
		for i, b := range list {
			cmds[i] = redis.NewStringSliceCmd(ctx, "hkeys", b.Keys.Migrations())
		}
		if err := e.db.Conn.Wide().Pipeline(ctx, cmds); err != nil {
			return err
		}
		for i, b := range list {
			if err := cmds[i].Err(); err != nil {
				return conn.ServerError(err, false, b.Keys.Migrations())
			}
			var pairs []any
			for _, name := range cmds[i].(*redis.StringSliceCmd).Val() {
				if rest, ok := strings.CutPrefix(name, field+":"); ok && rest != "let" {
					pairs = append(pairs, name, "")
				}
			}
			for len(pairs) > 0 {
				now := pairs[:min(len(pairs), 2*placesForgotten)]
				pairs = pairs[len(now):]
				args := script.New(b.Keys.Never(), []string{b.Keys.Migrations()}, append([]any{fence}, now...)...)
				if _, err := b.Run(ctx, lua.Record(), args); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
