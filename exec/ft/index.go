package ft

import (
	"context"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/search"
)

// NumberOf is the number in front of a version.
func NumberOf(version string) int64 {
	head, _, _ := strings.Cut(version, "-")
	n, _ := strconv.ParseInt(head, 10, 64)
	return n
}

// Name is the name of a Search index behind the namespace.
func Name(model string, n int64) string {
	return "rql:ft:" + model + ":" + strconv.FormatInt(n, 10)
}

// NumberIn is the number at the end of an index's name.
func NumberIn(name string) int64 {
	n, _ := strconv.ParseInt(name[strings.LastIndexByte(name, ':')+1:], 10, 64)
	return n
}

// List is the command that lists the Search indexes, or nil where there are none.
func List(ctx context.Context, c *conn.Conn) *redis.StringSliceCmd {
	if !c.Caps.Search {
		return nil
	}
	return redis.NewStringSliceCmd(ctx, "ft._list")
}

// Create makes a Search index. fresh says that no other client can have made it: one of that
// name then is left from a catalog that is gone, and is dropped. refused is the
// server's answer when it does not let this user, or this database, have one.
func Create(ctx context.Context, c *conn.Conn, m *ir.Model, ix *ir.SearchIndex, fresh bool) (refused, err error) {
	args := search.Create(m, ix, c.Keys.Prefix+ix.Name, c.Keys.Docs(m))
	for {
		if err := fail.Ended(ctx); err != nil {
			return nil, err
		}
		cmd := conn.NewWrite(ctx, args...)
		err := c.Process(ctx, cmd)
		switch {
		case err == nil:
			return nil, nil
		case conn.IsConnection(err):
			return nil, conn.ServerError(err, conn.MayHaveRun(cmd, err), "")
		case !strings.Contains(strings.ToLower(err.Error()), "already exists"):
			return err, nil
		case !fresh:
			return nil, nil
		}
		if err := Drop(ctx, c, c.Keys.Prefix+ix.Name); err != nil {
			return nil, err
		}
		fresh = false
	}
}

// Drop drops a Search index, not the documents; one that is gone is none to drop.
func Drop(ctx context.Context, c *conn.Conn, name string) error {
	cmd := conn.NewWrite(ctx, "ft.dropindex", name)
	if err := c.Process(ctx, cmd); err != nil && !conn.SaysMissing(err.Error()) {
		return conn.ServerError(err, conn.MayHaveRun(cmd, err), name)
	}
	return nil
}

// DropBelow drops the Search indexes of a model with a number below keep. Numbers only
// grow, so nobody uses them any more.
func DropBelow(ctx context.Context, c *conn.Conn, model string, keep int64) error {
	cmd := List(ctx, c)
	if cmd == nil {
		return nil
	}
	if err := c.Process(ctx, cmd); conn.IsConnection(err) {
		return conn.ServerError(err, false, "")
	}
	for _, name := range Idle(c.Keys, cmd.Val(), model, keep) {
		if err := Drop(ctx, c, name); err != nil {
			return err
		}
	}
	return nil
}

// Idle picks the Search indexes of a model with a number below keep.
func Idle(keys keyspace.Keys, names []string, model string, keep int64) []string {
	var out []string
	for _, name := range names {
		if n := Number(keys, name, model); n > 0 && n < keep {
			out = append(out, name)
		}
	}
	return out
}

// Number is the number of a Search index of a model; 0 if it is of none or of another.
func Number(keys keyspace.Keys, name, model string) int64 {
	rest, ok := strings.CutPrefix(name, keys.SearchIndexes(model))
	n, err := strconv.ParseInt(rest, 10, 64)
	if !ok || err != nil {
		return 0
	}
	return n
}

// Refused words the answer of a server that makes no Search index.
func Refused(m *ir.Model, err error) *lang.Error {
	x := conn.ServerError(err, false, "")
	if x.Code == lang.CodeServer {
		x.Code = lang.CodeNeeds
	}
	x.Message = "the server makes no Search index for " + m.Name + ": " + err.Error()
	if x.Code == lang.CodeDenied {
		x.Hint = "INDEXED BY SEARCH needs the commands ft.create, ft.info, ft._list and ft.dropindex; INDEXED BY NATIVE needs none of them"
	} else if strings.Contains(err.Error(), "db != 0") {
		x.Hint = "Search works in database 0 only: leave the number out of the URL, and use a namespace (?ns=name)"
	}
	return x
}

// Servers is the hint where Search is missing.
const Servers = "Redis 8, Redis Stack and servers with the Search module have it; without INDEXED BY, RQL's own indexes serve"

// NoIndex reports the answer of a Search command over an index that is not there.
func NoIndex(err error) bool {
	return !conn.IsConnection(err) && conn.SaysMissing(err.Error())
}
