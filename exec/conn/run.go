package conn

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/script"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// Command returns the command that runs a script: by its SHA1, or with its text.
func (c *Conn) Command(ctx context.Context, s *lua.Script, b *script.Args, text bool) redis.Cmder {
	if text {
		c.texts.Add(1)
	}
	words := b.Send(c.Caps, s, text)
	if s.Access == plan.Reads {
		return redis.NewCmd(ctx, words...)
	}
	return NewWrite(ctx, words...)
}

// Run executes a script and returns its reply.
func (c *Conn) Run(ctx context.Context, s *lua.Script, b *script.Args) (script.Reply, error) {
	return c.run(ctx, s, b, false)
}

// RunShared is Run for a script that is brief: it may share the round trip with commands of other callers. If the context ends,
// the arguments may be in use until the reply arrives.
func (c *Conn) RunShared(ctx context.Context, s *lua.Script, b *script.Args) (script.Reply, error) {
	return c.run(ctx, s, b, true)
}

func (c *Conn) run(ctx context.Context, s *lua.Script, b *script.Args, share bool) (script.Reply, error) {
	if err := fail.Ended(ctx); err != nil {
		return nil, err
	}
	cmd := c.Command(ctx, s, b, false)
	return c.Received(ctx, s, b, cmd, c.process(ctx, cmd, share))
}

// Received reads the reply to a script that was sent by its SHA1. If the server does not know the script, it did not run, and is
// sent again with its text.
func (c *Conn) Received(ctx context.Context, s *lua.Script, b *script.Args, cmd redis.Cmder, err error) (script.Reply, error) {
	if isUnknown(err) {
		cmd = c.Command(ctx, s, b, true)
		err = c.Process(ctx, cmd)
	}
	if err != nil {
		failed := ServerError(err, MayHaveRun(cmd, err), "")
		c.settle(ctx, s, b, nil, failed)
		return nil, c.Named(ctx, s, failed)
	}
	if w, ok := cmd.(*Write); ok && w.short {
		b.Short = true
	}
	r, err := replyOf(s, cmd)
	if refusesBlocking(err) {
		c.noScriptSearch.Store(true)
		c.Replan()
		return nil, fail.ErrStale
	}
	if x, ok := fail.As(err); ok && x.Code == lang.CodeBudget && x.Field == lua.Due {
		return c.overdue(ctx, s, b, x.Key)
	}
	if r.Str(0) == lua.Asks {
		if asks := r.List(1); asks != nil {
			b.Forget()
			if script.Reply(asks).Str(0) == lua.Begins {
				return c.begins(ctx, s, b, asks[1:])
			}
			return c.claimed(ctx, s, b, asks)
		}
		return c.declared(ctx, s, b, r)
	}
	if err == fail.ErrStale {
		c.Outdated()
	}
	c.settle(ctx, s, b, r.List(6), err)
	if err != nil && err != fail.ErrStale {
		return nil, c.Named(ctx, s, err)
	}
	b.Forget()
	return r, err
}

// overdue runs a counting script again that found too many expired documents of a model: after they were deleted or, if that is
// refused, in the form that reads all documents.
func (c *Conn) overdue(ctx context.Context, s *lua.Script, b *script.Args, model string) (script.Reply, error) {
	switch err := c.ClearAway(ctx, c, model); {
	case err == fail.ErrStale:
		return nil, err
	case err != nil:
		b.Set(plan.RunDue, int64(math.MaxInt32))
	}
	b.Words[0] = nil // the script may have been sent with its text
	return c.Run(ctx, s, b)
}

// maxRounds is how often a script may ask for more keys. The number of keys doubles each time, so a block that reads as many as
// it may needs eleven rounds, and one more for each reference that it follows.
const maxRounds = 32

// declared sends a script again with the keys that it asked for. The script has written nothing.
func (c *Conn) declared(ctx context.Context, s *lua.Script, b *script.Args, asks script.Reply) (script.Reply, error) {
	if b.Rounds++; b.Rounds > maxRounds {
		return nil, &lang.Error{Code: lang.CodeBusy, Statement: -1, Message: "the server wants every key declared, and each of " + strconv.Itoa(maxRounds) + " times other documents were found",
			Hint: "others change the same documents: try again; fewer documents in one statement help"}
	}
	names := make([]string, len(asks)-1)
	for i := range names {
		names[i] = asks.Str(i + 1)
	}
	b.Declare(names)
	b.Asked += len(names)
	b.Words[0] = nil // the script may have been sent with its text
	return c.Run(ctx, s, b)
}

// Named adds the name of the command to an error of a command within a script. Some servers omit it; then the commands that the
// script uses are checked with the ACL.
func (c *Conn) Named(ctx context.Context, s *lua.Script, err error) error {
	x, ok := fail.As(err)
	if !ok || !saysRefused(x.Message) {
		return err
	}
	key := x.Key
	if key == "" {
		key = c.Keys.Catalog()
	}
	b := &script.Args{Words: []any{nil, nil, 1, key}}
	for _, c := range s.Commands() {
		b.Words = append(b.Words, c)
	}
	cmd := c.Command(ctx, lua.Refused(), b, true)
	if c.Process(ctx, cmd) != nil {
		return err
	}
	r, _ := replyOf(lua.Refused(), cmd)
	unknown, denied := r.List(0), r.List(1)
	out := *x
	switch {
	case len(unknown) > 0:
		out.Code, out.Field = lang.CodeNeeds, script.Reply(unknown).Str(0)
		out.Message, out.Hint = "the server does not know the command "+words(unknown), "rename-command or the hosting provider has disabled it, and RQL needs it"
	case len(denied) > 0:
		out.Code, out.Field = lang.CodeDenied, script.Reply(denied).Str(0)
		out.Message, out.Hint = "the server's ACL does not allow "+words(denied)+" on "+lang.Quote(key), fail.ServerHint("NOPERM")
	}
	return &out
}

// saysRefused reports whether a command within a script was denied by an error text that does not name it.
func saysRefused(text string) bool {
	return strings.Contains(text, "Unknown Redis command") || strings.Contains(text, "Invalid command passed to") || strings.Contains(text, "can't run this command")
}

// words joins names.
func words(list []any) string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = script.Reply(list).Str(i)
	}
	return strings.Join(names, ", ")
}

// replyOf reads the reply to a script that was sent.
func replyOf(s *lua.Script, cmd redis.Cmder) (script.Reply, error) {
	switch c := cmd.(type) {
	case *redis.Cmd:
		return script.Read(s, c.Val())
	case *Write:
		return script.Read(s, c.Val())
	}
	return script.Read(s, nil)
}

// refusesBlocking reports whether the server refused a script because the command would wait for several shards. A missing index
// is reported before that, so this cannot be probed.
func refusesBlocking(err error) bool {
	x, ok := fail.As(err)
	return ok && x.Code == lang.CodeServer && strings.Contains(x.Message, "Cannot block")
}
