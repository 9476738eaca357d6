package verify

import (
	"context"
	"strings"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/keyspace"
	"github.com/rql-lang/rql/lang/ir"
)

// Names looks for documents and collections of a model in all of its partitions by their names, in one scan of each: for those that no
// list has. It returns the partitions that have some. Of a partition by itself, Model looks at everything else.
func Names(ctx context.Context, c *conn.Conn, schema *ir.Schema, m *ir.Model, repair bool, tell func(int64)) (list []Finding, parts []string, err error) {
	v, err := newVerifier(ctx, c, schema, m, repair, tell)
	if err != nil {
		return nil, nil, err
	}
	known := map[string]bool{}
	scan := func(b *conn.Conn, start string, look func(*verifier, []string) error) error {
		for names := b.ScanKeys(keyspace.Escape(start+"@") + "*"); !names.Done; {
			page, err := names.Page(ctx)
			if err != nil {
				return err
			}
			v.seen.add(len(page))
			for text, keys := range v.byPart(b, start, page, &list) {
				if !known[text] {
					known[text], parts = true, append(parts, text)
				}
				w := v.walk()
				w.c = c.In(text)
				err := look(w, keys)
				if list = append(list, w.list...); err != nil {
					return err
				}
			}
		}
		return nil
	}
	err = c.EachBucket(func(buckets []*conn.Conn) error {
		for _, b := range buckets {
			if err := scan(b, b.Keys.Prefix+m.StoredName(), (*verifier).orphansIn); err != nil {
				return err
			}
			if err := scan(b, b.Keys.Prefix+"rql:c:"+m.StoredName(), (*verifier).keysOfCollections); err != nil {
				return err
			}
		}
		return nil
	})
	return list, parts, err
}

// elsewhere is the finding of a key that is not in the bucket of its partition, where nothing looks for it.
const elsewhere = "the key lies in another bucket than its partition: no statement sees it"

// byPart sorts names in a bucket that begin with start and a partition by that.
func (v *verifier) byPart(b *conn.Conn, start string, names []string, list *[]Finding) map[string][]string {
	out := map[string][]string{}
	for _, name := range names {
		cell, _, more := strings.Cut(strings.TrimPrefix(name, start), ":")
		text, ok := ir.PartOf(cell)
		if !ok || !more {
			*list = append(*list, Finding{name, "the key names no partition", false})
			continue
		}
		if b.Keys.In(text).Prefix != b.Keys.Prefix {
			*list = append(*list, Finding{name, elsewhere, false})
			continue
		}
		out[text] = append(out[text], name)
	}
	return out
}

// orphansIn finds those of some names of documents of a partition that are not listed.
func (v *verifier) orphansIn(names []string) error {
	if err := v.suspect(names); err != nil {
		return err
	}
	subjects := make([]subject, len(v.suspects))
	for i, id := range v.suspects {
		subjects[i] = &listed{v: v, id: id, orphan: true}
	}
	return v.look(subjects)
}
