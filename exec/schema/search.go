package schema

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/catalog"
	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/exec/ft"
	"github.com/rql-lang/rql/exec/rows"
	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/search"
)

// searchChange is what MODEL does about the Search index of a model.
type searchChange struct {
	fields []*ir.SearchField // fields of the index; empty if there must be none
	there  []string          // the indexes on the server, as far as they are known
	record *catalog.Search   // the existing index, which stays in use meanwhile
	make   bool              // an index must be created
	begun  bool              // its creation has started
	drop   bool              // the existing index is no longer needed
}

// changes reports whether there is something to do.
func (s *searchChange) changes() bool { return s.make || s.begun || s.drop }

// searchOf decides whether a model has a Search index: as INDEXED BY says or, without it, if the server has Search and the model
// has a field for which such an index is useful. there is the reply with the indexes on the server; nil if there is no Search.
func (c *Change) searchOf(ctx context.Context, st *ir.Define, was *ir.Model, there *redis.StringSliceCmd) (*searchChange, error) {
	m := st.Model
	s := &searchChange{}
	able := c.db.Conn.Caps.Search && c.db.Conn.MakesIndexes()
	switch {
	case m.IndexedBy == "SEARCH" && !c.db.Conn.Caps.Search:
		return nil, fail.Errorf(lang.CodeNeeds, st.Sp, "%s is INDEXED BY SEARCH, which needs a server with Search", m.Name).WithHint(ft.Servers)
	case c.db.Conn.SearchesApart(m) && m.IndexedBy == "": // an index in each bucket costs too much for a maybe
	case m.IndexedBy == "SEARCH", m.IndexedBy == "" && able:
		s.fields = search.FieldsFor(m)
	}
	err := s.listed(ctx, c.db.Conn, m, there)
	if err != nil {
		return nil, err
	}
	var have *ir.SearchIndex
	if was != nil {
		have = was.Search
	}
	if have != nil && (have.Building || have.Next != "") {
		s.begun = true
	}
	if have != nil && !have.Building {
		s.record = &catalog.Search{N: ft.NumberIn(have.Name), Fields: ft.Attributes(was, have.Fields)}
	}
	switch {
	case m.IndexedBy == "" && !able: // nothing is known about the index here, so the catalog's entry stays
		s.begun = s.begun && was.Def != m.Def
	case len(s.fields) == 0:
		s.drop, s.record = s.record != nil, nil
	case s.record != nil && s.there != nil && !s.all(ft.Names(c.db.Conn, m, have.Name)):
		s.make, s.record = true, nil // it was dropped outside RQL
	case s.record == nil || slices.ContainsFunc(s.fields, func(f *ir.SearchField) bool { return ft.MadeAs(m, f, s.record.Fields) == nil }):
		s.make = true
	}
	if s.make && was != nil && have == nil && m.IndexedBy == "" && was.Def == m.Def {
		d, err := c.db.Catalog.Definition(ctx, m.Name)
		if err != nil {
			return nil, err
		}
		s.make = d == nil || d.Search == nil // otherwise it was tried, and the documents did not fit
	}
	return s, nil
}

// listed reads which indexes there are, where there is not just the list of the node with the namespace.
func (s *searchChange) listed(ctx context.Context, on *conn.Conn, m *ir.Model, there *redis.StringSliceCmd) (err error) {
	switch {
	case there == nil || there.Err() != nil:
	case !on.SearchesApart(m):
		s.there = append([]string{}, there.Val()...)
	case len(s.fields) > 0:
		s.there, err = ft.Listing(ctx, on, m)
		s.there = append([]string{}, s.there...)
	}
	return err
}

// all reports whether all of these indexes are there.
func (s *searchChange) all(names []string) bool {
	has := make(map[string]bool, len(s.there))
	for _, name := range s.there {
		has[name] = true
	}
	return !slices.ContainsFunc(names, func(name string) bool { return !has[name] })
}

// beingMade returns the name of the Search index that is created for a model, without the namespace.
func beingMade(m *ir.Model) string {
	if m.Search == nil || m.Search.Next != "" {
		return ft.Name(m.StoredName(), ft.NumberOf(m.Version))
	}
	return m.Search.Name
}

