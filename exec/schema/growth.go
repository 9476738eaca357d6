package schema

import (
	"context"
	"slices"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
)

// growth is what a model gains: what its documents must be given, and the change of its Search index.
type growth struct {
	indexes, uniques []*ir.Index
	fields           []*ir.Field
	convert          []*ir.Field // hidden fields whose values are computed
	checks           []*ir.Check // to be checked on existing documents
	search           *searchChange
	list             bool  // documents that existed before the model are added to the set of its keys
	anew             bool  // everything is rebuilt, as VERIFY … REPAIR requires
	loss             *loss // what the complete definition removes; nil: nothing
	empty            error // the error if there are documents; nil: they do not matter
	begun            bool  // the definition was stored as unfinished, and what is to be filled was emptied
	above            int64 // the number of the first version must be greater
}

// newGrowth returns what a model gains by a change, together with what an earlier one left unfinished.
func newGrowth(s *ir.Schema, was, m *ir.Model, diff *check.Changes, sc *searchChange) *growth {
	g := &growth{indexes: diff.Indexes, uniques: diff.Uniques, fields: diff.Fields, convert: m.Hidden, search: sc}
	if diff.Empty != nil {
		g.empty = mistake(diff.Empty, diff.Empty.Span)
	}
	if diff.Enters {
		g.list = true
		return g
	}
	if was != nil {
		g.indexes, g.uniques = append(g.indexes, building(was.Ordered(), m.Ordered())...), append(g.uniques, building(was.Uniques, m.Uniques)...)
		g.fields, g.list = append(g.fields, filling(was, m)...), was.Unlisted
		g.checks = unasked(s, was, m)
	}
	return g
}

// fills reports whether documents or RQL's own indexes are written.
func (g *growth) fills() bool {
	return g.list || len(g.indexes)+len(g.uniques)+len(g.fields)+len(g.convert)+len(g.checks) > 0
}

