package exec

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rql-lang/rql/exec/conn"
	"github.com/rql-lang/rql/exec/fail"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/search"
)

// searchRecord is what the catalog says of the Search index that plans use.
type searchRecord struct {
	N      int64    `json:"n"`      // the number at the end of its name
	Fields []string `json:"fields"` // what FT.CREATE was told of each attribute
}

// searchMark is the Building mark of a Search index that is being made. It has
// the number of the version that the mark was entered with, which is never used again.
const searchMark = "ft"

// numberOf is the number in front of a version.
func numberOf(version string) int64 {
	head, _, _ := strings.Cut(version, "-")
	n, _ := strconv.ParseInt(head, 10, 64)
	return n
}

// searchName is the name of a Search index behind the namespace.
func searchName(model string, n int64) string {
	return "rql:ft:" + model + ":" + strconv.FormatInt(n, 10)
}

// searchField is what FT.CREATE is told of one attribute.
func searchField(m *ir.Model, f *ir.SearchField) string {
	args := search.Create(m, &ir.SearchIndex{Fields: []*ir.SearchField{f}}, "", "")
	return strings.TrimSuffix(fmt.Sprintln(args[slices.Index(args, any("SCHEMA"))+1:]...), "\n")
}

// searchFields writes attributes down for the catalog.
func searchFields(m *ir.Model, fields []*ir.SearchField) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = searchField(m, f)
	}
	return out
}

// loadSearch is the Search index of a model as its definition in the catalog has
// it. Of one that was made for another form of the model, or by another
// version of this program, it has the attributes that are still made so.
func loadSearch(m *ir.Model, d *definition) *ir.SearchIndex {
	next := ""
	if slices.Contains(d.Building, searchMark) {
		next = searchName(m.Name, numberOf(m.Version))
	}
	if d.Search == nil || d.Search.N == 0 {
		if next == "" {
			return nil
		}
		return &ir.SearchIndex{Name: next, Fields: search.FieldsFor(m), Building: true}
	}
	out := &ir.SearchIndex{Name: searchName(m.Name, d.Search.N), Next: next}
	for _, f := range search.FieldsFor(m) {
		if f = madeAs(m, f, d.Search.Fields); f != nil {
			out.Fields = append(out.Fields, f)
		}
	}
	return out
}

// madeAs is the attribute as an index has it, perhaps of a server that cannot
// find what is missing; nil if the index does not have it.
func madeAs(m *ir.Model, f *ir.SearchField, made []string) *ir.SearchField {
	for _, f := range []*ir.SearchField{f, plainer(f)} {
		if slices.Contains(made, searchField(m, f)) {
			return f
		}
	}
	return nil
}

// plainer is an attribute for servers that know no INDEXMISSING.
func plainer(f *ir.SearchField) *ir.SearchField {
	c := *f
	c.Missing = false
	return &c
}

// searchChange is what MODEL does about the Search index of a model.
type searchChange struct {
	fields []*ir.SearchField // what one has to hold; none: there is to be no index
	record *searchRecord     // the one that is there and stays in use meanwhile
	make   bool              // one is to be made
	begun  bool              // somebody began to make it
	drop   bool              // the one that is there has no use any more
}

// changes reports that there is something to do.
func (s *searchChange) changes() bool { return s.make || s.begun || s.drop }