// beginSearch creates the Search index of an unfinished definition. If INDEXED BY does not ask for it and the server refuses, the
// model has none.
func (c *Change) beginSearch(ctx context.Context, m *ir.Model, s *searchChange, fresh bool) error {
	ix := &ir.SearchIndex{Name: beingMade(m), Fields: s.fields}
	refused, err := ft.Create(ctx, c.db.Conn, m, ix, fresh)
	if refused != nil && slices.ContainsFunc(s.fields, func(f *ir.SearchField) bool { return f.Missing }) {
		for i, f := range s.fields {
			s.fields[i] = ft.WithoutMissing(f)
		}
		refused, err = ft.Create(ctx, c.db.Conn, m, ix, fresh)
	}
	if err != nil || refused == nil {
		return err
	}
	x := ft.Refused(m, refused)
	if m.IndexedBy != "" || x.Code != lang.CodeDenied && x.Code != lang.CodeNeeds {
		return x
	}
	c.db.Conn.RefuseIndexes()
	s.make, s.record = false, nil
	return nil
}

// endSearch waits until the Search index of an unfinished definition contains all documents, and puts it into use. If INDEXED BY
// does not ask for it and documents cannot be indexed, the model has none.
func (c *Change) endSearch(ctx context.Context, m *ir.Model, s *searchChange, out *rows.Rows) (gone bool, err error) {
	name := beingMade(m)
	if err := c.touch(ctx, m); err != nil {
		return false, err
	}
	gone, err = ft.Await(ctx, c.db.Conn, m, name, func(docs int64, done bool) { c.searchProgress(m, docs, done) })
	if x, ok := fail.As(err); ok && x.Code == lang.CodeBadValue && m.IndexedBy == "" {
		s.record = &catalog.Search{}
		out.Warn(rows.Warning{Code: x.Code, Key: x.Key, Text: x.Message + "; it is INDEXED BY NATIVE"})
		return false, ft.Drop(ctx, c.db.Conn, ft.Names(c.db.Conn, m, name)...)
	}
	if err == nil && !gone {
		s.record = &catalog.Search{N: ft.NumberIn(name), Fields: ft.Attributes(m, s.fields)}
	}
	return gone, err
}

// touch enters the documents that there are in the Search indexes of buckets, which are created empty. It always begins with the first
// document: since an earlier run an index may have been created again, where a slot has moved to.
func (c *Change) touch(ctx context.Context, m *ir.Model) error {
	if !c.db.Conn.SearchesApart(m) {
		return nil
	}
	n, err := ft.Listed(ctx, c.db.Conn, m)
	if err != nil || n == 0 {
		return err
	}
	schema := c.db.Catalog.Schema()
	s, err := lua.NewBackfill(&lua.BackfillSpec{Schema: schema, Model: m, Touch: true})
	if err != nil {
		return err
	}
	return c.db.Steps(ctx, &run.Walk{Script: s, Schema: schema, What: "Search index of " + m.Name, Tell: c.progress, Of: m})
}

// tidied drops the Search indexes that a complete definition does not need.
func (s *searchChange) tidied(ctx context.Context, on *conn.Conn, m *ir.Model, version string) error {
	keep := ft.NumberOf(version) // later ones of other clients have higher numbers
	if s.record != nil && s.record.N > 0 {
		keep = s.record.N
	}
	if !s.make && !s.begun && !s.drop {
		return nil
	}
	return ft.DropBelow(ctx, on, m, keep)
}

// tidy drops the unused indexes that an interrupted MODEL left.
func (s *searchChange) tidy(ctx context.Context, on *conn.Conn, m *ir.Model) error {
	if s.record == nil {
		return nil
	}
	return ft.Drop(ctx, on, ft.Idle(on.Keys, s.there, m.StoredName(), s.record.N)...)
}

// searchProgress reports how many documents an index contains.
func (c *Change) searchProgress(m *ir.Model, docs int64, done bool) {
	c.progress(run.Progress{What: "Search index of " + m.Name, Rows: docs, Done: done})
}
