package schema

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// enterAll adds the documents that have names of a model's to the set of its keys, and lists their expirations; ends reports
// whether there are any. It can be repeated: existing entries stay.
func (c *Change) enterAll(ctx context.Context, m *ir.Model) (ends bool, err error) {
	e := &entering{c: c, ctx: ctx, m: m}
	if e.script, err = lua.NewEntering(c.db.Catalog.Schema(), m); err != nil {
		return false, err
	}
	switch {
	case !c.db.Conn.Keys.Divides(m):
		err = e.named(c.db)
	case m.Celled():
		err = e.celled()
	default:
		err = c.db.EachBucket(e.named)
	}
	if err == nil && c.db.Conn.Keys.Divides(m) { // nothing was emptied, so that no statement misses a document meanwhile
		err = c.leave(ctx, m)
	}
	if err == nil {
		e.tell(true)
	}
	return e.ends, err
}

// entering is the work of enterAll.
type entering struct {
	c      *Change
	ctx    context.Context
	m      *ir.Model
	script *lua.Script
	n      int64 // documents entered
	ends   bool  // some of them expire
	at     *run.Database
	pace   *run.Pacer
	// step enters documents of at. It returns how many there were and whether some expire, or that it is to be done with fewer.
	step func(ids []string) (n int64, ends, again bool, err error)
}

func (e *entering) tell(done bool) {
	e.c.progress(run.Progress{What: "documents of " + e.m.Name, Rows: e.n, Done: done})
}

// named enters the documents whose names are in db.
func (e *entering) named(db *run.Database) error {
	for names := document.NewNames(db.Conn, e.m); !names.Done; {
		ids, err := names.Some(e.ctx)
		if err == nil {
			err = e.enter(db, ids)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// celled enters the documents of each partition, which the names tell, and the partitions in their lists.
func (e *entering) celled() error {
	return e.c.db.EachBucket(func(b *run.Database) error {
		for scan := b.Conn.ScanKeys(b.Conn.Keys.Pattern(e.m)); !scan.Done; {
			page, err := scan.Page(e.ctx)
			if err != nil {
				return err
			}
			for text, names := range inParts(b.Conn.Keys, e.m, page) {
				part := b.In(text)
				ids, err := document.NewNames(part.Conn, e.m).Of(e.ctx, names)
				if err == nil {
					err = e.enter(part, ids)
				}
				if err == nil {
					_, err = part.Listed(e.ctx, e.m, true)
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// inParts sorts names of documents in a bucket by the partition that they name.
func inParts(k keyspace.Keys, m *ir.Model, names []string) map[string][]string {
	out := map[string][]string{}
	for _, name := range names {
		part, _, ok := ir.SplitKey(k.IDOf(m, name))
		if ok && k.In(part).Prefix == k.Prefix {
			out[part] = append(out[part], name)
		}
	}
	return out
}

// enter enters documents of db.
func (e *entering) enter(db *run.Database, ids []string) error {
	if e.at != db {
		if err := e.prepare(db); err != nil {
			return err
		}
	}
	for len(ids) > 0 {
		part := ids[:min(len(ids), e.pace.Rows)]
		n, ends, again, err := e.step(part)
		if again {
			continue
		}
		if err != nil {
			return err
		}
		ids = ids[len(part):]
		e.n, e.ends = e.n+n, e.ends || ends
		e.tell(false)
	}
	return nil
}

// prepare makes db that in which documents are entered.
func (e *entering) prepare(db *run.Database) error {
	call, err := db.Prepared(e.script, db.Catalog.Schema())
	if err != nil {
		return err
	}
	pace := db.NewUpkeepPacer()
	e.at, e.pace = db, pace
	e.step = func(ids []string) (n int64, ends, again bool, err error) {
		db.Binder.SendNames(call, e.m, ids)
		rep, again, err := pace.Run(e.ctx, e.script, &call.Args, len(ids))
		return rep.Int(1), len(rep.List(3)) > 0, again, err
	}
	return nil
}

// sampled is the number of documents that are examined to see how other programs write them.
const sampled = 500

// misread warns of values that fit their type but seem to mean something else: durations that other programs have written in
// nanoseconds, and refs that they have written as names of documents.
func (c *Change) misread(ctx context.Context, m *ir.Model, out *rows.Rows) error {
	var cols []*ir.Column
	var warn []func(one any) string // returns the text of the warning if a value seems to be misread, or ""
	for _, col := range m.Columns {
		switch t := col.Stored(); {
		case t.Variant != "":
		case t.Kind == lang.KDuration:
			cols, warn = append(cols, col), append(warn, nanoseconds(col))
		case t.Kind == lang.KRef && t.Scalar().Kind == lang.KString:
			if target := c.db.Catalog.Schema().Model(t.Model); target != nil {
				cols, warn = append(cols, col), append(warn, wholeKeys(col, target))
			}
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
	for i, col := range cols {
		if text := allSeem(docs, col, cmds, i, warn[i]); text != "" {
			out.Warn(rows.Warning{Code: lang.CodeMayMisread, Field: col.Name, Text: text})
		}
	}
	return nil
}

// allSeem returns the warning for one of the values of a column; "" if one of them does not look misread.
func allSeem(docs *document.Reader, col *ir.Column, cmds []redis.Cmder, i int, warn func(any) string) (text string) {
	for _, cmd := range cmds {
		vals, err := docs.Values(cmd)
		if err != nil || vals == nil {
			continue
		}
		x, err := document.StoredIn(col, vals[i])
		if err != nil || x == nil || x == lang.Duration(0) || x == "" {
			continue
		}
		if text = warn(x); text == "" {
			return ""
		}
	}
	return text
}

func nanoseconds(col *ir.Column) func(any) string {
	return func(x any) string {
		d, _ := x.(lang.Duration)
		if !codec.MaybeNanoseconds(int64(d)) {
			return ""
		}
		return fmt.Sprintf("what is stored in the field %s looks like nanoseconds: %d is read as %s, and by the type duration<ns> as %s",
			col.Name, int64(d), codec.FormatDuration(d), codec.FormatDuration(d/1e6))
	}
}

func wholeKeys(col *ir.Column, target *ir.Model) func(any) string {
	return func(x any) string {
		s, _ := x.(string)
		if target.Prefix == "" || !strings.HasPrefix(s, target.Prefix) || !strings.HasSuffix(s, target.Suffix) {
			return ""
		}
		return fmt.Sprintf("what is stored in the field %s looks like names of documents: %s is read as the key of one, and by the type ref<%s, key> as its name",
			col.Name, lang.Quote(fail.Clip(s, 60)), target.Name)
	}
}
