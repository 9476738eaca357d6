package conn

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
)

// Batch sends the commands of several statements in one round trip. Some of them may be writes. Each command keeps its own reply
// or connection error. The returned error applies to all commands: their replies are then unknown.
//
// share says that they are brief, and may share the round trip with those of other callers.
//
// Nothing is executed twice. All commands are sent again only if none was sent; a single command is sent again only if the server
// replied that it did not execute it.
func (c *Conn) Batch(ctx context.Context, cmds []redis.Cmder, share bool) error {
	if c.Spreads() {
		err := c.everywhere(ctx, cmds)
		if err != nil && !slices.ContainsFunc(cmds, isWrite) {
			return ServerError(err, false, "")
		}
		return err
	}
	lead := travelTogether(cmds)
	if lead == nil {
		return c.pipeline(ctx, cmds, share)
	}
	for a := (attempts{c: c}); ; share = false {
		a.start()
		err := c.sendAll(ctx, cmds, lead, share)
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
		lead.again()
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
			w.again()
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
