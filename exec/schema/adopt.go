package schema

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// enterAll enters the documents that have names of a model's in the set of its
// keys, and their ends, if they have some, which is returned. It can be repeated: what is there stays.
func (c *Change) enterAll(ctx context.Context, m *ir.Model) (ends bool, err error) {
	schema := c.db.Catalog.Schema()
	s, err := lua.NewEntering(schema, m)
	if err != nil {
		return false, err
	}
	b, err := c.db.Prepared(s, schema)
	if err != nil {
		return false, err
	}
	names, n := document.NewNames(c.db.Conn, m), int64(0)
	tell := func(done bool) { c.tell(run.Progress{What: "documents of " + m.Name, Rows: n, Done: done}) }
	for !names.Done {
		ids, err := names.Some(ctx)
		if err != nil {
			return false, err
		}
		c.db.Binder.SendNames(b, m, ids)
		rep, err := c.db.Conn.Run(ctx, s, &b.Args)
		if err != nil {
			return false, err
		}
		n += rep.Int(1)
		ends = ends || len(rep.List(3)) > 0
		tell(false)
	}
	tell(true)
	return ends, nil
}

// sampled is how many documents are looked at to see how other programs write them.
const sampled = 500

// misread warns of durations that other programs seem to have written as
// nanoseconds: they fit the type and are read as something else.
func (c *Change) misread(ctx context.Context, m *ir.Model, out *rows.Rows) error {
	var cols []*ir.Column
	for _, c := range m.Columns {
		if t := c.Stored(); t.Kind == lang.KDuration && t.Variant == "" {
			cols = append(cols, c)
		}
	}
	if cols == nil {
		return nil
	}
	ids, err := document.NewNames(c.db.Conn, m).Some(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	ids = ids[:min(len(ids), sampled)]
	docs, cmds := document.NewReader(m, cols), make([]redis.Cmder, len(ids))
	for i, id := range ids {
		cmds[i] = docs.Cmd(ctx, c.db.Conn.Keys.Doc(m, id))
	}
	if err := c.db.Conn.Pipeline(ctx, cmds); err != nil {
		return err
	}
	for i, c := range cols {
		if v, all := nanoseconds(docs, c, cmds, i); all && v != 0 {
			out.Warn(rows.Warning{Code: lang.CodeMayMisread, Field: c.Name, Text: fmt.Sprintf("what is stored in the field %s looks like nanoseconds: %d is read as %s, and by the type duration<ns> as %s",
				c.Name, v, codec.FormatDuration(lang.Duration(v)), codec.FormatDuration(lang.Duration(v/1e6)))})
		}
	}
	return nil
}

// nanoseconds gives one of the values of a column, and whether all that are not 0 seem to be nanoseconds.
func nanoseconds(docs *document.Reader, c *ir.Column, cmds []redis.Cmder, i int) (one int64, all bool) {
	for _, cmd := range cmds {
		vals, err := docs.Values(cmd)
		if err != nil || vals == nil {
			continue
		}
		x, err := document.StoredIn(c, vals[i])
		d, ok := x.(lang.Duration)
		if err != nil || !ok || d == 0 {
			continue
		}
		if one = int64(d); !codec.MaybeNanoseconds(one) {
			return one, false
		}
	}
	return one, true
}
