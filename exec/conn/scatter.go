package conn

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Scatter sends commands of several partitions in one round trip. Some of them may be writes. Each command keeps its own reply or
// connection error; the returned error applies to all of them: see Batch.
func (c *Conn) Scatter(ctx context.Context, cmds []redis.Cmder) error {
	return c.Wide().Batch(ctx, cmds, false)
}

// Vain reports whether the server did not know the script of a command, which therefore did nothing.
func Vain(cmd redis.Cmder) bool {
	return cmd.Err() != nil && strings.HasPrefix(cmd.Err().Error(), "NOSCRIPT")
}

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
