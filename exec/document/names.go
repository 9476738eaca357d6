package document

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// Names finds the documents of a model by their names, if other programs write them too, with a sequence of SCAN commands, each
// of which examines a bounded number of keys.
type Names struct {
	*conn.Scan
	c     *conn.Conn
	m     *ir.Model
	seen  map[string]bool // SCAN may return a key twice
	Other func(key, what string)
}

// NewNames starts a scan.
func NewNames(c *conn.Conn, m *ir.Model) *Names {
	return &Names{Scan: c.ScanKeys(c.Keys.Pattern(m)), c: c, m: m, seen: map[string]bool{}}
}

// Next returns the keys of the documents that the next SCAN finds, perhaps none. It omits keys that are not documents, and calls
// other for them.
func (n *Names) Next(ctx context.Context) ([]string, error) {
	if err := fail.Ended(ctx); err != nil {
		return nil, err
	}
	keys, err := n.Page(ctx)
	if err != nil {
		return nil, err
	}
	return n.Of(ctx, keys)
}

// Of is Next for names that were found.
func (n *Names) Of(ctx context.Context, keys []string) ([]string, error) {
	types := make([]redis.Cmder, len(keys))
	for i, k := range keys {
		types[i] = redis.NewStatusCmd(ctx, "type", k)
	}
	if len(types) > 0 {
		if err := n.c.Pipeline(ctx, types); err != nil {
			return nil, err
		}
	}
	var out []string
	for i, k := range keys {
		if n.seen[k] {
			continue
		}
		n.seen[k] = true
		if kind, _ := types[i].(*redis.StatusCmd).Result(); kind != n.kind() {
			n.report(k, "the key holds another kind of value: "+kind)
			continue
		}
		id := n.c.Keys.IDOf(n.m, k)
		if t := n.m.Key.Type; t.Kind != lang.KString {
			if _, err := codec.Parse(id, t); err != nil {
				n.report(k, "the key is no "+t.String())
				continue
			}
		}
		if id == "" || len(id) > lang.MaxIndexed {
			n.report(k, "the key is empty or too long")
			continue
		}
		out = append(out, id)
	}
	return out, nil
}

func (n *Names) report(key, what string) {
	if n.Other != nil {
		n.Other(key, what)
	}
}

// kind returns the type of a document's key, as TYPE reports it.
func (n *Names) kind() string {
	if n.m.JSON {
		return "ReJSON-RL"
	}
	return "hash"
}

// Some continues until a SCAN finds something, or all keys have been examined.
func (n *Names) Some(ctx context.Context) ([]string, error) {
	for {
		ids, err := n.Next(ctx)
		if err != nil || len(ids) > 0 || n.Done {
			return ids, err
		}
	}
}
