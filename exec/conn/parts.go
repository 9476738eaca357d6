package conn

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/lang/ir"
)

// partsPage is how many partitions are read at once.
const partsPage = 1000

// Parts calls f with the partitions of a model that have documents, in the order of their names, some at a time. One that comes or
// goes meanwhile may be left out.
func (c *Conn) Parts(ctx context.Context, m *ir.Model, f func(texts []string) error) error {
	from := "[" + m.StoredName() + "@"
	for {
		cmd := redis.NewStringSliceCmd(ctx, "zrangebylex", c.Keys.Parts(), from, "("+m.StoredName()+"A", "limit", 0, partsPage)
		if err := c.Process(ctx, cmd); err != nil {
			return ServerError(err, false, c.Keys.Parts())
		}
		var texts []string
		for _, name := range cmd.Val() {
			if text, ok := ir.PartOf(strings.TrimPrefix(name, m.StoredName())); ok {
				texts = append(texts, text)
			}
		}
		if err := f(texts); err != nil || len(cmd.Val()) < partsPage {
			return err
		}
		from = "(" + cmd.Val()[partsPage-1]
	}
}

// Each calls f with the connection to each of these partitions, and with c itself for a model whose keys have no partition in their
// names.
func (c *Conn) Each(ctx context.Context, m *ir.Model, f func(*Conn) error) error {
	if !m.Celled() {
		return f(c)
	}
	return c.Parts(ctx, m, func(texts []string) error {
		for _, text := range texts {
			if err := f(c.In(text)); err != nil {
				return err
			}
		}
		return nil
	})
}
