package conn

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Scatter sends commands of several partitions in one round trip. Some of them may be writes. Each command keeps its own reply or
// error; the returned error applies to all of them: see Batch. On a cluster, a command that was not executed is sent again by itself, or
// with the other reads of its bucket.
func (c *Conn) Scatter(ctx context.Context, cmds []redis.Cmder) error {
	return c.Wide().Batch(ctx, cmds, false)
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
