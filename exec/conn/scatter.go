package conn

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lua"
)

// Scatter sends commands of several partitions in one round trip. Some of them may be writes. Each command keeps its own reply or
// error; the returned error applies to all of them: see Batch. On a cluster, a command that was not executed is sent again by itself, or
// with the other reads of its bucket.
func (c *Conn) Scatter(ctx context.Context, cmds []redis.Cmder) error {
	return c.Wide().Batch(ctx, cmds, false)
}

// RunAll executes a script in several buckets in one round trip, each with its arguments. What it does may be done again, so it is sent like a
// read.
func (c *Conn) RunAll(ctx context.Context, s *lua.Script, in []*Conn, args []*script.Args) ([]script.Reply, error) {
	cmds := make([]redis.Cmder, len(in))
	for i, b := range in {
		cmds[i] = redis.NewCmd(ctx, args[i].Send(b.Caps, s, false)...)
	}
	if err := c.Wide().Pipeline(ctx, cmds); err != nil {
		return nil, err
	}
	var again []redis.Cmder
	for i, cmd := range cmds {
		if Vain(cmd) {
			cmds[i] = redis.NewCmd(ctx, args[i].Send(in[i].Caps, s, true)...)
			again = append(again, cmds[i])
		}
	}
	if len(again) > 0 {
		if err := c.Wide().Pipeline(ctx, again); err != nil {
			return nil, err
		}
	}
	list := make([]script.Reply, len(cmds))
	for i, cmd := range cmds {
		if err := cmd.Err(); err != nil {
			key, _ := args[i].Words[3].(string)
			return nil, ServerError(err, false, key)
		}
		var err error
		if list[i], err = script.Read(s, cmd.(*redis.Cmd).Val()); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Vain reports whether the server did not know the script of a command, which therefore did nothing.
func Vain(cmd redis.Cmder) bool { return isUnknown(cmd.Err()) }

// isUnknown reports whether the server replied that it does not know a script.
func isUnknown(err error) bool { return err != nil && strings.HasPrefix(err.Error(), "NOSCRIPT") }

// Rescatter sends commands again that did nothing.
func (c *Conn) Rescatter(ctx context.Context, cmds []redis.Cmder) error {
	for _, cmd := range cmds {
		if w, ok := cmd.(*Write); ok {
			w.lead = nil
			w.again()
		}
		cmd.SetErr(nil)
	}
	return c.Scatter(ctx, cmds)
}