// searchOf decides whether a model has a Search index: as INDEXED BY says, and without it
// where the server has Search and the model a field that such an index helps to find. there
// asked for the indexes on the server; it is nil where there is no Search.
func (r *runner) searchOf(ctx context.Context, st *ir.Define, was *ir.Model, there *redis.StringSliceCmd) (*searchChange, error) {
	e, m := r.s.e, st.Model
	s := &searchChange{}
	able := e.conn.Caps.Search && !e.noSearch.Load()
	switch {
	case m.IndexedBy == "SEARCH" && !e.conn.Caps.Search:
		return nil, fail.Errorf(lang.CodeNeeds, st.Sp, "%s is INDEXED BY SEARCH, which needs a server with Search", m.Name).WithHint(searchServers)
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
		s.record = &searchRecord{N: numberIn(have.Name), Fields: searchFields(was, have.Fields)}
	}
	switch {
	case m.IndexedBy == "" && !able: // nothing is known of the index here, so what the catalog says of it stays
		s.begun = s.begun && was.Def != m.Def
	case len(s.fields) == 0:
		s.drop, s.record = s.record != nil, nil
	case s.record != nil && there.Err() == nil && !slices.Contains(there.Val(), e.conn.Keys.Prefix+have.Name):
		s.make, s.record = true, nil // somebody dropped it
	case s.record == nil || slices.ContainsFunc(s.fields, func(f *ir.SearchField) bool { return madeAs(m, f, s.record.Fields) == nil }):
		s.make = true
	}
	if s.make && was != nil && have == nil && m.IndexedBy == "" && was.Def == m.Def {
		d, err := e.definitionOf(ctx, m.Name)
		if err != nil {
			return nil, err
		}
		s.make = d == nil || d.Search == nil // else it was tried, and the documents did not fit
	}
	return s, nil
}

// beingMade is the name of the Search index that is made for a model, behind the namespace.
func beingMade(m *ir.Model) string {
	if m.Search == nil || m.Search.Next != "" {
		return searchName(m.Name, numberOf(m.Version))
	}
	return m.Search.Name
}

// beginSearch creates the Search index of an unfinished definition. Where INDEXED BY does not ask for it
// and the server refuses, the model does without.
func (r *runner) beginSearch(ctx context.Context, m *ir.Model, s *searchChange, fresh bool) error {
	ix := &ir.SearchIndex{Name: beingMade(m), Fields: s.fields}
	refused, err := r.s.e.createSearch(ctx, m, ix, fresh)
	if refused != nil && slices.ContainsFunc(s.fields, func(f *ir.SearchField) bool { return f.Missing }) {
		for i, f := range s.fields {
			s.fields[i] = plainer(f)
		}
		refused, err = r.s.e.createSearch(ctx, m, ix, fresh)
	}
	if err != nil || refused == nil {
		return err
	}
	x := searchRefused(m, refused)
	if m.IndexedBy != "" || x.Code != lang.CodeDenied && x.Code != lang.CodeNeeds {
		return x
	}
	r.s.e.noSearch.Store(true)
	s.make, s.record = false, nil
	return nil
}

// endSearch waits until the Search index of an unfinished definition holds all documents, and makes it the one
// in use. Where INDEXED BY does not ask for it and documents cannot be indexed, the model does without.
func (r *runner) endSearch(ctx context.Context, m *ir.Model, s *searchChange, rows *Rows) (gone bool, err error) {
	name := beingMade(m)
	gone, err = r.awaitSearch(ctx, m, name)
	if x, ok := fail.As(err); ok && x.Code == lang.CodeBadValue && m.IndexedBy == "" {
		s.record = &searchRecord{}
		rows.Warn(Warning{Code: x.Code, Key: x.Key, Text: x.Message + "; it is INDEXED BY NATIVE"})
		return false, r.s.e.dropSearch(ctx, r.s.e.conn.Keys.Prefix+name)
	}
	if err == nil && !gone {
		s.record = &searchRecord{N: numberIn(name), Fields: searchFields(m, s.fields)}
	}
	return gone, err
}

// tidied drops the Search indexes that a whole definition has no use for.
func (s *searchChange) tidied(ctx context.Context, e *Engine, m *ir.Model, version string) error {
	keep := numberOf(version) // the numbers of others who begin now are higher
	if s.record != nil && s.record.N > 0 {
		keep = s.record.N
	}
	if !s.make && !s.begun && !s.drop {
		return nil
	}
	return e.dropSearches(ctx, m.Name, keep)
}

