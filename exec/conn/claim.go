package conn

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// claimed sends a script again with the claims of values of a UNIQUE GLOBAL that it asked for. The script has written nothing.
func (c *Conn) claimed(ctx context.Context, s *lua.Script, b *script.Args, asks []any) (script.Reply, error) {
	err := error(&lang.Error{Code: lang.CodeBusy, Statement: -1, Message: "other clients keep taking the values that the statement needs", Hint: "try again"})
	if b.ClaimRounds++; b.ClaimRounds <= maxRounds {
		err = c.pause(ctx, b.ClaimRounds)
	}
	text := ""
	if err == nil {
		b.Claimed = append(b.Claimed, asks...)
		text, err = c.Claim(ctx, c, s, asks)
	}
	if err != nil {
		c.settle(ctx, s, b, nil, err)
		return nil, err
	}
	b.AddClaims(text)
	b.Words[0] = nil // the script may have been sent with its text
	return c.Run(ctx, s, b)
}

// begins sends a script again that would make the first documents of partitions, when they are in the registers of their models. The script has
// written nothing.
func (c *Conn) begins(ctx context.Context, s *lua.Script, b *script.Args, names []any) (script.Reply, error) {
	if err := c.Begin(ctx, s, names); err != nil {
		c.settle(ctx, s, b, nil, err)
		return nil, err
	}
	b.Set(plan.RunBegun, "1")
	b.Words[0] = nil // the script may have been sent with its text
	return c.Run(ctx, s, b)
}

// pause waits for a random time from the third round on: two clients may have taken a value from each other.
func (c *Conn) pause(ctx context.Context, round int) error {
	if round < 3 {
		return nil
	}
	t := time.NewTimer(rand.N(time.Millisecond << min(round-3, 6)))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return fail.Ended(ctx)
	case <-t.C:
		return nil
	}
}

// settle gives back what a script took from documents, and claims that it did not use. Of one that may have run that is unknown.
func (c *Conn) settle(ctx context.Context, s *lua.Script, b *script.Args, gave []any, err error) {
	x, known := fail.As(err)
	known = err == nil || err == fail.ErrStale || known && x.Outcome == lang.OutcomeNone
	if asked := b.Claimed; known && (err != nil || b.ClaimRounds > 1) {
		for i := 0; i+5 <= len(asked); i += 5 {
			gave = append(gave, asked[i:i+3]...)
		}
	}
	b.ForgetClaims()
	if len(gave) > 0 {
		c.GiveBack(ctx, c, s, gave)
	}
}
