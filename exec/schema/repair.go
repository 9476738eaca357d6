package schema

import (
	"context"

	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Repair makes everything anew that RQL keeps beside the documents of a model: the set of their keys, indexes
// and unique values. While it lasts documents are found by their names, as where a MODEL is being filled.
func (c *Change) Repair(ctx context.Context, st *ir.Verify) error {
	name := st.Model.Name
	begun := false // all of it was emptied: from then on anybody may fill it
	for t := c.db.Conn.Turns(); ; {
		there := ft.List(ctx, c.db.Conn)
		if err := c.db.Catalog.Known(ctx, name, there); err != nil {
			return err
		}
		m := c.db.Catalog.Schema().Model(name)
		if m == nil {
			return fail.Errorf(lang.CodeStale, st.Sp, "%s was dropped by somebody else", name)
		}
		def := &ir.Define{Head: st.Head, Model: m}
		sc, err := c.searchOf(ctx, def, m, there)
		if err != nil {
			return err
		}
		if begun && !unfinished(m) && !sc.changes() {
			return nil
		}
		g := &growth{indexes: m.Indexes, uniques: m.Uniques, fields: filling(m, m), search: sc, list: true, anew: !begun}
		ok, err := c.grow(ctx, def, m, g, &rows.Rows{})
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
			return run.KeepsChanging(name, st.Sp)
		}
	}
}