// tidy drops what an interrupted MODEL left of indexes that are not in use.
func (s *searchChange) tidy(ctx context.Context, e *Engine, m *ir.Model, there *redis.StringSliceCmd) error {
	if there == nil || s.record == nil {
		return nil
	}
	for _, name := range e.idle(there.Val(), m.Name, s.record.N) {
		if err := e.dropSearch(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// searchServers is the hint where Search is missing.
const searchServers = "Redis 8, Redis Stack and servers with the Search module have it; without INDEXED BY, RQL's own indexes serve"

// numberIn is the number at the end of an index's name.
func numberIn(name string) int64 {
	n, _ := strconv.ParseInt(name[strings.LastIndexByte(name, ':')+1:], 10, 64)
	return n
}

// listSearch is the command that lists the Search indexes, or nil where there are none.
func (e *Engine) listSearch(ctx context.Context) *redis.StringSliceCmd {
	if !e.conn.Caps.Search {
		return nil
	}
	return redis.NewStringSliceCmd(ctx, "ft._list")
}

// createSearch makes a Search index. fresh says that no other client can have made it: one of that
// name then is left from a catalog that is gone, and is dropped. refused is the
// server's answer when it does not let this user, or this database, have one.
func (e *Engine) createSearch(ctx context.Context, m *ir.Model, ix *ir.SearchIndex, fresh bool) (refused, err error) {
	args := search.Create(m, ix, e.conn.Keys.Prefix+ix.Name, e.conn.Keys.Docs(m))
	for {
		if err := fail.Ended(ctx); err != nil {
			return nil, err
		}
		cmd := conn.NewWrite(ctx, args...)
		err := e.conn.Process(ctx, cmd)
		switch {
		case err == nil:
			return nil, nil
		case conn.IsConnection(err):
			return nil, conn.ServerError(err, conn.MayHaveRun(cmd, err), "")
		case !strings.Contains(strings.ToLower(err.Error()), "already exists"):
			return err, nil
		case !fresh:
			return nil, nil
		}
		if err := e.dropSearch(ctx, e.conn.Keys.Prefix+ix.Name); err != nil {
			return nil, err
		}
		fresh = false
	}
}

// dropSearch drops a Search index, not the documents; one that is gone is none to drop.
func (e *Engine) dropSearch(ctx context.Context, name string) error {
	cmd := conn.NewWrite(ctx, "ft.dropindex", name)
	if err := e.conn.Process(ctx, cmd); err != nil && !conn.SaysMissing(err.Error()) {
		return conn.ServerError(err, conn.MayHaveRun(cmd, err), name)
	}
	return nil
}

// dropSearches drops the Search indexes of a model with a number below keep. Numbers only
// grow, so nobody uses them any more.
func (e *Engine) dropSearches(ctx context.Context, model string, keep int64) error {
	cmd := e.listSearch(ctx)
	if cmd == nil {
		return nil
	}
	if err := e.conn.Process(ctx, cmd); conn.IsConnection(err) {
		return conn.ServerError(err, false, "")
	}
	for _, name := range e.idle(cmd.Val(), model, keep) {
		if err := e.dropSearch(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// idle picks the Search indexes of a model with a number below keep.
func (e *Engine) idle(names []string, model string, keep int64) []string {
	var out []string
	for _, name := range names {
		if n := e.searchNumber(name, model); n > 0 && n < keep {
			out = append(out, name)
		}
	}
	return out
}

// searchNumber is the number of a Search index of a model; 0 if it is of none or of another.
func (e *Engine) searchNumber(name, model string) int64 {
	rest, ok := strings.CutPrefix(name, e.conn.Keys.SearchIndexes(model))
	n, err := strconv.ParseInt(rest, 10, 64)
	if !ok || err != nil {
		return 0
	}
	return n
}

// searchRefused words the answer of a server that makes no Search index.
func searchRefused(m *ir.Model, err error) *fail.Error {
	x := conn.ServerError(err, false, "")
	if x.Code == lang.CodeServer {
		x.Code = lang.CodeNeeds
	}
	x.Message = "the server makes no Search index for " + m.Name + ": " + err.Error()
	if x.Code == lang.CodeDenied {
		x.Hint = "INDEXED BY SEARCH needs the commands ft.create, ft.info, ft._list and ft.dropindex; INDEXED BY NATIVE needs none of them"
	} else if strings.Contains(err.Error(), "db != 0") {
		x.Hint = "Search works in database 0 only: leave the number out of the URL, and use a namespace (?ns=name)"
	}
	return x
}
