package run

import (
	"context"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang/ir"
)

// underWay is how long an entry may be without its document's value before VERIFY reports it: a statement may be about to write the document.
const underWay = 200 * time.Millisecond

// globals is a VERIFY of a UNIQUE GLOBAL. It compares the entries with what the UNIQUEs of all partitions say, which are right after VERIFY of the
// partitions.
type globals struct {
	db    *Database
	ctx   context.Context
	m     *ir.Model
	i     int
	mend  bool
	found func(key, problem string, repaired bool)
}

// VerifyGlobals compares the entries of UNIQUEs GLOBAL of a model with its documents. With mend, entries of documents that lack the values are
// removed, and missing ones are made.
func (db *Database) VerifyGlobals(ctx context.Context, m *ir.Model, mend bool, found func(key, problem string, repaired bool)) error {
	for i, ix := range m.Uniques {
		if !ix.Global || ix.Building {
			continue
		}
		v := &globals{db: db, ctx: ctx, m: m, i: i, mend: mend, found: found}
		err := db.EachBucket(func(b *Database) error { return v.each(b, b.Conn.Keys.Entries(m, ix), v.leftover) })
		if err == nil {
			err = db.Each(ctx, m, func(part *Database) error { return v.each(part, part.Conn.Keys.Unique(m, ix), v.entered) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// each calls f with the fields of a hash, each followed by its value, some at a time.
func (v *globals) each(in *Database, key string, f func(in *Database, page []string) error) error {
	for scan := in.Conn.ScanIn("hscan", key); !scan.Done; {
		page, err := scan.Page(v.ctx)
		if err == nil {
			err = f(in, page)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leftover finds the entries whose documents lack the values.
func (v *globals) leftover(in *Database, page []string) error {
	var list []*claim
	for n := 0; n+1 < len(page); n += 2 {
		if page[n] == highest {
			continue
		}
		c := &claim{m: v.m, i: v.i, keys: in.Conn.Keys, value: page[n], entry: page[n+1], low: "0"}
		if err := v.db.owner(c); err != nil {
			v.found(in.Conn.Keys.Entries(v.m, v.m.Uniques[v.i]), "an entry of UNIQUE GLOBAL that names no document", false)
			continue
		}
		c.keys, c.key = c.from.Conn.Keys, c.of
		list = append(list, c)
	}
	list, err := v.lacking(list)
	if err != nil || len(list) == 0 {
		return err
	}
	if err := wait(v.ctx, underWay); err != nil {
		return err
	}
	if list, err = v.lacking(list); err != nil {
		return err
	}
	if v.mend {
		if err := v.db.remove(v.ctx, list); err != nil {
			return err
		}
	}
	for _, c := range list {
		v.found(c.keys.Doc(v.m, c.key), "UNIQUE "+v.m.Uniques[v.i].Label()+" GLOBAL has an entry of it for a value that it lacks", v.mend && c.released)
	}
	return nil
}

// lacking returns the claims whose entries are still the same, and whose documents lack the values. One that has expired has them until what is left
// of it is removed.
func (v *globals) lacking(list []*claim) (out []*claim, err error) {
	entries, named, _, err := v.db.compared(v.ctx, list)
	for i, c := range list {
		if err == nil && entries[i] == c.entry && !named[i] {
			out = append(out, c)
		}
	}
	return out, err
}

// entered finds the values of documents that have no entries, or those of other documents.
func (v *globals) entered(in *Database, page []string) error {
	var list []*claim
	for n := 0; n+1 < len(page); n += 2 {
		list = append(list, &claim{m: v.m, i: v.i, keys: in.Conn.Keys, value: page[n], key: page[n+1], low: "0"})
	}
	list, err := v.unentered(list)
	if err == nil { // what changed meanwhile is right now
		list, err = v.unentered(list)
	}
	if err != nil {
		return err
	}
	for _, c := range list {
		problem, repaired := "its value has no entry in UNIQUE "+v.m.Uniques[v.i].Label()+" GLOBAL", false
		if c.entry != "" && v.db.owner(c) == nil {
			other := &claim{m: c.m, i: c.i, keys: c.from.Conn.Keys, key: c.of, value: c.value}
			_, named, there, err := v.db.compared(v.ctx, []*claim{other})
			if err != nil {
				return err
			}
			if named[0] && there[0] {
				v.found(c.keys.Doc(v.m, c.key), "its value in UNIQUE "+v.m.Uniques[v.i].Label()+" is that of "+other.keys.Doc(v.m, c.of)+" too", false)
				continue
			}
		}
		if v.mend {
			held, err := v.db.take(v.ctx, []*claim{c})
			if err == nil && held == nil { // unless the document has lost the value
				err = v.db.release(v.ctx, []*claim{c})
			}
			if err != nil {
				return err
			}
			repaired = held == nil
		}
		v.found(c.keys.Doc(v.m, c.key), problem, repaired)
	}
	return nil
}

// unentered returns the claims whose documents have the values, and whose entries are missing or those of other documents.
func (v *globals) unentered(list []*claim) (out []*claim, err error) {
	entries, named, there, err := v.db.compared(v.ctx, list)
	for i, c := range list {
		if err != nil || !named[i] || !there[i] {
			continue
		}
		c.entry = entries[i]
		if _, of, _ := strings.Cut(c.entry, " "); of != c.holder() {
			out = append(out, c)
		}
	}
	return out, err
}

// compared reads the entries of values, whether the UNIQUEs of the partitions name the documents of the claims, and whether those exist.
func (db *Database) compared(ctx context.Context, list []*claim) (entries []string, named, there []bool, err error) {
	if len(list) == 0 {
		return nil, nil, nil, nil
	}
	cmds := make([]redis.Cmder, 0, 3*len(list))
	for _, c := range list {
		ix := c.m.Uniques[c.i]
		cmds = append(cmds, redis.NewStringCmd(ctx, "hget", c.keys.Bucket(c.bucket()).Entries(c.m, ix), c.value),
			redis.NewStringCmd(ctx, "hget", c.keys.Unique(c.m, ix), c.value), redis.NewIntCmd(ctx, "exists", c.keys.Doc(c.m, c.key)))
	}
	if err := db.Conn.Wide().Pipeline(ctx, cmds); err != nil {
		return nil, nil, nil, Unread(err)
	}
	for i, c := range list {
		entry, holder, exists := cmds[3*i].(*redis.StringCmd), cmds[3*i+1].(*redis.StringCmd), cmds[3*i+2].(*redis.IntCmd)
		for _, err := range []error{entry.Err(), holder.Err(), exists.Err()} {
			if err != nil && err != redis.Nil {
				return nil, nil, nil, conn.ServerError(err, false, c.keys.Doc(c.m, c.key))
			}
		}
		entries, named, there = append(entries, entry.Val()), append(named, holder.Val() == c.key), append(there, exists.Val() == 1)
	}
	return entries, named, there, nil
}

// owner reads which document the entry of a claim names.
func (db *Database) owner(c *claim) (err error) {
	_, of, ok := strings.Cut(c.entry, " ")
	cell, key, ok2 := strings.Cut(of, ":")
	text, named := ir.PartOf(cell)
	switch {
	case ok && ok2 && named && c.m.Celled():
		c.from, c.of = db.In(text), key
	case ok && ok2 && cell == "" && !c.m.Celled():
		c.from, c.of = db.In(key), key
	default:
		return fail.BadValue(c.keys.Bucket(c.bucket()).Entries(c.m, c.m.Uniques[c.i]), c.m.Uniques[c.i].Label(), c.entry)
	}
	return nil
}
