package conn

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
)

// Batch sends commands of several statements in one round trip, some of which may
// change something. Each command keeps its answer, or the error of the
// connection; the error is one that holds for all of them, whose answers are not known.
//
// Nothing is carried out twice: all of them are sent again only if none was
// sent, and single ones if the server answered that it did not carry them out.
func (c *Conn) Batch(ctx context.Context, cmds []redis.Cmder) error {
	lead := travelTogether(cmds)
	if lead == nil {
		return c.Pipeline(ctx, cmds)
	}
	for a := (attempts{c: c}); ; {
		a.start()
		err := c.sendBatch(ctx, cmds, lead)
		broken := brokenBy(cmds, err)
		if broken == nil {
			return c.resend(ctx, cmds)
		}
		if !isDial(broken) {
			if isEnded(broken) {
				return broken
			}
			return nil
		}
		a.write = false
		if err = a.again(ctx, broken); err != nil {
			return err
		}
		lead.state.Store(onceWaiting)
		for _, cmd := range cmds {
			cmd.SetErr(nil)
		}
	}
}

// travelTogether makes the state of the first write that of all; nil: there is none.
func travelTogether(cmds []redis.Cmder) (lead *Write) {
	for _, cmd := range cmds {
		if w, ok := cmd.(*Write); ok {
			if lead == nil {
				lead = w
			}
			w.lead = lead
		}
	}
	return lead
}

func (c *Conn) sendBatch(ctx context.Context, cmds []redis.Cmder, lead *Write) error {
	c.trips.Add(1)
	if w := WatcherOf(ctx); w != nil {
		return w.Trip(ctx, c, cmds, lead)
	}
	return c.Carry(ctx, cmds, lead)
}

// brokenBy is the error of the connection that a round trip ended with; nil: every command was answered.
func brokenBy(cmds []redis.Cmder, err error) error {
	if IsConnection(err) || isEnded(err) {
		return err
	}
	for _, cmd := range cmds {
		if IsConnection(cmd.Err()) {
			return cmd.Err()
		}
	}
	return nil
}

// resend sends the commands again, one after the other, of which the server
// says that it did not carry them out and soon may. When it does not within the
// time for that, the rest keep their answers.
func (c *Conn) resend(ctx context.Context, cmds []redis.Cmder) error {
	for _, cmd := range cmds {
		if err := cmd.Err(); err == nil || err == redis.Nil || !c.reaches(repeated[fail.ReplyWord(err.Error())]) {
			continue
		}
		if w, ok := cmd.(*Write); ok {
			w.lead = nil
			w.state.Store(onceWaiting)
		}
		cmd.SetErr(nil)
		if err := c.Process(ctx, cmd); err != nil && err != redis.Nil {
			if isEnded(err) {
				return err
			}
			cmd.SetErr(err)
			return nil
		}
	}
	return nil
}
