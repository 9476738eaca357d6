package conn

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
)

// Batch sends the commands of several statements in one round trip. Some of them may be writes. Each command keeps its own reply
// or connection error. The returned error applies to all commands: their replies are then unknown.
//
// Nothing is executed twice. All commands are sent again only if none was sent; a single command is sent again only if the server
// replied that it did not execute it.
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

// travelTogether makes all writes share the state of the first one, which it returns; nil if there is no write.
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

// brokenBy returns the connection error that ended a round trip; nil if every command was answered.
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

// resend sends again, one after the other, the commands that the server did not execute but may accept soon. Commands that it
// still refuses when the retry time is over keep their replies.
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
