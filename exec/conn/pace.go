package conn

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lua"
)

// Timed is Run, and says for how long the server was occupied with the script; 0 where that is not known, because it had to be
// sent again.
func (c *Conn) Timed(ctx context.Context, s *lua.Script, b *script.Args) (script.Reply, time.Duration, error) {
	cmd := c.Command(ctx, s, b, false)
	before, after := redis.NewTimeCmd(ctx, "time"), redis.NewTimeCmd(ctx, "time")
	start := time.Now()
	err := c.Batch(ctx, []redis.Cmder{before, cmd, after})
	took := time.Since(start)
	if before.Err() == nil && after.Err() == nil {
		took = after.Val().Sub(before.Val()) // without the way there and back; a user may not be allowed to ask for it
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

// Pace is what steps may take of the server.
type Pace struct {
	MaxBlock time.Duration // for which one step may occupy it; 0: as long as its number of documents takes
	Duty     float64       // the share of the time in which it is occupied, above 0, and 1 at most; 0: all of it
}

// Limited reports that the time of steps counts.
func (p Pace) Limited() bool { return p.MaxBlock > 0 || p.Duty > 0 && p.Duty < 1 }

// Rest is how long to wait after a step that took so long.
func (p Pace) Rest(took time.Duration) time.Duration {
	if p.Duty <= 0 || p.Duty >= 1 {
		return 0
	}
	return time.Duration(float64(took) * (1 - p.Duty) / p.Duty)
}

// Next is how many documents the step after one may take that took so long for n: about as many as MaxBlock allows,
// at most twice as many as before, and at least one.
func (p Pace) Next(n int, took time.Duration) int {
	fit := float64(n) * float64(p.MaxBlock) / float64(took)
	return max(1, int(min(fit, 2*float64(n))))
}
