package exec

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/bind"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// Keys calls f with the key of each document of a model whose keys have no partition in their names, in their order, one bucket after the
// other. What changes meanwhile is there or not.
func (e *Engine) Keys(ctx context.Context, m *ir.Model, f func(key any) error) error {
	return e.db.Conn.Each(ctx, m, func(c *conn.Conn) error { return keys(ctx, c, m, f) })
}

func keys(ctx context.Context, c *conn.Conn, m *ir.Model, f func(key any) error) error {
	const page = 1000
	for from := bind.Lowest; ; {
		ids := c.Keys.IDs(m)
		cmd := redis.NewStringSliceCmd(ctx, "zrangebylex", ids, from, bind.Highest, "limit", 0, page)
		if err := c.Process(ctx, cmd); err != nil {
			return conn.ServerError(err, false, ids)
		}
		for _, member := range cmd.Val() {
			key, err := codec.ParseKeyMember(member, m.Key.Type)
			if err != nil {
				return fail.BadValue(ids, m.Key.Name, member)
			}
			if err := f(key); err != nil {
				return err
			}
		}
		if len(cmd.Val()) < page {
			return nil
		}
		from = "(" + cmd.Val()[page-1]
	}
}

// Members reads the collection of a document in pages, however large it is: a set in the order of its values, a queue as value and
// priority in the order of pop. What changes meanwhile is there or not. part is the document's partition, if its model has such.
func (e *Engine) Members(ctx context.Context, m *ir.Model, f *ir.Field, part, key any) ([]any, error) {
	id, _ := ir.KeyText(key)
	c := e.db.Conn
	switch {
	case m.Celled():
		text, _ := ir.KeyText(part)
		c = c.In(text)
	case m.Part != nil:
		c = c.In(id)
	}
	name := c.Keys.Collection(m, f, id)
	queue := f.Type.Kind == lang.KPQueue
	command, step := "sscan", 1
	if queue {
		command, step = "zscan", 2
	}
	type member struct {
		text     string
		value    any
		priority float64
	}
	seen := map[string]bool{}
	var list []member
	for scan := c.ScanIn(command, name); !scan.Done; {
		page, err := scan.Page(ctx)
		if err != nil {
			return nil, err
		}
		for i := 0; i+step <= len(page); i += step {
			if seen[page[i]] { // one may come twice
				continue
			}
			seen[page[i]] = true
			x := member{text: page[i]}
			if x.value, err = codec.Parse(x.text, *f.Type.Elem); err != nil {
				return nil, fail.BadValue(name, f.Name, x.text)
			}
			if queue {
				if x.priority, err = strconv.ParseFloat(page[i+1], 64); err != nil || math.IsNaN(x.priority) {
					return nil, fail.BadValue(name, f.Name, page[i+1])
				}
			}
			list = append(list, x)
		}
	}
	slices.SortFunc(list, func(a, b member) int {
		switch {
		case a.priority != b.priority && a.priority < b.priority:
			return -1
		case a.priority != b.priority:
			return 1
		case queue:
			return strings.Compare(a.text, b.text)
		}
		return codec.Compare(a.value, b.value)
	})
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x.value
		if queue {
			out[i] = map[string]any{"value": x.value, "priority": x.priority}
		}
	}
	return out, nil
}
