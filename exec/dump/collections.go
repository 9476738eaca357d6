package dump

import (
	"context"
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Members of a statement that adds some to a large collection.
const (
	addedToSet   = 2000
	addedToQueue = 500
)

// pageKeys is how many keys are gathered before their documents are read.
const pageKeys = 250

// page is a number of keys on their way, with the members that their collections had.
type page struct {
	keys    []any
	members int64
}

// byKeys reads the keys first, with the sizes of the collections, and then the documents by their keys: of a model with
// collections, or one whose documents a keyspace scan finds in no order.
func (d *dumper) byKeys(ctx context.Context, b *batch) error {
	m := b.m
	colls := m.Collections()
	stmt := "FIND " + lang.NameText(m.Name) + b.where() + " RETURN " + lang.NameText(m.Key.Name)
	for i, f := range colls {
		stmt += fmt.Sprintf(", len(%s) AS n%d_", lang.NameText(f.Name), i)
	}
	stmt += " ORDER BY " + lang.NameText(m.Key.Name)
	var p page
	err := d.each(ctx, stmt, b.params(nil), func(row []any, _ map[string]int) error { return d.key(ctx, b, &p, row) })
	if err != nil {
		return err
	}
	return d.read(ctx, b, &p)
}

// key takes a key and the sizes of the collections.
func (d *dumper) key(ctx context.Context, b *batch, p *page, row []any) error {
	n := int64(0)
	for _, v := range row[1:] {
		size, _ := v.(int64)
		n += size
	}
	if n > maxMembers {
		if err := d.read(ctx, b, p); err != nil {
			return err
		}
		return d.large(ctx, b, row[0])
	}
	if p.members+n > maxMembers || len(p.keys) == pageKeys {
		if err := d.read(ctx, b, p); err != nil {
			return err
		}
	}
	p.keys, p.members = append(p.keys, row[0]), p.members+n
	return nil
}

// read writes the documents of a page, in a statement of their own if they have collections.
func (d *dumper) read(ctx context.Context, b *batch, p *page) error {
	if len(p.keys) == 0 {
		return nil
	}
	keys := p.keys
	*p = page{}
	err := d.rows(ctx, b, "GET "+lang.NameText(b.m.Name)+" "+b.key("$part", "$keys")+" SKIP MISSING"+returns(b.m, nil), b.params(map[string]any{"keys": keys}))
	if tooLarge(err) && len(keys) == 1 {
		return d.large(ctx, b, keys[0])
	}
	if err != nil {
		return err
	}
	if len(b.m.Collections()) > 0 {
		return d.flush(b)
	}
	return nil
}

// large writes a document with collections that are too large to be read, or put back, at once: the document without them,
// and then the members in parts. They are added by UPDATE, which raises a REVISION, so the document begins with a lower one,
// and may raise the end of a document, which is therefore given last.
func (d *dumper) large(ctx context.Context, b *batch, key any) error {
	if err := d.flush(b); err != nil {
		return err
	}
	id := &text{schema: d.schema}
	id.value(key, b.m.Key.Type)
	part := &text{schema: d.schema}
	if b.m.Celled() {
		part.value(b.part, b.m.Part.Type)
	}
	target := lang.NameText(b.m.Name) + " " + b.key(string(part.buf), string(id.buf)) + " SKIP MISSING"
	var parts []string
	without := map[string]bool{}
	for _, f := range b.m.Collections() {
		list, err := d.e.Members(ctx, b.m, f, b.part, key)
		if err != nil {
			return err
		}
		without[f.Name] = true
		for _, x := range d.parts(f, list) {
			if err := x.fits(key, len(target)); err != nil {
				return err
			}
			parts = append(parts, string(x.buf))
		}
	}
	stmt := "GET " + lang.NameText(b.m.Name) + " " + b.key("$part", "$key") + " SKIP MISSING" + returns(b.m, without)
	params := map[string]any{"key": key}
	if b.m.Celled() {
		params = b.params(params)
	}
	err := d.each(ctx, stmt, params, func(row []any, places map[string]int) error {
		if rev := b.m.Revision(); rev != nil {
			if n, ok := row[places[rev.Name]].(int64); ok {
				row[places[rev.Name]] = n - int64(len(parts))
			}
		}
		return d.add(b, row, places)
	})
	if err != nil || b.docs == 0 { // it is not there any more
		return err
	}
	end := strings.Join(b.ends, "") // the only one, if there is any
	if err := d.flush(b); err != nil {
		return err
	}
	for _, part := range parts {
		d.print("UPDATE " + target + " SET " + part + ";\n")
	}
	if end != "" && end != endless && b.m.Refresh != "" {
		d.print("EXPIRE " + target + " AT " + end + ";\n")
	}
	return d.err
}

// parts are the operations that add members to a collection, each few enough for a statement.
func (d *dumper) parts(f *ir.Field, list []any) (out []*text) {
	n, name := addedToSet, lang.NameText(f.Name)
	queue := f.Type.Kind == lang.KPQueue
	if queue {
		n = addedToQueue
	}
	for len(list) > 0 {
		n = min(n, len(list))
		x := &text{schema: d.schema}
		if queue {
			for i, v := range list[:n] {
				if i > 0 {
					x.add(", ", 1)
				}
				entry, _ := v.(map[string]any)
				x.add(name+".push(", 3)
				x.value(entry["value"], *f.Type.Elem)
				x.add(", ", 1)
				x.value(entry["priority"], lang.TypeFloat)
				x.add(")", 1)
			}
		} else {
			x.add(name+".add(", 3)
			x.list(list[:n], lang.ListOf(*f.Type.Elem))
			x.add(")", 1)
		}
		if len(x.buf) > maxBytes && n > 1 { // long members: fewer of them
			n /= 2
			continue
		}
		out, list = append(out, x), list[n:]
	}
	return out
}
