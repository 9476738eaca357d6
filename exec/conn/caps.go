package conn

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
)

// noScript is the SHA1 of a script that no server knows.
const noScript = "0000000000000000000000000000000000000000"

// sums are EVALSHA commands for a script that no server knows: NOSCRIPT shows that the user may run scripts by their SHA1.
type sums struct{ read, write *redis.Cmd }

func (c *Conn) probeSums(ctx context.Context) sums {
	return sums{redis.NewCmd(ctx, "evalsha_ro", noScript, 1, c.Keys.Never()), redis.NewCmd(ctx, "evalsha", noScript, 1, c.Keys.Never())}
}

// found reads the replies: whether this user can run scripts by their SHA1, which is how all scripts are sent. A read-only user
// needs just one of the two commands.
func (s sums) found(c *Conn) error {
	if c.Caps.EvalRO && !commandRefused(s.read.Err()) {
		return nil
	}
	if !commandRefused(s.write.Err()) {
		c.Caps.EvalRO = false
		return nil
	}
	if c.Caps.EvalRO && fail.UnknownCommand(s.write.Err().Error()) == "" {
		return noScripts(s.read.Err())
	}
	return noScripts(s.write.Err())
}

// commandRefused reports whether the server does not know a command, or does not allow this user to send it.
func commandRefused(err error) bool {
	return err != nil && (fail.ReplyWord(err.Error()) == "NOPERM" || fail.UnknownCommand(err.Error()) != "" || lacksLua(err.Error()))
}

// noScripts returns the error for a server that has no scripts, or a user who may not run them.
func noScripts(err error) *lang.Error {
	x := ServerError(err, false, "")
	command := fail.UnknownCommand(err.Error())
	switch {
	case lacksLua(err.Error()):
		x.Code, x.Message, x.Hint = lang.CodeNeeds, "this server was built or started without Lua, and RQL runs its statements as Lua scripts: "+err.Error(),
			"Valkey loads Lua as a module, which make install puts next to the server; all other supported servers include it"
	case command != "":
		x.Code, x.Field = lang.CodeNeeds, command
		x.Message, x.Hint = "this server does not know "+command+", and RQL runs its statements as Lua scripts", "rename-command or the hosting provider has disabled it; RQL needs EVAL, EVALSHA, EVAL_RO and EVALSHA_RO under these names"
	case fail.ReplyWord(err.Error()) == "NOPERM":
		x.Message, x.Hint = "the server does not let this user run scripts: "+err.Error(), "every change and most reads are scripts: ACL SETUSER … +eval +evalsha +eval_ro +evalsha_ro"
	}
	return x
}

// lacksLua reports whether an error text is from a server that has EVAL but no Lua.
func lacksLua(text string) bool {
	return strings.Contains(text, "Could not find scripting engine") || strings.Contains(text, "Lua scripting disabled")
}

// blessCmd returns the command that asks how a key is protected from eviction. Redis 8.12 has it.
func (c *Conn) blessCmd(ctx context.Context) *redis.Cmd {
	cmd := redis.NewCmd(ctx, "bless", "get", c.Keys.Catalog())
	cmd.SetFirstKeyPos(2)
	return cmd
}

// knowsBless reports whether the reply shows that the server has the command.
func knowsBless(cmd *redis.Cmd) bool {
	return cmd.Err() == nil || strings.Contains(cmd.Err().Error(), "no such key")
}

// Capabilities lists what the server was found to support when the connection was opened, one row each, with the consequences.
func (c *Conn) Capabilities() [][]any {
	caps := c.Caps
	return [][]any{
		{"scripts with a header", caps.Shebang, "a full server or a replica refuses a script before it begins"},
		{"read-only scripts", caps.EvalRO, "reads work on replicas, and for users who may only read"},
		{"undeclared keys", !caps.Declared, "a script can access keys that it did not declare; otherwise it asks for them, in a few more round trips"},
		{"allow-key-locking", caps.Locking, "a script blocks only scripts that name the same keys"},
		{"JSON", caps.JSON, "STORED AS JSON"},
		{"Search", caps.Search, "INDEXED BY SEARCH, and Search where it is faster"},
		{"Search in scripts", caps.SearchInScript, "a search inside a block"},
		{"making a Search index", c.MakesIndexes(), "MODEL makes one; false when it was refused"},
		{"all nodes of a cluster", c.cluster != nil, "statements follow a slot that moves, and a replica that takes over"},
		{"Sentinels", bySentinel(c.client), "statements follow a replica that takes over"},
		{"keys that are not evicted", c.blesses, "MODEL protects the catalog (BLESS)"},
	}
}
