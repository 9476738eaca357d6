package stats

import (
	"context"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// sampled is the number of documents of a model whose memory is measured.
const sampled = 40

// Show returns a row for each model. It takes two or three round trips per model.
func Show(ctx context.Context, c *conn.Conn, schema *ir.Schema, memory bool) (*rows.Rows, error) {
	var list [][]any
	for _, name := range schema.Names() {
		m := schema.Model(name)
		row, err := of(ctx, c, m, memory)
		if err == nil && c.Keys.Divides(m) { // nothing is outside its partitions
			err = c.Each(ctx, m, func(part *conn.Conn) error {
				more, err := of(ctx, part, m, memory)
				if err == nil {
					add(row, more)
				}
				return err
			})
		}
		if err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	maybe := lang.TypeInt.OrNull()
	columns := []string{"model", "documents", "entries", "ends", "due", "building"}
	types := []lang.Type{lang.TypeString, maybe, lang.MapOf(lang.TypeInt), lang.TypeInt, lang.TypeInt, lang.TypeBool}
	if memory {
		columns, types = append(columns, "bytes"), append(types, maybe)
	}
	out := rows.New("SHOW", columns, list)
	out.Types = types
	return out, nil
}

// add adds the row of a partition to the sum.
func add(sum, row []any) {
	for i, v := range row {
		switch v := v.(type) {
		case int64:
			n, known := sum[i].(int64)
			if sum[i] = nil; known {
				sum[i] = n + v
			}
		case nil:
			sum[i] = nil
		case map[string]any:
			for name, n := range v {
				all := sum[i].(map[string]any)
				all[name] = all[name].(int64) + n.(int64)
			}
		}
	}
}

// counts are the replies of one round trip for a model.
type counts struct {
	cmds     []redis.Cmder
	entries  map[string]*redis.IntCmd // by the name of the index
	memory   []*redis.IntCmd          // of the sets and hashes
	ids      *redis.IntCmd
	ends     *redis.IntCmd
	due      *redis.IntCmd
	building bool
	asked    bool // whether to ask for memory
}

func (n *counts) add(ctx context.Context, args ...any) *redis.IntCmd {
	c := redis.NewIntCmd(ctx, args...)
	n.cmds = append(n.cmds, c)
	return c
}

// size asks for the number of entries of a key, and for its memory.
func (n *counts) size(ctx context.Context, command, key string) *redis.IntCmd {
	if n.asked {
		n.memory = append(n.memory, n.add(ctx, "memory", "usage", key))
	}
	return n.add(ctx, command, key)
}

func of(ctx context.Context, c *conn.Conn, m *ir.Model, bytes bool) ([]any, error) {
	if err := fail.Ended(ctx); err != nil {
		return nil, err
	}
	now := redis.NewTimeCmd(ctx, "time")
	n := &counts{entries: map[string]*redis.IntCmd{}, building: m.Unlisted, asked: bytes}
	n.ids = n.size(ctx, "zcard", c.Keys.IDs(m))
	for _, ix := range m.Ordered() {
		n.entries[ix.Name] = n.size(ctx, "zcard", c.Keys.Index(m, ix))
		n.building = n.building || ix.Building
	}
	for _, ix := range m.Uniques {
		n.entries["UNIQUE "+ix.Name] = n.size(ctx, "hlen", c.Keys.Unique(m, ix))
		n.building = n.building || ix.Building
	}
	n.ends = n.size(ctx, "zcard", c.Keys.Ends(m))
	n.size(ctx, "hlen", c.Keys.Shadows(m))
	if err := c.Pipeline(ctx, append(n.cmds, now)); err != nil {
		return nil, err
	}
	documents := n.ids.Val()
	n.due = redis.NewIntCmd(ctx, "zcount", c.Keys.Ends(m), "-inf", strconv.FormatInt(now.Val().UnixMilli(), 10))
	picked := int64(0)
	if bytes {
		picked = min(documents, sampled)
	}
	each, err := memory(ctx, c, m, documents, picked, n.due)
	if err != nil {
		return nil, err
	}
	entries := make(map[string]any, len(n.entries))
	for name, cmd := range n.entries {
		entries[name] = cmd.Val()
	}
	row := []any{m.Name, documents, entries, n.ends.Val(), n.due.Val(), n.building}
	if bytes {
		row = append(row, nil)
		if sum, ok := total(n.memory); ok && each >= 0 && !m.Scanned() {
			row[len(row)-1] = sum + int64(each*float64(documents))
		}
	}
	if m.Scanned() { // the set of keys does not list all of them
		row[1] = nil
	}
	return row, nil
}

// total returns the sum; false if the server did not report one of the values.
func total(list []*redis.IntCmd) (sum int64, ok bool) {
	for _, c := range list {
		if c.Err() != nil && c.Err() != redis.Nil {
			return 0, false
		}
		sum += c.Val()
	}
	return sum, true
}

// memory returns the mean memory of a document, measured on documents evenly spread over all; negative if the server does not
// report it. other is sent in the second round trip.
func memory(ctx context.Context, c *conn.Conn, m *ir.Model, documents, picked int64, other redis.Cmder) (float64, error) {
	ids := make([]redis.Cmder, 0, picked+1)
	for i := range picked {
		at := i * documents / picked
		ids = append(ids, redis.NewStringSliceCmd(ctx, "zrange", c.Keys.IDs(m), at, at))
	}
	if err := c.Pipeline(ctx, append(ids, other)); err != nil {
		return 0, err
	}
	var asked []*redis.IntCmd
	var cmds []redis.Cmder
	for _, x := range ids {
		for _, member := range x.(*redis.StringSliceCmd).Val() {
			id, err := codec.ParseKeyMember(member, m.Key.Type)
			if err != nil {
				continue
			}
			t, _ := ir.KeyText(id)
			cmd := redis.NewIntCmd(ctx, "memory", "usage", c.Keys.Doc(m, t))
			asked, cmds = append(asked, cmd), append(cmds, cmd)
		}
	}
	if len(cmds) == 0 {
		return 0, nil
	}
	if err := c.Pipeline(ctx, cmds); err != nil {
		return 0, err
	}
	sum, ok := total(asked)
	if !ok {
		return -1, nil
	}
	return float64(sum) / float64(len(asked)), nil
}
