package conn

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lua"
)

// Timed runs a script as Run does, and returns how long it occupied the server; 0 if this is unknown because the script had to be
// sent again.
func (c *Conn) Timed(ctx context.Context, s *lua.Script, b *script.Args) (script.Reply, time.Duration, error) {
	cmd := c.Command(ctx, s, b, false)
	before, after := redis.NewTimeCmd(ctx, "time"), redis.NewTimeCmd(ctx, "time")
	start := time.Now()
	err := c.Batch(ctx, []redis.Cmder{before, cmd, after}, false)
	took := time.Since(start)
	if before.Err() == nil && after.Err() == nil {
		took = after.Val().Sub(before.Val()) // excludes the network; a user may not be allowed to ask for it
	}
	if err == nil {
		err = cmd.Err()
	}
	if err != nil {
		took = 0
	}
	r, err := c.Received(ctx, s, b, cmd, err)
	return r, max(took, 0), err
}

// Pace limits how much of the server's time stepped changes use.
type Pace struct {
	MaxBlock time.Duration // how long one step may occupy the server; 0: no limit but the number of documents in a step
	Duty     float64       // the share of the time that steps occupy the server, above 0 and at most 1; 0: no limit
}

// Limited reports whether the time of steps is limited.
func (p Pace) Limited() bool { return p.MaxBlock > 0 || p.Duty > 0 && p.Duty < 1 }

// Rest returns how long to wait after a step that took the given time.
func (p Pace) Rest(took time.Duration) time.Duration {
	if p.Duty <= 0 || p.Duty >= 1 {
		return 0
	}
	return time.Duration(min(float64(took)*(1-p.Duty)/p.Duty, float64(forever)))
}

// forever limits a pause: that for a tiny share may be longer than a duration can express.
const forever = time.Duration(1 << 62)

// Next returns the number of documents for the next step, after a step with n documents took the given time: about as many as
// MaxBlock allows, at most 2n, and at least one.
func (p Pace) Next(n int, took time.Duration) int {
	fit := float64(n) * float64(p.MaxBlock) / float64(took)
	return max(1, int(min(fit, 2*float64(n))))
}
