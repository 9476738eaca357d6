package exec

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/document"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/verify"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// unknown says what a model needs of which the catalog knows nothing: all, where there are documents of it
// nevertheless, since they were there before the model or their catalog was lost.
func (r *runner) unknown(ctx context.Context, st *ir.Define, g *growth, searches *redis.StringSliceCmd) error {
	e, m := r.s.e, st.Model
	if err := e.db.Catalog.Apart(ctx, m, st.Sp); err != nil {
		return err
	}
	if searches != nil { // no number of an index that is left may come again
		for _, name := range searches.Val() {
			g.above = max(g.above, ft.Number(e.db.Conn.Keys, name, m.Name))
		}
	}
	if g.list = m.Adopted; !g.list {
		var err error
		if g.list, err = e.traces(ctx, m); err != nil || !g.list {
			return err
		}
		g.fields = check.Filled(m)
	}
	g.indexes, g.uniques = m.Indexes, m.Uniques
	return nil
}

// traces looks for what a model that the catalog does not know has left: for certain, the set of its keys and the
// indexes that it has again, and documents where one SCAN finds some. All of it costs a new model two trips.
func (e *Engine) traces(ctx context.Context, m *ir.Model) (bool, error) {
	cmds := []redis.Cmder{redis.NewIntCmd(ctx, "zcard", e.db.Conn.Keys.IDs(m))}
	for _, ix := range m.Indexes {
		cmds = append(cmds, redis.NewIntCmd(ctx, "zcard", e.db.Conn.Keys.Index(m, ix)))
	}
	for _, ix := range m.Uniques {
		cmds = append(cmds, redis.NewIntCmd(ctx, "hlen", e.db.Conn.Keys.Unique(m, ix)))
	}
	if err := e.db.Conn.Pipeline(ctx, cmds); err != nil {
		return false, err
	}
	for _, c := range cmds {
		if c.(*redis.IntCmd).Val() > 0 {
			return true, nil
		}
	}
	ids, err := document.NewNames(e.db.Conn, m).Next(ctx)
	if x, ok := fail.As(err); ok && x.Code == lang.CodeDenied {
		return false, nil // a user without SCAN
	}
	return len(ids) > 0, err
}

// repair makes everything anew that RQL keeps beside the documents of a model: the set of their keys, indexes
// and unique values. While it lasts documents are found by their names, as where a MODEL is being filled.
func (r *runner) repair(ctx context.Context, st *ir.Verify) error {
	e, name := r.s.e, st.Model.Name
	begun := false // all of it was emptied: from then on anybody may fill it
	for t := e.db.Conn.Turns(); ; {
		there := ft.List(ctx, e.db.Conn)
		if err := r.s.e.db.Catalog.Known(ctx, name, there); err != nil {
			return err
		}
		m := e.db.Catalog.Schema().Model(name)
		if m == nil {
			return fail.Errorf(lang.CodeStale, st.Sp, "%s was dropped by somebody else", name)
		}
		def := &ir.Define{Head: st.Head, Model: m}
		sc, err := r.searchOf(ctx, def, m, there)
		if err != nil {
			return err
		}
		if begun && !unfinished(m) && !sc.changes() {
			return nil
		}
		g := &growth{indexes: m.Indexes, uniques: m.Uniques, fields: filling(m, m), search: sc, list: true, anew: !begun}
		ok, err := r.grow(ctx, def, m, g, &Rows{})
		if err != nil && err != fail.ErrStale {
			if x, is := fail.As(err); is {
				err = x.WithHint("what is being made anew is not used until a VERIFY " + name + " REPAIR ends well")
			}
			return err
		}
		if ok {
			return nil
		}
		begun = begun || g.begun
		if more, err := t.Next(ctx); err != nil {
			return err
		} else if !more {
			return keepsChanging(name, st.Sp)
		}
	}
}

// verify carries VERIFY out: every document that does not fit its model, and
// every entry that is missing or one too many.
func (r *runner) verify(ctx context.Context, st *ir.Verify) (*Rows, error) {
	if st.Repair {
		if err := r.repair(ctx, st); err != nil {
			return nil, err
		}
	} else if err := r.s.e.db.Catalog.Known(ctx, st.Model.Name, nil); err != nil {
		return nil, err
	}
	schema, m := r.s.e.db.Catalog.Schema(), st.Model
	if now := schema.Model(m.Name); now != nil {
		m = now
	}
	list, err := verify.Model(ctx, r.s.e.db.Conn, schema, m)
	if err != nil {
		return nil, err
	}
	out := rows.New("VERIFY", []string{"key", "problem"}, list)
	out.Types = []lang.Type{lang.TypeString, lang.TypeString}
	return out, nil
}
