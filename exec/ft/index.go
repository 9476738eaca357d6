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

// NumberOf returns the number at the start of a version.
func NumberOf(version string) int64 {
	head, _, _ := strings.Cut(version, "-")
	n, _ := strconv.ParseInt(head, 10, 64)
	return n
}

// Name returns the name of a Search index, without the namespace.
func Name(model string, n int64) string {
	return "rql:ft:" + model + ":" + strconv.FormatInt(n, 10)
}

// NumberIn returns the number at the end of an index's name.
func NumberIn(name string) int64 {
	n, _ := strconv.ParseInt(name[strings.LastIndexByte(name, ':')+1:], 10, 64)
	return n
}

// List returns the command that lists the Search indexes, or nil if the server has none.
func List(ctx context.Context, c *conn.Conn) *redis.StringSliceCmd {
	if !c.Caps.Search {
		return nil
	}
	return redis.NewStringSliceCmd(ctx, c.SearchWords("ft._list")...)
}

// Create creates a Search index. fresh says that no other client can have created it: an index of that name is then a remnant of
// a lost catalog, and is dropped. refused is the server's error if this user, or this database, may not have an index.
func Create(ctx context.Context, c *conn.Conn, m *ir.Model, ix *ir.SearchIndex, fresh bool) (refused, err error) {
	args := search.Create(m, ix, c.Keys.Prefix+ix.Name, c.Keys.Starts(m))
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

// Drop drops a Search index, but not the documents. It is no error if the index does not exist.
func Drop(ctx context.Context, c *conn.Conn, name string) error {
	cmd := conn.NewWrite(ctx, "ft.dropindex", name)
	if err := c.Process(ctx, cmd); err != nil && !conn.SaysMissing(err.Error()) {
		return conn.ServerError(err, conn.MayHaveRun(cmd, err), name)
	}
	return nil
}

// DropBelow drops the Search indexes of a model with a number below keep. Numbers only grow, so these are no longer used.
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

// Idle selects the Search indexes of a model with a number below keep.
func Idle(keys keyspace.Keys, names []string, model string, keep int64) []string {
	var out []string
	for _, name := range names {
		if n := Number(keys, name, model); n > 0 && n < keep {
			out = append(out, name)
		}
	}
	return out
}

// Number returns the number of a model's Search index; 0 if the name is not one.
func Number(keys keyspace.Keys, name, model string) int64 {
	rest, ok := strings.CutPrefix(name, keys.SearchIndexes(model))
	n, err := strconv.ParseInt(rest, 10, 64)
	if !ok || err != nil {
		return 0
	}
	return n
}

// Refused returns the error for a server that refuses to create a Search index.
func Refused(m *ir.Model, err error) *lang.Error {
	x := conn.ServerError(err, false, "")
	if x.Code == lang.CodeServer {
		x.Code = lang.CodeNeeds
	}
	x.Message = "the server refuses to create a Search index for " + m.Name + ": " + err.Error()
	if x.Code == lang.CodeDenied {
		x.Hint = "INDEXED BY SEARCH needs the commands ft.create, ft.info, ft._list and ft.dropindex; INDEXED BY NATIVE needs none of them"
	} else if strings.Contains(err.Error(), "db != 0") {
		x.Hint = "Search works in database 0 only: leave the number out of the URL, and use a namespace (?ns=name)"
	}
	return x
}

// Servers is the hint if Search is missing.
const Servers = "Redis 8, Redis Stack and servers with the Search module have it; without INDEXED BY, RQL's own indexes serve"

// NoIndex reports whether a Search command failed because the index does not exist.
func NoIndex(err error) bool {
	return !conn.IsConnection(err) && conn.SaysMissing(err.Error())
}
