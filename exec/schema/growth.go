package schema

import (
	"context"
	"slices"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// growth is what a model gains: what its documents are to be given, and the change of its Search index.
type growth struct {
	indexes, uniques []*ir.Index
	fields           []*ir.Field
	convert          []*ir.Field // hidden ones, whose values are computed
	checks           []*ir.Check // that the documents are asked for
	search           *searchChange
	list             bool  // documents that were there before the model are entered in the set of its keys
	anew             bool  // all of it is made anew, as VERIFY … REPAIR asks for
	loss             *loss // what goes with the definition that is complete; nil: nothing
	begun            bool  // the definition was entered as unfinished, and what is filled was emptied
	above            int64 // what the number of the first version has to be above
}

// newGrowth is what a model gains by a change, with what an earlier one left unfinished.
func newGrowth(s *ir.Schema, was, m *ir.Model, diff *check.Changes, sc *searchChange) *growth {
	g := &growth{indexes: diff.Indexes, uniques: diff.Uniques, fields: diff.Fields, convert: m.Hidden, search: sc}
	if was != nil {
		g.indexes, g.uniques = append(g.indexes, building(was.Indexes, m.Indexes)...), append(g.uniques, building(was.Uniques, m.Uniques)...)
		g.fields, g.list = append(g.fields, filling(was, m)...), was.Unlisted
		g.checks = unasked(s, was, m)
	}
	return g
}

// fills reports that documents or indexes of RQL's own are written.
func (g *growth) fills() bool {
	return g.list || len(g.indexes)+len(g.uniques)+len(g.fields)+len(g.convert)+len(g.checks) > 0
}

// grow enters a definition; false, or fail.ErrStale: somebody else was faster. With
// documents there, all programs first learn of what is new (a new field that a
// document lacks is read with its default, no reader uses a new index), then
// fields are written and indexes filled, and only then is the definition whole.
func (c *Change) grow(ctx context.Context, m, was *ir.Model, g *growth, out *rows.Rows) (bool, error) {
	version := ""
	if was != nil {
		version = was.Version
	}
	if (was != nil || g.list) && g.fills() || g.search.make {
		now, err := c.build(ctx, m, was, g, out)
		if err != nil || now == nil {
			return false, err
		}
		was, version = now, now.Version
	}
	d, gone := catalog.NewDefinition(was, m, g.search.record), []string(nil)
	if g.loss != nil {
		d, gone = g.loss.definition(c.db.Conn.Keys, was, g.search.record)
	}
	version, ok, err := c.db.Catalog.Define(ctx, m.Name, version, g.above, d, gone...)
	if err != nil || !ok {
		return ok, err
	}
	if err = c.db.Catalog.Refresh(ctx, append(d.Touch, m.Name)...); err != nil {
		return false, err
	}
	return true, g.search.tidied(ctx, c.db.Conn, m, version)
}

// build brings what the documents of a model lack of its new definition, which it
// enters as unfinished; that is returned, nil where somebody else was faster. One that somebody
// else has entered, or left unfinished, is carried on: filling twice does no harm.
func (c *Change) build(ctx context.Context, m, was *ir.Model, g *growth, out *rows.Rows) (*ir.Model, error) {
	version, fresh := "", false
	if was != nil {
		version = was.Version
	}
	if was == nil || was.Form() != m.Form() || g.anew || g.search.make && !g.search.begun {
		d, err := c.unfinishedOf(ctx, m, was, g)
		if err != nil || d == nil {
			return nil, err
		}
		var ok bool
		if version, ok, err = c.db.Catalog.Define(ctx, m.Name, version, g.above, d, c.emptied(m, g)...); err != nil || !ok {
			return nil, err
		}
		if err := c.db.Catalog.Refresh(ctx, append(d.Touch, m.Name)...); err != nil {
			return nil, err
		}
		fresh, g.begun = true, true
	}
	now := c.db.Catalog.Schema().Model(m.Name)
	if now == nil || now.Version != version {
		return nil, nil
	}
	if g.list {
		entered, err := c.enter(ctx, now, g, out)
		if err != nil {
			return nil, c.undo(ctx, now, g, err)
		}
		if now = entered; now == nil {
			return nil, nil
		}
	}
	gone, err := c.fillAll(ctx, now, g, fresh, out)
	if err != nil {
		return nil, c.undo(ctx, now, g, err)
	}
	if gone {
		return nil, nil
	}
	return now, nil
}

// emptied names the keys that are filled from the first document on: what lies there is of a catalog that was lost.
func (c *Change) emptied(m *ir.Model, g *growth) []string {
	keys := c.db.Conn.Keys.Indexes(m, g.indexes, g.uniques)
	if g.list {
		keys = append(keys, c.db.Conn.Keys.IDs(m), c.db.Conn.Keys.Ends(m), c.db.Conn.Keys.Shadows(m))
	}
	return keys
}

// unfinishedOf is the definition of a model while it is built; nil when the catalog has lost it.
func (c *Change) unfinishedOf(ctx context.Context, m, was *ir.Model, g *growth) (*catalog.Definition, error) {
	d := catalog.NewDefinition(was, m, g.search.record)
	if was != nil {
		d.Was, d.WasPlaces = was.Def, was.Places()
		if unfinished(c.db.Catalog.Schema(), was) || g.search.begun {
			old, err := c.db.Catalog.Definition(ctx, m.Name)
			if err != nil || old == nil {
				return nil, err
			}
			d.Was, d.WasPlaces = old.Was, old.WasPlaces
		}
	}
	if g.list {
		d.Building = append(d.Building, catalog.MarkKeys)
	}
	for _, ix := range g.indexes {
		d.Building = append(d.Building, catalog.MarkIndex(ix))
	}
	for _, ix := range g.uniques {
		d.Building = append(d.Building, catalog.MarkUnique(ix))
	}
	for _, f := range g.fields {
		d.Building = append(d.Building, catalog.MarkField(f))
	}
	for _, f := range g.convert {
		d.Building = append(d.Building, catalog.MarkConvert(f))
	}
	for _, c := range g.checks {
		d.Building = append(d.Building, c.Mark())
	}
	if g.search.make {
		d.Building = append(d.Building, catalog.MarkSearch)
	}
	return d, nil
}

// enter enters the documents that were there before the model. If some have an end, the model is marked: it is returned,
// nil where somebody else has changed it.
func (c *Change) enter(ctx context.Context, now *ir.Model, g *growth, out *rows.Rows) (*ir.Model, error) {
	ends, err := c.enterAll(ctx, now)
	if err != nil {
		return now, err
	}
	if now.Adopted && !g.anew {
		if err := c.misread(ctx, now, out); err != nil {
			return now, err
		}
	}
	if !ends || now.Expires {
		return now, nil
	}
	held := c.db.Catalog
	if err := held.Mark(ctx, []*ir.Model{now}); err != nil {
		return now, err
	}
	if _, err := held.Reload(ctx); err != nil {
		return now, err
	}
	if m := held.Schema().Model(now.Name); m != nil && m.Def == now.Def && m.Expires {
		return m, nil
	}
	return nil, nil
}

// fillAll writes what the documents of an unfinished definition lack. gone: somebody took the definition back meanwhile.
func (c *Change) fillAll(ctx context.Context, now *ir.Model, g *growth, fresh bool, out *rows.Rows) (gone bool, err error) {
	if g.search.make {
		if err := c.beginSearch(ctx, now, g.search, fresh); err != nil {
			return false, err
		}
	}
	schema := c.db.Catalog.Schema()
	// Before anything is written: what is taken back takes no values out of documents. Those without a new field are read with its default.
	if err := c.obeyed(ctx, now, pickChecks(schema, now, g.checks)); err != nil {
		return false, err
	}
	err = c.backfill(ctx, &lua.BackfillSpec{Schema: schema, Model: now, Fields: pick(now, g.fields), Convert: now.Hidden, Indexes: g.indexes, Uniques: g.uniques, Ends: now.Expires})
	if err != nil || !g.search.make {
		return false, err
	}
	return c.endSearch(ctx, now, g.search, out)
}

// takenBack reports an error of documents, or of the server, that a definition does not go with.
func takenBack(code lang.Code) bool {
	switch code {
	case lang.CodeUnique, lang.CodeCheckFailed, lang.CodeMisfit, lang.CodeDanglingRef, lang.CodeIndexedTooLong, lang.CodeBadValue, lang.CodeNeeds, lang.CodeDenied:
		return true
	}
	return false
}

// undo takes back an unfinished definition that the documents do not fit. One
// that was only interrupted stays: the same MODEL again carries it on.
func (c *Change) undo(ctx context.Context, m *ir.Model, g *growth, cause error) error {
	x, ok := fail.As(cause)
	if !ok || g.anew { // what was there is gone already
		return cause
	}
	if !takenBack(x.Code) {
		return cause
	}
	d, err := c.db.Catalog.Definition(ctx, m.Name)
	if err != nil || d == nil || d.Was == d.Def && d.Changing == "" { // of a VERIFY … REPAIR that was interrupted there is nothing to go back to
		return cause
	}
	if d.Was == "" {
		_, ok, err = c.db.Catalog.Undefine(ctx, m, m.Unlisted)
	} else {
		ok, err = c.revert(ctx, m, d, g.indexes, g.uniques)
	}
	if err != nil || !ok {
		return cause
	}
	if g.search.make {
		_ = ft.Drop(ctx, c.db.Conn, c.db.Conn.Keys.Prefix+beingMade(m)) // left behind, it is dropped by the next MODEL
	}
	if _, err := c.db.Catalog.Reload(ctx); err != nil {
		return err
	}
	if now := c.db.Catalog.Schema().Model(m.Name); now != nil && dropping(now) {
		_ = c.dropOn(ctx, now) // interrupted, it is carried on by who changes the model next
	}
	return cause
}

// revert enters what a model was before it was begun to be changed. The values of new fields that documents have got
// since then are to be removed: a later field of that name must not find them.
func (c *Change) revert(ctx context.Context, m *ir.Model, d *catalog.Definition, indexes, uniques []*ir.Index) (bool, error) {
	was := &catalog.Definition{Def: d.Was, Search: d.Search, Expires: d.Expires, Shadow: d.Shadow, Places: d.WasPlaces, Aliases: d.Aliases, Renamed: d.Renamed}
	if m.Before != nil && !m.Adopted { // what other programs write stays
		fields := slices.Clone(m.Hidden)
		for _, f := range m.Fields {
			if m.Before.Field(f.Name) == nil {
				fields = append(fields, f)
			}
		}
		if was.Dropping = catalog.Drops(m, fields); len(was.Dropping) > 0 {
			was.Was, was.WasPlaces = d.Was, d.WasPlaces
		}
	}
	_, ok, err := c.db.Catalog.Define(ctx, m.Name, m.Version, 0, was, c.db.Conn.Keys.Indexes(m, indexes, uniques)...)
	return ok, err
}

// backfill brings what documents lack, in steps, and says how far it is.
func (c *Change) backfill(ctx context.Context, spec *lua.BackfillSpec) error {
	if len(spec.Fields)+len(spec.Convert)+len(spec.Indexes)+len(spec.Uniques) == 0 && !spec.Ends {
		return nil
	}
	s, err := lua.NewBackfill(spec)
	if err != nil {
		return err
	}
	what := &misfits{model: spec.Model}
	if err := c.db.Steps(ctx, s, spec.Schema, "backfill "+spec.Model.Name, c.progress, what.add); err != nil {
		return err
	}
	return what.err()
}
