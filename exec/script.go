package exec

import (
	"context"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// reply is what a script returned: its array, read by position.
type reply []any

func (r reply) str(i int) string {
	if i < len(r) {
		switch v := r[i].(type) {
		case string:
			return v
		case int64:
			return strconv.FormatInt(v, 10)
		}
	}
	return ""
}

func (r reply) int(i int) int64 {
	if i < len(r) {
		if v, ok := r[i].(int64); ok {
			return v
		}
	}
	return 0
}

func (r reply) list(i int) []any {
	if i < len(r) {
		if v, ok := r[i].([]any); ok {
			return v
		}
	}
	return nil
}

// form is how scripts are sent to this server.
func (e *Engine) form() lua.Form {
	return lua.Form{Header: e.caps.Shebang, Declared: e.caps.Declared, Locking: e.caps.Locking}
}

// sum is the command that runs a script that the server knows, and its sum.
func (e *Engine) sum(s *lua.Script) (name, sha any) {
	name = "evalsha"
	if s.Access == plan.Reads && e.caps.EvalRO {
		name = "evalsha_ro"
	}
	return name, s.Sum(e.form())
}

// whole is the command that runs a script by its text.
func (e *Engine) whole(s *lua.Script) (name, text any) {
	t := s.In(e.form())
	if s.Access == plan.Reads && e.caps.EvalRO {
		return "eval_ro", t
	}
	return "eval", t
}

// command makes the command that runs a script: by its sum, or with its whole text.
func (e *Engine) command(ctx context.Context, s *lua.Script, b *bound, text bool) redis.Cmder {
	switch {
	case text:
		b.args[0], b.args[1] = e.whole(s)
	case b.args[0] == nil:
		b.args[0], b.args[1] = e.sum(s)
	}
	if s.Access == plan.Reads {
		return redis.NewCmd(ctx, b.args...)
	}
	return &onceCmd{Cmd: *redis.NewCmd(ctx, b.args...)}
}

// run sends a script and gives its reply.
func (e *Engine) run(ctx context.Context, s *lua.Script, b *bound) (reply, error) {
	if err := fail.Ended(ctx); err != nil {
		return nil, err
	}
	cmd := e.command(ctx, s, b, false)
	return e.received(ctx, s, b, cmd, e.process(ctx, cmd))
}

// received reads the reply of a script that was sent by its sum. One that the
// server does not know was not run, so it is sent again with its text.
func (e *Engine) received(ctx context.Context, s *lua.Script, b *bound, cmd redis.Cmder, err error) (reply, error) {
	if err != nil && strings.HasPrefix(err.Error(), "NOSCRIPT") {
		cmd = e.command(ctx, s, b, true)
		err = e.process(ctx, cmd)
	}
	if err != nil {
		return nil, e.named(ctx, s, serverError(err, mayHaveRun(cmd, err), ""))
	}
	r, err := e.result(s, cmd)
	if refusesBlocking(err) {
		return nil, e.withoutScriptSearch()
	}
	if err != nil && err != fail.ErrStale {
		return nil, e.named(ctx, s, err)
	}
	if r.str(0) == lua.Asks {
		return e.declared(ctx, s, b, r)
	}
	b.forget()
	return r, err
}

// maxRounds is how often a script may ask for keys. It asks for twice as many each
// time, so a block that reads all it may needs eleven rounds, and one more for each ref that leads on.
const maxRounds = 32

// declared sends a script again with the keys that it asked for. It wrote nothing.
func (e *Engine) declared(ctx context.Context, s *lua.Script, b *bound, asks reply) (reply, error) {
	if b.rounds++; b.rounds > maxRounds {
		return nil, &Error{Code: lang.CodeBusy, Statement: -1, Message: "the server wants every key declared, and each of " + strconv.Itoa(maxRounds) + " times other documents were found",
			Hint: "others change the same documents: try again; fewer documents in one statement help"}
	}
	names := make([]string, len(asks)-1)
	for i := range names {
		names[i] = asks.str(i + 1)
	}
	b.declare(names)
	b.asked += len(names)
	b.args[0] = nil // what was sent may have been the text
	return e.run(ctx, s, b)
}

// named adds to an error of a command within a script which command it was, for
// some servers do not say it: those that the script may run are asked for.
func (e *Engine) named(ctx context.Context, s *lua.Script, err error) error {
	x, ok := fail.As(err)
	if !ok || !saysRefused(x.Message) {
		return err
	}
	key := x.Key
	if key == "" {
		key = e.keys.Catalog()
	}
	b := &bound{args: []any{nil, nil, 1, key}}
	for _, c := range s.Commands() {
		b.args = append(b.args, c)
	}
	cmd := e.command(ctx, lua.Refused(), b, true)
	if e.process(ctx, cmd) != nil {
		return err
	}
	r, _ := e.result(lua.Refused(), cmd)
	unknown, denied := r.list(0), r.list(1)
	c := *x
	switch {
	case len(unknown) > 0:
		c.Code, c.Field = lang.CodeNeeds, reply(unknown).str(0)
		c.Message, c.Hint = "the server does not know the command "+words(unknown), "rename-command or the host has taken it away, and RQL needs it"
	case len(denied) > 0:
		c.Code, c.Field = lang.CodeDenied, reply(denied).str(0)
		c.Message, c.Hint = "the server's ACL does not allow "+words(denied)+" on "+lang.Quote(key), replies["NOPERM"].hint
	}
	return &c
}

// saysRefused reports the text of an error of a command within a script that names no command.
func saysRefused(text string) bool {
	return strings.Contains(text, "Unknown Redis command") || strings.Contains(text, "Invalid command passed to") || strings.Contains(text, "can't run this command")
}

// words lists names.
func words(list []any) string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = reply(list).str(i)
	}
	return strings.Join(names, ", ")
}

// result reads the reply of a script that was sent.
func (e *Engine) result(s *lua.Script, cmd redis.Cmder) (reply, error) {
	var v any
	switch c := cmd.(type) {
	case *redis.Cmd:
		v = c.Val()
	case *onceCmd:
		v = c.Val()
	}
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return nil, &Error{Code: lang.CodeServer, Message: "a script gave no reply of its own", Statement: -1}
	}
	r := reply(list)
	if r.str(0) == "!" {
		return nil, scriptFailure(s, r)
	}
	return r, nil
}

// scriptFailure makes an *Error of {'!', code, place, key, field, text}.
func scriptFailure(s *lua.Script, r reply) error {
	code := lang.Code(r.str(1))
	if code == lang.CodeStale {
		return fail.ErrStale
	}
	e := &Error{Code: code, Key: r.str(3), Field: r.str(4), Statement: -1}
	if p := int(r.int(2)); p >= 0 && p < len(s.Places) {
		e.Span, e.Within = s.Places[p], s.Within[p]
	}
	if code == lang.CodeUnique {
		e.Holder = r.str(5)
	}
	e.Message, e.Hint = fail.Describe(code, e.Key, e.Field, r.str(5))
	if code == lang.CodeServer {
		refused(e, r.str(5))
	}
	return e
}
