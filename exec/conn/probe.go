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

// DeniedKey gives the error of a key that the user's ACL does not allow its hint, and reports whether it is one.
func (c *Conn) DeniedKey(x *lang.Error, key string) bool {
	if x.Code != lang.CodeDenied || !strings.Contains(x.Message, "key") {
		return false
	}
	if c.Keys.Prefix == "" {
		x.Hint = "this user's ACL does not allow the key " + key + "; one that is limited to keys such as ~shop:* needs ?ns=shop in the URL"
	}
	return true
}

// probe finds out what the server can do by trying: mostly in one round trip. Nothing is written. mode is the way in which the server runs.
func (c *Conn) probe(ctx context.Context) (mode string, err error) {
	c.Caps = planner.Caps{SearchFirst: c.Caps.SearchFirst, SearchNever: c.Caps.SearchNever}
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
	if err != nil {
		return modeOf(hello), err
	}
	return modeOf(hello), read()
}

// probeKeys gives the commands that show which keys a script may touch, and what reads their answers.
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
		// A server that takes any flag does not know this one.
		c.Caps.Locking = c.Caps.Shebang && locking.Err() == nil && anything.Err() != nil
		c.Caps.Declared = c.Caps.Locking || refusesUndeclared(undeclared)
		return nil
	}
}

// refusesUndeclared reads the answer to a script that touches a key which it
// does not declare. Refused for another reason, as by an ACL, it says nothing.
func refusesUndeclared(cmd *redis.Cmd) bool {
	text := errText(cmd.Err())
	if text == "" {
		text, _ = cmd.Text()
	}
	e := &lang.Error{}
	fail.Refuse(e, text)
	return text != "" && e.Code == lang.CodeServer
}

// Scripts by which it is tried what a server takes. A user who may only read has just the command that cannot write.
const (
	scriptHeader     = "#!lua flags=no-writes\nreturn 1"
	scriptPlain      = "return 1"
	scriptLocking    = "#!lua flags=no-writes,allow-key-locking\nreturn 1"
	scriptAnything   = "#!lua flags=no-writes,rql-no-such-flag\nreturn 1"
	scriptUndeclared = "local r=redis.pcall('HLEN',ARGV[1])\nreturn type(r)=='table' and r.err or ''"
)

// probeScripts finds out how scripts are sent; err is the answer to EVAL_RO of one with a header.
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

// probeModules gives the commands that show which modules there are, and what reads their answers. An index
// or a key that cannot be there is asked for: a server that knows the command, and lets this user run it, says so.
// More than ten words end the connection of a user who has not logged in yet, so these have fewer.
func (c *Conn) probeModules(ctx context.Context) ([]redis.Cmder, func()) {
	index := c.Keys.SearchIndexes("")
	search := redis.NewCmd(ctx, "ft.search", index, "*", "nocontent", "timeout", 0, "dialect", 2)
	aggregate := redis.NewCmd(ctx, "ft.aggregate", index, "*", "limit", 0, 1, "timeout", 0, "dialect", 2)
	// Where a search is split over shards, a script cannot wait for them.
	script := redis.NewCmd(ctx, "eval_ro", "#!lua flags=no-writes\nreturn redis.pcall('FT.SEARCH',ARGV[1],'*').err", 1, c.Keys.Never(), index)
	doc := redis.NewCmd(ctx, "json.get", c.Keys.Catalog()+":json")
	return []redis.Cmder{search, aggregate, script, doc}, func() {
		c.Caps.JSON = doc.Err() == nil || doc.Err() == redis.Nil
		c.Caps.Search = SaysMissing(errText(search.Err())) && SaysMissing(errText(aggregate.Err()))
		text, _ := script.Text()
		c.Caps.SearchInScript = c.Caps.Search && SaysMissing(text)
	}
}

// SaysMissing reports the answer of a Search command that knows no such index,
// as opposed to that of a server that does not know or not allow the command.
func SaysMissing(text string) bool {
	t := strings.ToLower(text)
	return strings.Contains(t, "index") && !strings.HasPrefix(t, "noperm") && !strings.Contains(t, "unknown command")
}
