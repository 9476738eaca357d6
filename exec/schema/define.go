package schema

import (
	"context"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// define carries MODEL and ALTER MODEL out: a new model is entered in the catalog; what a
// model gained is written to its documents first, and what it lost is removed from them last.
func (c *Change) define(ctx context.Context, st *ir.Define) (*rows.Rows, error) {
	if err := run.Needs(c.db.Conn.Caps, []*ir.Model{st.Model}, st.Sp); err != nil {
		return nil, err
	}
	if st.Alter != nil && st.Alter.Mode == lang.AlterDryRun {
		return c.dryRun(ctx, st)
	}
	try := *st
	for t := c.db.Conn.Turns(); ; {
		out := &rows.Rows{Kind: kindOf(st)}
		ok, err := c.defined(ctx, &try, out)
		if err != nil && err != fail.ErrStale {
			if x, is := fail.As(err); is && x.Outcome == lang.OutcomeUnknown {
				err = x.WithHint("the same " + kindOf(st) + " again goes on where this one stopped: each step was applied once or not at all")
			}
			return nil, err
		}
		if ok {
			c.db.Conn.Bless(ctx)
			return out, nil
		}
		if err := c.db.Again(ctx, &t, st.Model.Name, st.Sp); err != nil {
			return nil, err
		}
	}
}

// kindOf is the word that a statement about a model begins with.
func kindOf(st *ir.Define) string {
	if st.Alter != nil {
		return "ALTER"
	}
	return "MODEL"
}

// defined tries once; false, or fail.ErrStale: somebody else was faster.
func (c *Change) defined(ctx context.Context, st *ir.Define, out *rows.Rows) (bool, error) {
	if st.Moved != nil {
		return c.renameModel(ctx, st)
	}
	m := st.Model
	there, memory, whole := ft.List(ctx, c.db.Conn), conn.MemoryCmd(ctx), c.wholeCmd(ctx, m)
	if err := c.db.Catalog.Known(ctx, m.Name, there, append(whole, memory)...); err != nil {
		return false, err
	}
	if text := conn.EvictionText(memory); text != "" {
		out.Warn(rows.Warning{Code: lang.CodeMayEvict, Text: text})
	}
	if err := c.targets(ctx, m, st.Sp); err != nil {
		return false, err
	}
	if err := c.others(st); err != nil {
		return false, err
	}
	was := c.db.Catalog.Schema().Model(m.Name)
	if st.Alter != nil && st.Alter.Mode == lang.AlterUndo {
		return c.takeBack(ctx, st, was)
	}
	if was != nil && was.Leaving {
		_, err := c.leaving(ctx, was, false)
		return false, err
	}
	if was != nil && was.Losing() { // whoever meets it carries it on
		return false, c.dropOn(ctx, was)
	}
	if was != nil && was.Change != nil {
		switch {
		case st.Alter == nil && was.Def == m.Def:
			return true, nil
		case st.Alter == nil && !isOlder(st, was), st.Alter != nil && lang.Print(st.Alter) != lang.Print(was.Change):
			return false, c.carryOn(ctx, st, was, there)
		}
	}
	if st.Alter != nil {
		return c.altered(ctx, st, was, there, out)
	}
	if was != nil && isOlder(st, was) {
		return older(was, m, st.Sp, out)
	}
	m, d, err := check.Placed(m, was, c.db.Catalog.Schema())
	switch {
	case err != nil:
		return false, err
	case d != nil:
		return false, mistake(d, st.Sp)
	}
	st.Model = m
	diff, d := diff(was, m)
	if d != nil {
		return false, mistake(d, st.Sp)
	}
	if diff.Empty != nil {
		diff.Empty.Span = st.Sp
	}
	sc, err := c.searchOf(ctx, st, was, there)
	if err != nil {
		return false, err
	}
	if was != nil && diff.Words == nil && !unfinished(c.db.Catalog.Schema(), was) && !sc.changes() {
		if err := c.makeWhole(ctx, was, whole); err != nil {
			return false, err
		}
		return true, sc.tidy(ctx, c.db.Conn, was)
	}
	g := newGrowth(c.db.Catalog.Schema(), was, m, diff, sc)
	if was == nil {
		if err := c.unknown(ctx, st, g); err != nil {
			return false, err
		}
	}
	return c.grow(ctx, m, was, g, out)
}

// isOlder reports a MODEL with an earlier definition than the one in the catalog, by a program that is older than the database.
func isOlder(st *ir.Define, was *ir.Model) bool {
	return st.Older || !st.Intended && was.Knew(st.Model.Def)
}

// targets reads the catalog for what a model refers to with ON DELETE, and refuses what the checker would refuse now.
func (c *Change) targets(ctx context.Context, m *ir.Model, sp lang.Span) error {
	names := m.Targets()
	if len(names) == 0 {
		return nil
	}
	if _, err := c.db.Catalog.Reload(ctx); err != nil {
		return err
	}
	for _, name := range names {
		if t := c.db.Catalog.Schema().Model(name); t != nil && name != m.Name && (t.Expires || t.Foreign) {
			return fail.Errorf(lang.CodeBadModel, sp, "%s refers to %s with ON DELETE, whose documents now expire, or are deleted by other programs", m.Name, name)
		}
	}
	return nil
}

// others refuses a definition that was checked before the models that it names were changed.
func (c *Change) others(st *ir.Define) error {
	schema, m, sp := c.db.Catalog.Schema(), st.Model, st.Sp
	for _, name := range m.Others() {
		if now := schema.NameNow(name); now != name {
			return fail.Errorf(lang.CodeStale, sp, "another client renamed %s to %s", name, now).WithHint("run the statement again")
		}
	}
	if why, hint := check.Unlinked(schema, m, st.Later); why != "" {
		return fail.Errorf(lang.CodeBadModel, sp, "%s", why).WithHint(hint)
	}
	if m.Foreign {
		if why, hint := check.Severed(schema, m); why != "" {
			return fail.Errorf(lang.CodeBadModel, sp, "%s", why).WithHint(hint)
		}
	}
	return nil
}

// older is MODEL with an earlier definition than the one in the catalog: the program goes on with that one.
func older(was, m *ir.Model, sp lang.Span, out *rows.Rows) (bool, error) {
	if d := check.Older(was, m); d != nil {
		return false, mistake(d, sp)
	}
	out.Warn(rows.Warning{Code: lang.CodeOlderModel, Text: "this is an earlier definition of " + m.Name + ", and changes nothing: the program is older than the database"})
	return true, nil
}
