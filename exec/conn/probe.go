package conn

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/planner"
)

// DeniedKey adds a hint to an error about a key that the user's ACL does not allow, and reports whether it is such an error.
func (c *Conn) DeniedKey(x *lang.Error, key string) bool {
	if x.Code != lang.CodeDenied || !strings.Contains(x.Message, "key") {
		return false
	}
	if c.Keys.Prefix == "" {
		x.Hint = "this user's ACL does not allow the key " + key + "; one that is limited to keys such as ~shop:* needs ?ns=shop in the URL"
	}
	return true
}

// probe finds out by trial what the server supports, usually in one round trip. It writes nothing. mode is the server mode.
func (c *Conn) probe(ctx context.Context) (mode string, err error) {
	c.Caps = planner.Caps{SearchFirst: c.Caps.SearchFirst, SearchNever: c.Caps.SearchNever, FlatFirst: c.Caps.FlatFirst}
	hello := redis.NewCmd(ctx, "hello")
	scripts := redis.NewCmd(ctx, "eval_ro", scriptHeader, 1, c.Keys.Never())
	modules, found := c.probeModules(ctx)
	memory := MemoryCmd(ctx)
	keys, read := c.probeKeys(ctx)
	known, blessed := c.probeSums(ctx), c.blessCmd(ctx)
	if err := c.Pipeline(ctx, slices.Concat([]redis.Cmder{hello, scripts, memory, known.read, known.write, blessed}, keys, modules)); err != nil {
		return "", err
	}
	found()
	c.eviction, c.blesses = EvictionText(memory), knowsBless(blessed)
	if err = c.probeScripts(ctx, scripts.Err()); err == nil {
		err = known.found(c)
	}
	c.searches(modeOf(hello))
	if err != nil {
		return modeOf(hello), err
	}
	return modeOf(hello), read()
}

// probeKeys returns the commands that show which keys a script may access, and a function that reads the replies.
func (c *Conn) probeKeys(ctx context.Context) ([]redis.Cmder, func() error) {
	locking := redis.NewCmd(ctx, "eval_ro", scriptLocking, 1, c.Keys.Never())
	anything := redis.NewCmd(ctx, "eval_ro", scriptAnything, 1, c.Keys.Never())
	undeclared := redis.NewCmd(ctx, "eval_ro", scriptUndeclared, 1, c.Keys.Never(), c.Keys.Undeclared())
	return []redis.Cmder{locking, anything, undeclared}, func() error {
		if !c.Caps.EvalRO {
			undeclared = redis.NewCmd(ctx, "eval", scriptUndeclared, 1, c.Keys.Never(), c.Keys.Undeclared())
			if err := c.Process(ctx, undeclared); IsConnection(err) {
				return ServerError(err, false, "")
			}
		}
		// A server that accepts any flag does not implement this one.
		c.Caps.Locking = c.Caps.Shebang && locking.Err() == nil && anything.Err() != nil
		c.Caps.Declared = c.Caps.Locking || refusesUndeclared(undeclared)
		return nil
	}
}

// refusesUndeclared reads the reply to a script that accesses a key that it does not declare. If it was refused for another
// reason, as by an ACL, nothing is known.
func refusesUndeclared(cmd *redis.Cmd) bool {
	text := errText(cmd.Err())
	if text == "" {
		text, _ = cmd.Text()
	}
	e := &lang.Error{}
	fail.Refuse(e, text)
	return text != "" && e.Code == lang.CodeServer
}

// Scripts that probe what a server accepts. A read-only user has only the command that cannot write.
const (
	scriptHeader     = "#!lua flags=no-writes\nreturn 1"
	scriptPlain      = "return 1"
	scriptLocking    = "#!lua flags=no-writes,allow-key-locking\nreturn 1"
	scriptAnything   = "#!lua flags=no-writes,rql-no-such-flag\nreturn 1"
	scriptUndeclared = "local r=redis.pcall('HLEN',ARGV[1])\nreturn type(r)=='table' and r.err or ''"
)

// probeScripts finds out how to send scripts. err is the reply to EVAL_RO with a shebang line.
func (c *Conn) probeScripts(ctx context.Context, err error) error {
	if err == nil {
		c.Caps.EvalRO, c.Caps.Shebang = true, true
		return nil
	}
	if x := ServerError(err, false, ""); x.Code != lang.CodeServer && !commandRefused(err) {
		return x
	}
	if c.Caps.EvalRO = c.Process(ctx, redis.NewCmd(ctx, "eval_ro", scriptPlain, 1, c.Keys.Never())) == nil; c.Caps.EvalRO {
		return nil
	}
	if err = c.Process(ctx, redis.NewCmd(ctx, "eval", scriptHeader, 1, c.Keys.Never())); err == nil {
		c.Caps.Shebang = true
		return nil
	}
	if err = c.Process(ctx, redis.NewCmd(ctx, "eval", scriptPlain, 1, c.Keys.Never())); err == nil {
		return nil
	}
	if x := ServerError(err, false, ""); c.DeniedKey(x, c.Keys.Never()) {
		return x
	}
	return noScripts(err)
}

// probeModules returns the commands that show which modules are loaded, and a function that reads the replies. They ask for an
// index or key that cannot exist: the reply shows whether the server has the command and the user may run it. The commands have
// at most ten words, because some servers close the connection of a client that sends more before it has authenticated.
func (c *Conn) probeModules(ctx context.Context) ([]redis.Cmder, func()) {
	index := c.Keys.SearchIndexes("")
	search := redis.NewCmd(ctx, "ft.search", index, "*", "nocontent", "timeout", 0, "dialect", 2)
	aggregate := redis.NewCmd(ctx, "ft.aggregate", index, "*", "limit", 0, 1, "timeout", 0, "dialect", 2)
	// Where Search is split over shards, a script cannot wait for the shards.
	script := redis.NewCmd(ctx, "eval_ro", "#!lua flags=no-writes\nreturn redis.pcall('FT.SEARCH',ARGV[1],'*').err", 1, c.Keys.Never(), index)
	doc := redis.NewCmd(ctx, "json.get", c.Keys.Catalog()+":json")
	return []redis.Cmder{search, aggregate, script, doc}, func() {
		c.Caps.JSON = doc.Err() == nil || doc.Err() == redis.Nil
		c.Caps.Search = SaysMissing(errText(search.Err())) && SaysMissing(errText(aggregate.Err()))
		text, _ := script.Text()
		c.Caps.SearchInScript = c.Caps.Search && SaysMissing(text)
	}
}

// SaysMissing reports whether a Search command failed because the index does not exist, not because the command is unknown or
// denied.
func SaysMissing(text string) bool {
	t := strings.ToLower(text)
	return strings.Contains(t, "index") && !strings.HasPrefix(t, "noperm") && !strings.Contains(t, "unknown command")
}
