package ft

import (
	"context"
	"slices"
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

// Names returns the names of the Search indexes of a model: that with a name, or those in its buckets.
func Names(c *conn.Conn, m *ir.Model, name string) (names []string) {
	if !c.SearchesApart(m) {
		return []string{c.Keys.Home().Prefix + name}
	}
	for i := range c.Keys.Buckets() {
		names = append(names, c.Keys.Bucket(i).Prefix+name)
	}
	return names
}

// List returns the command that lists the Search indexes of the node with the namespace, or nil if the server has none.
func List(ctx context.Context, c *conn.Conn) *redis.StringSliceCmd {
	if !c.Caps.Search {
		return nil
	}
	return listIn(ctx, c, c.Keys.Home())
}

func listIn(ctx context.Context, c *conn.Conn, k keyspace.Keys) *redis.StringSliceCmd {
	return redis.NewStringSliceCmd(ctx, c.SearchWords(k, "ft._list")...)
}

// Listing returns the names of the Search indexes that can be reached on the nodes which have the documents of a model. The name of one that a
// bucket left behind leads to another node.
func Listing(ctx context.Context, c *conn.Conn, m *ir.Model) (names []string, err error) {
	if !c.Caps.Search {
		return nil, nil
	}
	list, nodes := []redis.Cmder{List(ctx, c)}, []string{c.Home().Node(ctx)}
	if c.SearchesApart(m) {
		for i := range c.Keys.Buckets() {
			b := c.Bucket(i)
			if node := b.Node(ctx); !slices.Contains(nodes, node) {
				list, nodes = append(list, listIn(ctx, c, b.Keys)), append(nodes, node)
			}
		}
	}
	if err := c.Wide().Pipeline(ctx, list); conn.IsConnection(err) {
		return nil, conn.ServerError(err, false, "")
	}
	for i, cmd := range list {
		for _, name := range cmd.(*redis.StringSliceCmd).Val() {
			if len(nodes) == 1 || c.Within(c.Keys.Holding(name)).Node(ctx) == nodes[i] {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// Create creates the Search index of a model, or those in its buckets. fresh says that no other client can have created it: an index of that
// name is then a remnant of a lost catalog, and is dropped. refused is the server's error if this user, or this database, may not have an index.
//
// One in a bucket is created empty: the server would look at all keys of the node for each of them. See Touch in package lua.
func Create(ctx context.Context, c *conn.Conn, m *ir.Model, ix *ir.SearchIndex, fresh bool) (refused, err error) {
	err = c.Searched(m, func(list []*conn.Conn) error {
		for again := fresh; len(list) > 0; again = false {
			there, no, err := create(ctx, c, m, ix, list)
			if refused = no; err != nil || no != nil || !again || len(there) == 0 {
				return err
			}
			names := make([]string, len(there))
			for i, b := range there {
				names[i] = b.Keys.Prefix + ix.Name
			}
			if err := Drop(ctx, c, names...); err != nil {
				return err
			}
			list = there
		}
		return nil
	})
	return refused, err
}

// create returns in which buckets there is an index of that name.
func create(ctx context.Context, c *conn.Conn, m *ir.Model, ix *ir.SearchIndex, list []*conn.Conn) (there []*conn.Conn, refused, err error) {
	if err := fail.Ended(ctx); err != nil {
		return nil, nil, err
	}
	cmds := make([]redis.Cmder, len(list))
	for i, b := range list {
		starts := b.Keys.Starts(m)
		if c.SearchesApart(m) {
			starts = []string{b.Keys.Docs(m)}
		}
		args := search.Create(m, ix, b.Keys.Prefix+ix.Name, starts)
		if c.SearchesApart(m) {
			args = slices.Insert(args, slices.Index(args, any("SCHEMA")), any("SKIPINITIALSCAN"))
		}
		cmds[i] = conn.NewWrite(ctx, args...)
	}
	if err := c.Scatter(ctx, cmds); err != nil {
		return nil, nil, conn.ServerError(err, true, "")
	}
	for i, cmd := range cmds {
		err := cmd.Err()
		switch {
		case err == nil:
		case conn.IsConnection(err):
			return nil, nil, conn.ServerError(err, conn.MayHaveRun(cmd.(*conn.Write), err), "")
		case strings.Contains(strings.ToLower(err.Error()), "already exists"):
			there = append(there, list[i])
		default:
			return nil, err, nil
		}
	}
	return there, nil, nil
}

// Drop drops Search indexes, but not the documents. It is no error if one does not exist.
func Drop(ctx context.Context, c *conn.Conn, names ...string) error {
	cmds := make([]redis.Cmder, len(names))
	for i, name := range names {
		cmds[i] = conn.NewWrite(ctx, "ft.dropindex", name)
	}
	if len(cmds) == 0 {
		return nil
	}
	if err := c.Scatter(ctx, cmds); err != nil {
		return conn.ServerError(err, true, names[0])
	}
	for i, cmd := range cmds {
		if err := cmd.Err(); err != nil && !conn.SaysMissing(err.Error()) {
			return conn.ServerError(err, conn.MayHaveRun(cmd.(*conn.Write), err), names[i])
		}
	}
	return nil
}

// DropBelow drops the Search indexes of a model with a number below keep. Numbers only grow, so these are no longer used.
func DropBelow(ctx context.Context, c *conn.Conn, m *ir.Model, keep int64) error {
	names, err := Listing(ctx, c, m)
	if err != nil {
		return err
	}
	return Drop(ctx, c, Idle(c.Keys, names, m.StoredName(), keep)...)
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
	rest, ok := strings.CutPrefix(name, keys.Holding(name).SearchIndexes(model))
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
