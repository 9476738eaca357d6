package conn

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
)

// noScript is the sum of a script that no server knows.
const noScript = "0000000000000000000000000000000000000000"

// sums are questions for a script that no server knows: who may run scripts by their sums is told so.
type sums struct{ read, write *redis.Cmd }

func (c *Conn) probeSums(ctx context.Context) sums {
	return sums{redis.NewCmd(ctx, "evalsha_ro", noScript, 1, c.Keys.Never()), redis.NewCmd(ctx, "evalsha", noScript, 1, c.Keys.Never())}
}

// read finds out whether the scripts of a user can be sent by their sums, as all are. Who may only read needs one of the two commands.
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

// commandRefused reports the answer of a server that does not know a command, or does not let this user send it.
func commandRefused(err error) bool {
	return err != nil && (fail.ReplyWord(err.Error()) == "NOPERM" || fail.UnknownCommand(err.Error()) != "" || lacksLua(err.Error()))
}

// noScripts is the error of a server, or a user, without scripts.
func noScripts(err error) *lang.Error {
	x := ServerError(err, false, "")
	command := fail.UnknownCommand(err.Error())
	switch {
	case lacksLua(err.Error()):
		x.Code, x.Message, x.Hint = lang.CodeNeeds, "this server was built or started without Lua, and RQL runs its statements as Lua scripts: "+err.Error(),
			"Valkey loads it as a module that make install puts beside the server; every other server of RQL has it"
	case command != "":
		x.Code, x.Field = lang.CodeNeeds, command
		x.Message, x.Hint = "this server does not know "+command+", and RQL runs its statements as Lua scripts", "rename-command or the host has taken it away; EVAL, EVALSHA, EVAL_RO and EVALSHA_RO are needed under their names"
	case fail.ReplyWord(err.Error()) == "NOPERM":
		x.Message, x.Hint = "the server does not let this user run scripts: "+err.Error(), "every change and most reads are scripts: ACL SETUSER … +eval +evalsha +eval_ro +evalsha_ro"
	}
	return x
}

// lacksLua reports the answer of a server that has EVAL and no Lua.
func lacksLua(text string) bool {
	return strings.Contains(text, "Could not find scripting engine") || strings.Contains(text, "Lua scripting disabled")
}

// blessCmd asks how a key is protected from eviction, which Redis 8.12 can say.
func (c *Conn) blessCmd(ctx context.Context) *redis.Cmd {
	cmd := redis.NewCmd(ctx, "bless", "get", c.Keys.Catalog())
	cmd.SetFirstKeyPos(2)
	return cmd
}

// knowsBless reads the answer.
func knowsBless(cmd *redis.Cmd) bool {
	return cmd.Err() == nil || strings.Contains(cmd.Err().Error(), "no such key")
}

// Capabilities are what the server was found to do when the connection was opened: a row for each, with what
// follows from it.
func (c *Conn) Capabilities() [][]any {
	caps := c.Caps
	return [][]any{
		{"scripts with a header", caps.Shebang, "a full server or a replica refuses a script before it begins"},
		{"read-only scripts", caps.EvalRO, "reads work on replicas, and for users who may only read"},
		{"undeclared keys", !caps.Declared, "a script finds documents by itself; else it asks for them, in a few more round trips"},
		{"allow-key-locking", caps.Locking, "a script stops only those that name the same keys"},
		{"JSON", caps.JSON, "STORED AS JSON"},
		{"Search", caps.Search, "INDEXED BY SEARCH, and Search where it is quicker"},
		{"Search in scripts", caps.SearchInScript, "a search inside a block"},
		{"making a Search index", c.MakesIndexes(), "MODEL makes one; false when it was refused"},
		{"all nodes of a cluster", c.cluster != nil, "statements follow a slot that moves, and a replica that takes over"},
		{"Sentinels", bySentinel(c.client), "statements follow a replica that takes over"},
		{"keys that are not evicted", c.blesses, "MODEL protects the catalog (BLESS)"},
	}
}
