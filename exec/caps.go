package exec

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
)

// noScript is the sum of a script that no server knows.
const noScript = "0000000000000000000000000000000000000000"

// sums are questions for a script that no server knows: who may run scripts by their sums is told so.
type sums struct{ read, write *redis.Cmd }

func (e *Engine) probeSums(ctx context.Context) sums {
	return sums{redis.NewCmd(ctx, "evalsha_ro", noScript, 1, e.keys.Never()), redis.NewCmd(ctx, "evalsha", noScript, 1, e.keys.Never())}
}

// read finds out whether the scripts of a user can be sent by their sums, as all are. Who may only read needs one of the two commands.
func (s sums) found(e *Engine) error {
	if e.caps.EvalRO && !commandRefused(s.read.Err()) {
		return nil
	}
	if !commandRefused(s.write.Err()) {
		e.caps.EvalRO = false
		return nil
	}
	if e.caps.EvalRO && unknownCommand(s.write.Err().Error()) == "" {
		return noScripts(s.read.Err())
	}
	return noScripts(s.write.Err())
}

// commandRefused reports the answer of a server that does not know a command, or does not let this user send it.
func commandRefused(err error) bool {
	return err != nil && (replyWord(err.Error()) == "NOPERM" || unknownCommand(err.Error()) != "" || lacksLua(err.Error()))
}

// noScripts is the error of a server, or a user, without scripts.
func noScripts(err error) *Error {
	x := serverError(err, false, "")
	command := unknownCommand(err.Error())
	switch {
	case lacksLua(err.Error()):
		x.Code, x.Message, x.Hint = lang.CodeNeeds, "this server was built or started without Lua, and RQL runs its statements as Lua scripts: "+err.Error(),
			"Valkey loads it as a module that make install puts beside the server; every other server of RQL has it"
	case command != "":
		x.Code, x.Field = lang.CodeNeeds, command
		x.Message, x.Hint = "this server does not know "+command+", and RQL runs its statements as Lua scripts", "rename-command or the host has taken it away; EVAL, EVALSHA, EVAL_RO and EVALSHA_RO are needed under their names"
	case replyWord(err.Error()) == "NOPERM":
		x.Message, x.Hint = "the server does not let this user run scripts: "+err.Error(), "every change and most reads are scripts: ACL SETUSER … +eval +evalsha +eval_ro +evalsha_ro"
	}
	return x
}

// lacksLua reports the answer of a server that has EVAL and no Lua.
func lacksLua(text string) bool {
	return strings.Contains(text, "Could not find scripting engine") || strings.Contains(text, "Lua scripting disabled")
}

// unknownCommand is the command that an answer says the server does not know, in capitals; "" for another answer.
func unknownCommand(text string) string {
	_, rest, ok := strings.Cut(text, "unknown command ")
	if !ok || rest == "" {
		return ""
	}
	name, _, ok := strings.Cut(rest[1:], rest[:1]) // in quotes of one kind or the other
	if !ok {
		return ""
	}
	return strings.ToUpper(lang.Visible(fail.Clip(name, 40)))
}

// blessCmd asks how a key is protected from eviction, which Redis 8.12 can say.
func (e *Engine) blessCmd(ctx context.Context) *redis.Cmd {
	cmd := redis.NewCmd(ctx, "bless", "get", e.keys.Catalog())
	cmd.SetFirstKeyPos(2)
	return cmd
}

// knowsBless reads the answer.
func knowsBless(cmd *redis.Cmd) bool {
	return cmd.Err() == nil || strings.Contains(cmd.Err().Error(), "no such key")
}

// bless protects the catalog from eviction, where the server can and lets this user. Without it everything works too.
func (e *Engine) bless(ctx context.Context) {
	if !e.blesses {
		return
	}
	cmd := redis.NewCmd(ctx, "bless", "set", e.keys.Catalog(), "NO-EVICT")
	cmd.SetFirstKeyPos(2)
	_ = e.process(ctx, cmd)
}

// Capabilities are what the server was found to do when the connection was opened: a row for each, with what follows from it.
func (e *Engine) Capabilities() *Rows {
	c := e.caps
	list := [][]any{
		{"scripts with a header", c.Shebang, "a full server or a replica refuses a script before it begins"},
		{"read-only scripts", c.EvalRO, "reads work on replicas, and for users who may only read"},
		{"undeclared keys", !c.Declared, "a script finds documents by itself; else it asks for them, in a few more round trips"},
		{"allow-key-locking", c.Locking, "a script stops only those that name the same keys"},
		{"JSON", c.JSON, "STORED AS JSON"},
		{"Search", c.Search, "INDEXED BY SEARCH, and Search where it is quicker"},
		{"Search in scripts", c.SearchInScript, "a search inside a block"},
		{"making a Search index", c.Search && !e.noSearch.Load(), "MODEL makes one; false when it was refused"},
		{"all nodes of a cluster", e.cluster != nil, "statements follow a slot that moves, and a replica that takes over"},
		{"Sentinels", bySentinel(e.client), "statements follow a replica that takes over"},
		{"keys that are not evicted", e.blesses, "MODEL protects the catalog (BLESS)"},
	}
	out := rows.New("SHOW", []string{"capability", "found", "means"}, list)
	out.Types = []lang.Type{lang.TypeString, lang.TypeBool, lang.TypeString}
	return out
}

// Capabilities are those of the session's engine.
func (s *Session) Capabilities() *Rows { return s.e.Capabilities() }
