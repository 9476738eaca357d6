package verify

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// named checks every document of a model that other programs write, and every other key with such a name.
func (v *verifier) named() error {
	return v.namedAnd(func(key, what string) { v.found(key, what, false) })
}

// Values checks whether the values of all documents with names of a model fit it. The model need not be in the catalog.
func Values(ctx context.Context, c *conn.Conn, schema *ir.Schema, m *ir.Model) ([]Finding, error) {
	v := (&verifier{c: c, ctx: ctx, m: m, docs: document.NewReader(m, m.Columns), layout: eval.ModelLayout(schema, m), seen: &seen{report: func(int64) {}}}).walk()
	err := v.namedAnd(nil)
	return v.list, err
}

// namedAnd is named; other is called for keys with such a name that are not documents.
func (v *verifier) namedAnd(other func(key, what string)) error {
	n := document.NewNames(v.c, v.m)
	n.Other = other
	for !n.Done {
		ids, err := n.Next(v.ctx)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(ids, documentPage) {
			v.seen.add(len(some))
			p, err := v.read(some)
			if err != nil {
				return err
			}
			for i, id := range some {
				switch vals, err := v.docs.Values(p.docs[i]); {
				case err != nil:
					v.found(v.c.Keys.Doc(v.m, id), "the key holds another kind of value", false)
				case vals != nil:
					v.values(v.c.Keys.Doc(v.m, id), vals)
				}
			}
		}
	}
	return nil
}

// orphans finds keys under the model's prefix that are not listed.
func (v *verifier) orphans() error {
	for names := v.c.ScanKeys(v.c.Keys.Pattern(v.m)); !names.Done; {
		list, err := names.Page(v.ctx)
		if err != nil {
			return err
		}
		v.seen.add(len(list))
		if err := v.suspect(list); err != nil {
			return err
		}
	}
	return nil
}

// suspect finds the document keys among names that are not listed.
func (v *verifier) suspect(names []string) error {
	kind := v.m.Key.Type.Kind
	var ids []string
	for _, k := range names {
		id := v.c.Keys.IDOf(v.m, k)
		if v.misplaced(id) {
			v.found(k, elsewhere, false)
			continue
		}
		if kind == lang.KInt || kind == lang.KInt64 {
			x, err := codec.Parse(id, v.m.Key.Type)
			if err != nil {
				v.found(k, "the key is no "+v.m.Key.Type.String(), false)
				continue
			}
			if _, err = codec.KeyMember(x, v.m.Key.Type); err != nil {
				continue
			}
		}
		ids = append(ids, id)
	}
	return v.unlisted(ids)
}

// misplaced reports whether the document with a key, which is its partition, belongs in another bucket.
func (v *verifier) misplaced(id string) bool {
	return v.m.Part == v.m.Key && v.c.Keys.In(id).Prefix != v.c.Keys.Prefix
}

// Orphans returns which of the given keys, with names of a model's documents, are not in the set of its keys. The error is
// fail.ErrStale if the definition changed meanwhile.
func Orphans(ctx context.Context, c *conn.Conn, schema *ir.Schema, m *ir.Model, names []string) ([]Finding, error) {
	v := (&verifier{c: c, ctx: ctx, m: m, docs: document.NewReader(m, m.Columns), layout: eval.ModelLayout(schema, m)}).walk()
	if !m.Celled() {
		err := v.orphansIn(names)
		return v.list, err
	}
	var list []Finding
	for text, keys := range v.byPart(c, c.Keys.Prefix+m.StoredName(), names, &list) {
		w := v.walk()
		w.c = c.In(text)
		err := w.orphansIn(keys)
		if list = append(list, w.list...); err != nil {
			return list, err
		}
	}
	return list, nil
}

// unlisted finds the keys that are not listed.
func (v *verifier) unlisted(ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	cmds := make([]redis.Cmder, len(ids))
	for i, id := range ids {
		cmds[i] = redis.NewFloatCmd(v.ctx, "zscore", v.c.Keys.IDs(v.m), v.idMember(id))
	}
	if err := v.c.Pipeline(v.ctx, cmds); err != nil {
		return err
	}
	for i, c := range cmds {
		if c.Err() == redis.Nil {
			v.suspects = append(v.suspects, ids[i])
		}
	}
	return nil
}