// grow stores a definition. It returns false or fail.ErrStale if another client changed the model first. If there are documents,
// all programs first learn what is new (a new field reads as its default in a document without it, no read uses a new index),
// then fields are written and indexes filled, and only then is the definition complete.
func (c *Change) grow(ctx context.Context, m, was *ir.Model, g *growth, out *rows.Rows) (bool, error) {
	version := ""
	if was != nil {
		version = was.Version
	}
	if g.empty != nil && was.Expires { // those that have expired are no documents
		if err := c.db.ClearAway(ctx, was); err != nil {
			return false, err
		}
	}
	built := (was != nil || g.list) && g.fills() || g.search.make
	if built {
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
	if !built {
		d.Empty = g.empty
	}
	var ok bool
	var err error
	if g.loss != nil && built {
		version, ok, err = c.lose(ctx, was, g, d, gone)
	} else {
		version, ok, err = c.db.Catalog.Define(ctx, m.Name, version, g.above, d, gone...)
	}
	if err != nil || !ok {
		return ok, err
	}
	if err = c.db.Catalog.Refresh(ctx, append(d.Touch, m.Name)...); err != nil {
		return false, err
	}
	if err = c.enroll(ctx, m.Name, version); err != nil {
		return false, err
	}
	return true, g.search.tidied(ctx, c.db.Conn, m, version)
}

// build adds what the documents of a model lack of its new definition, which it stores as unfinished and returns; nil if another
// client changed the model first. It continues a definition that another client has stored or left unfinished: filling twice is
// harmless.
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
		if _, err := c.db.Catalog.Reload(ctx); err != nil { // wholly: the steps compare the versions of other models too
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
	if now.Part != nil && !fresh { // one that was interrupted may not have got that far
		if err := c.db.Catalog.Raise(ctx, now.Name); err != nil {
			return nil, err
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

// emptied returns the keys that are filled from the first document on. Their contents are from a lost catalog.
func (c *Change) emptied(m *ir.Model, g *growth) []string {
	keys := c.db.Conn.Keys.Indexes(m, g.indexes, g.uniques)
	if g.list {
		keys = append(keys, c.db.Conn.Keys.IDs(m), c.db.Conn.Keys.Ends(m), c.db.Conn.Keys.Shadows(m))
	}
	return keys
}

// unfinishedOf returns the definition of a model while it is being built; nil if the catalog has lost it.
func (c *Change) unfinishedOf(ctx context.Context, m, was *ir.Model, g *growth) (*catalog.Definition, error) {
	d := catalog.NewDefinition(was, m, g.search.record)
	d.Empty = g.empty
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

// enter adds the documents that existed before the model. If some expire, the model is marked, and returned; nil if another
// client has changed it.
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

// fillAll writes what the documents of an unfinished definition lack. gone says that another client has reverted the definition.
func (c *Change) fillAll(ctx context.Context, now *ir.Model, g *growth, fresh bool, out *rows.Rows) (gone bool, err error) {
	if g.search.make {
		if err := c.beginSearch(ctx, now, g.search, fresh); err != nil {
			return false, err
		}
	}
	schema := c.db.Catalog.Schema()
	// Check before anything is written: reverting removes no values from documents. Those without a new field read as its
	// default.
	if err := c.obeyed(ctx, now, pickChecks(schema, now, g.checks)); err != nil {
		return false, err
	}
	err = c.backfill(ctx, &lua.BackfillSpec{Schema: schema, Model: now, Fields: pick(now, g.fields), Convert: now.Hidden, Indexes: g.indexes, Uniques: g.uniques, Ends: now.Expires})
	if err != nil || !g.search.make {
		return false, err
	}
	return c.endSearch(ctx, now, g.search, out)
}

// takenBack reports whether the definition is reverted after an error of documents, or of the server.
func takenBack(code lang.Code) bool {
	switch code {
	case lang.CodeUnique, lang.CodeCheckFailed, lang.CodeMisfit, lang.CodeDanglingRef, lang.CodeIndexedTooLong, lang.CodeBadValue, lang.CodeTooLarge, lang.CodeNeeds, lang.CodeDenied:
		return true
	}
	return false
}

// undo reverts an unfinished definition that the documents do not fit. One that was only interrupted is kept: the same MODEL,
// repeated, continues it.
func (c *Change) undo(ctx context.Context, m *ir.Model, g *growth, cause error) error {
	x, ok := fail.As(cause)
	if !ok || g.anew { // the previous contents are gone already
		return cause
	}
	if !takenBack(x.Code) {
		return cause
	}
	return c.abandon(ctx, m, g, cause)
}

// abandon reverts an unfinished definition, and returns the cause.
func (c *Change) abandon(ctx context.Context, m *ir.Model, g *growth, cause error) error {
	d, err := c.db.Catalog.Definition(ctx, m.Name)
	if err != nil || d == nil || d.Was == d.Def && d.Changing == "" { // after an interrupted VERIFY … REPAIR there is nothing to revert to
		return cause
	}
	ok := false
	if d.Was == "" {
		_, ok, err = c.db.Catalog.Undefine(ctx, m, m.Unlisted)
	} else {
		ok, err = c.revert(ctx, m, d, g.indexes, g.uniques)
	}
	if err != nil || !ok {
		return cause
	}
	if g.search.make {
		_ = ft.Drop(ctx, c.db.Conn, ft.Names(c.db.Conn, m, beingMade(m))...) // if this fails, the next MODEL drops it
	}
	if _, err := c.db.Catalog.Reload(ctx); err != nil {
		return err
	}
	if now := c.db.Catalog.Schema().Model(m.Name); now != nil && now.Losing() {
		_ = c.dropOn(ctx, now) // if interrupted, the next change of the model continues it
	}
	return cause
}

// revert restores the definition of a model before a change. The values of new fields that documents have got meanwhile, and the entries of
// new indexes in partitions, are marked for removal: a later field or index with that name must not find them.
func (c *Change) revert(ctx context.Context, m *ir.Model, d *catalog.Definition, indexes, uniques []*ir.Index) (bool, error) {
	was := &catalog.Definition{Def: d.Was, Names: d.Names, Partitioned: d.Partitioned, Search: d.Search, Expires: d.Expires, Shadow: d.Shadow, Places: d.WasPlaces, Aliases: d.Aliases, Renamed: d.Renamed}
	if m.Before != nil && !m.Adopted { // what other programs write stays
		fields := slices.Clone(m.Hidden)
		for _, f := range m.Fields {
			if m.Before.Field(f.Name) == nil {
				fields = append(fields, f)
			}
		}
		was.Dropping = catalog.Drops(m, fields)
	}
	var gone []string
	if c.db.Conn.Keys.Divides(m) {
		was.Dropping = append(was.Dropping, catalog.DropsOf(indexes, uniques)...)
	} else {
		gone = c.db.Conn.Keys.Gone(m, indexes, uniques)
	}
	if len(was.Dropping) > 0 {
		was.Was, was.WasPlaces = d.Was, d.WasPlaces
	}
	_, ok, err := c.db.Catalog.Define(ctx, m.Name, m.Version, 0, was, gone...)
	return ok, err
}

// emptyIn deletes the keys of unfinished indexes in a partition: an interrupted change may have left entries there.
func (c *Change) emptyIn(ctx context.Context, part *run.Database, m *ir.Model, indexes, uniques []*ir.Index) error {
	return part.Empty(ctx, m, part.Conn.Keys.Indexes(m, indexes, uniques))
}

// backfill adds what documents lack, in steps, and reports its progress.
func (c *Change) backfill(ctx context.Context, spec *lua.BackfillSpec) error {
	if len(spec.Fields)+len(spec.Convert)+len(spec.Indexes)+len(spec.Uniques) == 0 && !spec.Ends {
		return nil
	}
	s, err := lua.NewBackfill(spec)
	if err != nil {
		return err
	}
	what := &misfits{model: spec.Model}
	w := &run.Walk{Script: s, Schema: spec.Schema, What: "backfill " + spec.Model.Name, Tell: c.progress, Each: what.add, Of: spec.Model, Job: spec.Model, Anew: lua.MisfitsMet}
	w.Before = func(part *run.Database) error { return c.emptyIn(ctx, part, spec.Model, spec.Indexes, spec.Uniques) }
	if err := c.db.Steps(ctx, w); err != nil {
		return err
	}
	return what.err()
}
