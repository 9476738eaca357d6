package catalog

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// Catalog is the catalog of one database, and the schema as last read from it. It is safe for concurrent use.
type Catalog struct {
	conn   *conn.Conn
	mu     sync.Mutex
	schema atomic.Pointer[ir.Schema]
	loaded loaded   // what was last read
	lost   sync.Map // name → *ir.Model whose Search index was not found
}

// Open reads the catalog of the database of a connection.
func Open(ctx context.Context, on *conn.Conn) (*Catalog, error) {
	c := &Catalog{conn: on}
	if err := free(ctx, on); err != nil {
		return nil, err
	}
	_, err := c.Reload(ctx)
	return c, err
}

// Schema returns the schema as last read.
func (c *Catalog) Schema() *ir.Schema { return c.schema.Load() }

// Reload reads the catalog and reports whether it has changed. It also brings the copies up to date that statements have found outdated.
func (c *Catalog) Reload(ctx context.Context) (bool, error) {
	c.mu.Lock() // Lock before reading: otherwise an older reply could be stored last.
	defer c.mu.Unlock()
	cmd := redis.NewMapStringStringCmd(ctx, "hgetall", c.conn.Keys.Catalog())
	if err := c.conn.Process(ctx, cmd); err != nil {
		x := conn.ServerError(err, false, c.conn.Keys.Catalog())
		if x.Code == lang.CodeBadValue {
			return false, foreignCatalog(c.conn.Keys.Catalog(), "")
		}
		c.conn.DeniedKey(x, c.conn.Keys.Catalog())
		return false, x
	}
	all := cmd.Val()
	if f := all["format"]; !lua.ReadsFormat(f) && len(all) > 0 {
		return false, foreignCatalog(c.conn.Keys.Catalog(), f)
	}
	if err := c.divided(all["format"], all["buckets"]); err != nil {
		return false, err
	}
	if err := c.heal(ctx, all); err != nil {
		return false, err
	}
	old := c.Schema()
	if old != nil && sameVersions(old, all) {
		c.loaded.all["next"] = all["next"]
		return false, nil
	}
	schema, err := c.loaded.load(old, all)
	if err != nil {
		return false, err
	}
	c.schema.Store(schema)
	return true, nil
}

// Refresh reads the definitions of some models again. Other changes are found by the statements that they affect, as always.
func (c *Catalog) Refresh(ctx context.Context, names ...string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	args := []any{"hmget", c.conn.Keys.Catalog(), "format", "buckets"}
	for _, name := range names {
		args = append(args, "m:"+name, "v:"+name)
	}
	cmd := redis.NewSliceCmd(ctx, args...)
	if err := c.conn.Process(ctx, cmd); err != nil {
		return conn.ServerError(err, false, c.conn.Keys.Catalog())
	}
	read := map[string]string{}
	for i, v := range cmd.Val() {
		read[args[i+2].(string)], _ = v.(string)
	}
	if err := c.divided(read["format"], read["buckets"]); err != nil {
		return err
	}
	delete(read, "format")
	delete(read, "buckets")
	schema, err := c.loaded.loadSome(c.Schema(), read, names)
	if err != nil {
		return err
	}
	c.schema.Store(schema)
	return nil
}

// sameVersions reports whether a schema has the versions in the catalog.
func sameVersions(s *ir.Schema, all map[string]string) bool {
	n := 0
	for k, v := range all {
		if name, ok := strings.CutPrefix(k, "v:"); ok {
			n++
			if m := s.Model(name); m == nil || m.Version != v {
				return false
			}
		}
	}
	return n == len(s.Names()) && sameProcedures(s, all)
}

// sameProcedures reports whether the procedures of a schema have the versions in the catalog.
func sameProcedures(s *ir.Schema, all map[string]string) bool {
	n := 0
	for k, v := range all {
		if name, ok := strings.CutPrefix(k, "pv:"); ok {
			n++
			if p := s.Procedure(name); p == nil || p.Version != v {
				return false
			}
		}
	}
	return n == len(s.Procedures())
}

// foreignCatalog returns the error for a key that is not a catalog, or one in a format that this version cannot read.
func foreignCatalog(key, format string) error {
	if format != "" {
		return &lang.Error{Code: lang.CodeCatalog, Statement: -1, Key: key, Message: "the catalog has format " + lang.Quote(fail.Clip(format, 20)) + ", which this version does not know", Hint: "use a newer rql"}
	}
	return &lang.Error{Code: lang.CodeCatalog, Statement: -1, Key: key, Message: "the key " + lang.Quote(key) + " is not RQL's catalog", Hint: "another program uses this name: choose a namespace with ?ns=name"}
}
