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
	"github.com/rql-lang/rql/search"
)

// searchChange is what MODEL does about the Search index of a model.
type searchChange struct {
	fields []*ir.SearchField // fields of the index; empty if there must be none
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
	case m.Part != nil && m.IndexedBy == "SEARCH" && !c.db.Conn.Caps.SearchParts:
		return nil, fail.Errorf(lang.CodeNeeds, st.Sp, "%s has PARTITION BY and is INDEXED BY SEARCH, which needs a server that is not a cluster: each node would find its own documents only", m.Name).
			WithHint("leave INDEXED BY out: RQL's own indexes serve each partition")
	case m.Part != nil && !c.db.Conn.Caps.SearchParts:
	case m.IndexedBy == "SEARCH", m.IndexedBy == "" && able:
		s.fields = search.FieldsFor(m)
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
	case s.record != nil && there.Err() == nil && !slices.Contains(there.Val(), c.db.Conn.Keys.Prefix+have.Name):
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
	gone, err = ft.Await(ctx, c.db.Conn, m, name, func(docs int64, done bool) { c.searchProgress(m, docs, done) })
	if x, ok := fail.As(err); ok && x.Code == lang.CodeBadValue && m.IndexedBy == "" {
		s.record = &catalog.Search{}
		out.Warn(rows.Warning{Code: x.Code, Key: x.Key, Text: x.Message + "; it is INDEXED BY NATIVE"})
		return false, ft.Drop(ctx, c.db.Conn, c.db.Conn.Keys.Prefix+name)
	}
	if err == nil && !gone {
		s.record = &catalog.Search{N: ft.NumberIn(name), Fields: ft.Attributes(m, s.fields)}
	}
	return gone, err
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
	return ft.DropBelow(ctx, on, m.StoredName(), keep)
}

// tidy drops the unused indexes that an interrupted MODEL left.
func (s *searchChange) tidy(ctx context.Context, on *conn.Conn, m *ir.Model, there *redis.StringSliceCmd) error {
	if there == nil || s.record == nil {
		return nil
	}
	for _, name := range ft.Idle(on.Keys, there.Val(), m.StoredName(), s.record.N) {
		if err := ft.Drop(ctx, on, name); err != nil {
			return err
		}
	}
	return nil
}

// searchProgress reports how many documents an index contains.
func (c *Change) searchProgress(m *ir.Model, docs int64, done bool) {
	c.progress(run.Progress{What: "Search index of " + m.Name, Rows: docs, Done: done})
}
