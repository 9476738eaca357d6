package ir

import (
	"iter"
	"slices"
	"sync"

	"github.com/rql-lang/rql/lang"
)

// Schema is an immutable set of models and procedures.
type Schema struct {
	models   layers[*Model]
	procs    layers[*Procedure]
	formerly map[string]string // the earlier names of models: the name now
	// referrers are the fields with ON DELETE by the model to which they refer, computed at first use.
	referrers struct {
		once sync.Once
		by   map[string][]*Referrer
	}
}

// NewSchema returns a schema of the given models.
func NewSchema(models ...*Model) *Schema {
	s := &Schema{}
	s.models.base = make(map[string]*Model, len(models))
	for _, m := range models {
		s.models.base[m.Name] = m
		s.formerly = renamed(s.formerly, nil, m)
	}
	return s
}

// Model returns the model with that exact name, or nil.
func (s *Schema) Model(name string) *Model {
	if s == nil {
		return nil
	}
	return s.models.get(name)
}

// Models returns all models, in no particular order.
func (s *Schema) Models() iter.Seq[*Model] {
	return func(yield func(*Model) bool) {
		if s != nil {
			s.models.each(yield)
		}
	}
}

// Names returns the names of the models in byte order.
func (s *Schema) Names() []string {
	if s == nil {
		return nil
	}
	return s.models.names()
}

// InOrder lists the models, each behind those that it is made of or refers to, as far as they go in no circle.
func (s *Schema) InOrder() []*Model {
	var out []*Model
	seen := map[string]bool{}
	var add func(m *Model)
	add = func(m *Model) {
		if m == nil || seen[m.Name] {
			return
		}
		seen[m.Name] = true
		before := append(slices.Clone(m.Uses), m.Targets()...)
		if m.Part != nil {
			before = append(before, m.Part.Type.Model) // "" for no ref
		}
		for _, name := range before {
			add(s.Model(name))
		}
		out = append(out, m)
	}
	for _, name := range s.Names() {
		add(s.Model(name))
	}
	return out
}

// With returns a schema with m added or replaced.
func (s *Schema) With(m *Model) *Schema {
	return &Schema{models: s.models.with(m.Name, m), procs: s.procs, formerly: renamed(s.formerly, s.Model(m.Name), m)}
}

// Without returns a schema without the named model.
func (s *Schema) Without(name string) *Schema {
	return &Schema{models: s.models.with(name, nil), procs: s.procs, formerly: renamed(s.formerly, s.Model(name), nil)}
}

// Model is a declared model.
type Model struct {
	Name string
	Names
	Version string // its version in the catalog; "" if it is not stored
	Def     string // canonical MODEL statement without EXTENDS: parsing and checking it gives an equal model
	// Past are the hashes of the definitions that the catalog had before, the newest last. Complete is the last complete
	// definition; "" means Def, which otherwise is still being built.
	Past     []string
	Complete string
	Before   *Model // the model of Complete; nil if the definition is complete
	// Unfinished says that documents are still being brought into the form of the definition.
	Unfinished bool
	// Dropping are the hash fields or JSON members, and Unlinking the collections, that documents may still have although the
	// definition no longer has them: they are being removed.
	Dropping, Unlinking []string
	// Emptying are the indexes that the definition no longer has, and of which partitions may still have keys: the last parts of their names.
	Emptying []string
	Fields   []*Field
	Links    []*Backlink // refs<…> fields; they are not in Fields, because nothing of them is stored
	Key      *Field      // the KEY field (declared, or the implicit id)
	Columns  []*Column   // the leaves as stored in a hash, in field order; Columns[i].Slot == i
	Indexes  []*Index    // ordered indexes: of fields in order, then of several fields
	Uniques  []*Index    // UNIQUE of fields in order, then of several fields
	Members  []*Index    // over the members of collections with ON DELETE; queries do not use them
	Checks   []*Check    // CHECKs: of fields (also of embedded models' fields, at their path), then of the model
	// Aliases are earlier names of fields that programs may still use; Renamed are those that they may no longer use.
	Aliases, Renamed map[string]string
	Uses             []string        // other models this one depends on: embedded ones (transitively), but not refs
	Decl             *lang.ModelStmt // the syntax tree of Def
	// Hidden are the fields of the columns with Gen, which are not in Fields. Change is the ALTER MODEL that is converting their
	// values, or nil.
	Hidden []*Field
	Change *lang.AlterStmt

	// JSON says that a document is one JSON value (STORED AS JSON), whose leaves are its columns; otherwise it is a hash.
	JSON bool
	// Prefix and Suffix surround the key's text in the name of a document,
	// after the namespace: "User:" and nothing, unless KEYS says otherwise.
	Prefix, Suffix string
	// Adopted says that other programs define what the documents are (KEYS, or WRITERS ANY). The key of a document is determined
	// by its name, whether it stores the KEY field or not, and any value under such a name is a document.
	Adopted bool
	// Unlisted says that documents older than the model are still being added to the set of keys.
	Unlisted bool
	// Leaving says that DROP MODEL is finding out whether the model, which is in buckets, has documents.
	Leaving bool
	// Foreign says that other programs write the documents too (WRITERS ANY), so only the documents themselves and a Search index
	// are reliable.
	Foreign bool
	// IndexedBy is the word after INDEXED BY: "", "NATIVE" or "SEARCH".
	IndexedBy string
	// Part is the field of PARTITION BY; nil: the model is not partitioned.
	Part *Field
	// TTL is the default lifetime of a document in milliseconds; 0 means no expiration.
	TTL lang.Duration
	// Refresh says what resets the expiration of a document to its TTL: "READ" (reads and writes), "WRITE" or "".
	Refresh string
	// Expires says that documents may expire. It is set for a model with a TTL, and for any other once a statement has set an
	// expiration on one of its documents.
	Expires bool
	// Shadow are the columns whose values are copied to the shadow of a document that expires, so that its index entries can be
	// found after it has expired: those of all indexes, in the order of the catalog.
	Shadow []*Column
	// Kept are the names of these columns. An element of Shadow is nil if the model no longer has the column.
	Kept []string
	// Search is the Search index of the documents according to the catalog, or nil.
	Search *SearchIndex

	fields  map[string]*Field // by name, maintained by AddField
	columns map[string]*Column
}

// Scanned reports whether the model's own indexes may lack documents. Its documents are found by a keyspace scan, or by Search.
func (m *Model) Scanned() bool { return m.Foreign || m.Unlisted }

// SearchIndex is an index of the Search module over the documents of a model.
type SearchIndex struct {
	Name     string // without the namespace: "rql:ft:User:3"
	Fields   []*SearchField
	Building bool // its backfill is running, so no plan may use it
	// Next is the name of the index that is being built to replace it, or "".
	Next string
}

// Field returns the index's field for a column, or nil.
func (s *SearchIndex) Field(c *Column) *SearchField {
	if s == nil {
		return nil
	}
	for _, f := range s.Fields {
		if f.Col == c {
			return f
		}
	}
	return nil
}

// SearchField is one attribute of a Search index.
type SearchField struct {
	Col      *Column
	Attr     string // its name in queries: letters, digits and _ only
	Kind     SearchKind
	Sortable bool
	Missing  bool // documents without it can be searched for (INDEXMISSING)
}

// SearchKind is the type of an attribute of a Search index.
type SearchKind string

// The attribute types of FT.CREATE.
const (
	SearchTag     SearchKind = "TAG"
	SearchNumeric SearchKind = "NUMERIC"
	SearchText    SearchKind = "TEXT"
	SearchGeo     SearchKind = "GEO"
	SearchVector  SearchKind = "VECTOR"
)

// AddField appends a field.
func (m *Model) AddField(f *Field) {
	if m.fields == nil {
		m.fields = map[string]*Field{}
	}
	if m.fields[f.Name] == nil {
		m.fields[f.Name] = f
	}
	m.Fields = append(m.Fields, f)
}

// Retyped returns a copy of an embedded model in which the types of fields are what change makes of them.
func (m *Model) Retyped(change func(lang.Type) lang.Type) *Model {
	out := *m
	out.Fields, out.fields = nil, nil
	for _, f := range m.Fields {
		g := *f
		g.Type = change(f.Type)
		if f.Emb != nil {
			g.Emb = f.Emb.Retyped(change)
		}
		out.AddField(&g)
	}
	return &out
}

// Inside returns the fields of the model in a value of type t, which says where refs lead from there.
func (m *Model) Inside(t lang.Type) []*Field {
	out := make([]*Field, len(t.Cols))
	for i, col := range t.Cols {
		f := *m.Field(col.Name)
		f.Type = col.Type
		out[i] = &f
	}
	return out
}

// AddColumn appends a leaf and sets its Slot.
func (m *Model) AddColumn(c *Column) {
	if m.columns == nil {
		m.columns = map[string]*Column{}
	}
	if m.columns[c.Name] == nil {
		m.columns[c.Name] = c
	}
	c.Slot = len(m.Columns)
	m.Columns = append(m.Columns, c)
}

// linearSearch is the number of fields up to which a linear search is as fast
// as a map.
const linearSearch = 8

// Field returns the field with that exact name, or nil.
func (m *Model) Field(name string) *Field {
	if len(m.fields) > linearSearch {
		return m.fields[name]
	}
	for _, f := range m.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Column returns the leaf with that dotted path, or nil.
func (m *Model) Column(path string) *Column {
	if len(m.columns) > linearSearch {
		return m.columns[path]
	}
	for _, c := range m.Columns {
		if c.Name == path {
			return c
		}
	}
	return nil
}

// Revision is the REVISION field, or nil.
func (m *Model) Revision() *Field {
	for _, f := range m.Fields {
		if f.Revision {
			return f
		}
	}
	return nil
}

// Has reports whether the model has a column of that name, or for the Items of a collection such a collection.
func (m *Model) Has(c *Column) bool {
	if c.Coll != nil {
		f := m.Field(c.Name)
		return f != nil && f.Collection()
	}
	return m.Column(c.Name) != nil
}

// KeyColumn returns the column of the KEY field.
func (m *Model) KeyColumn() *Column { return m.Column(m.Key.Name) }

// Field is a field of a model.
type Field struct {
	Name string
	// At is the name under which its values are stored: the hash field, the member of a JSON document, the part of the names of
	// indexes and collections; "" means Name.
	At      string
	Type    lang.Type
	Pos     int       // its index in Model.Fields
	Default Expr      // typed as the field; nil if there is none. Evaluated per document; Row{} is the document so far
	Columns []*Column // its leaves: one, except for an embedded model, and for a collection, which has none
	Items   *Column   // of a collection: all its members as a list
	Emb     *Model    // the embedded model of a KEmbedded, as it was when this model was declared
	Key     bool
	Unique  bool
	Index   bool
	// Revision says that CREATE and COPY set the field to 1 (its Default), and every later write of the document increments it.
	Revision bool
	// Variant is the form in which other programs write the value, the word in the angle brackets of its type: "text", "iso",
	// "s", "ms", "ns" or "key". It is not part of the type itself.
	Variant string
	// Around is, for the variant key, what precedes and follows the key in the name of the document to which the ref points.
	Around []string
	// Lenient says that a stored value that does not fit reads as null, with a warning.
	Lenient bool
	// EmptyNull says that null is stored as the empty text, which reads as null.
	EmptyNull bool
	// OnDelete says what happens to the documents that refer to a document that is deleted; "" for a ref that may dangle.
	OnDelete string
	// CascadeTTL says that a change of the document's expiration extends that of the documents to which the refs point.
	CascadeTTL bool
}

// Own reports whether the field's values are stored in RQL's own form.
func (f *Field) Own() bool { return f.Variant == "" && !f.Lenient && !f.EmptyNull }

// Column is one hash field of a document, or one member of a document stored as
// JSON. An embedded model is flattened; an optional embedded value has a
// presence column under its own path, bool true if the value is present and
// absent if it is null.
type Column struct {
	Name     string    // "age", "home.city"
	Type     lang.Type // Null is also set if an enclosing embedded value may be null
	Slot     int       // its index in Model.Columns
	Field    *Field    // the top-level field it belongs to
	Leaf     *Field    // the field of the embedded model it comes from; Field itself if not embedded
	Presence bool
	// Required is set if a document must have it although Type.Null is set: the
	// enclosing embedded value is optional but its own field is not.
	Required bool
	// Parent is the presence column of the nearest enclosing optional embedded
	// value, or nil.
	Parent *Column
	// Fill is the stored text assumed for a document without the column while
	// the default of a new field is being backfilled; else nil.
	Fill *string
	// Asked says that existing documents are still being checked for dangling refs in the column. Writers obey its ON DELETE
	// already.
	Asked bool
	// Gen computes the value from other columns, whenever one of them changes: the field is being converted to another form, and
	// this column holds its values in the new form, under a name that no program can write. Must says that it may not be null. Once is
	// of a field that is being added: Gen is the DEFAULT of documents that are created, and of those that have no value yet.
	Gen        Expr
	Must, Once bool
	// JSON says that it is a member of a document stored as JSON, with the path Name.
	JSON bool
	// Coll is set if the column is read from a collection with a key of its own. It is then not in Model.Columns, and its Slot
	// comes after theirs.
	Coll *Collection
}

// Stored returns the column's type with the form in which its values are stored.
func (c *Column) Stored() lang.Type {
	t := c.Type
	if c.Leaf != nil {
		if t.Variant = c.Leaf.Variant; c.Leaf.Around != nil {
			t.Values = c.Leaf.Around
		}
	}
	if c.JSON && !c.Presence {
		t = t.InJSON()
	}
	return t
}

// Own reports whether the column's values are stored in RQL's own form in a hash.
func (c *Column) Own() bool {
	return (c.Leaf == nil || c.Leaf.Own()) && (!c.JSON || c.Stored().Variant == "")
}

// Lenient returns the property of the field.
func (c *Column) Lenient() bool { return c.Leaf != nil && c.Leaf.Lenient }

// EmptyNull returns the property of the field.
func (c *Column) EmptyNull() bool { return c.Leaf != nil && c.Leaf.EmptyNull }

// Index is an ordered index or a unique constraint.
type Index struct {
	Name string // "age", "home.city", "role,age": the last part of its key
	Cols []*Column
	List bool // over the elements of one list column
	// Of is the collection over whose members it is; its only column is the Items of that. nil: it is over columns of documents.
	Of *Field
	// At is the last part of its key if that is not Name.
	At string
	// Building says that its backfill is running, so no read may use it yet.
	Building bool
	// Global: of a UNIQUE that holds over all partitions.
	Global bool
}

// Check is a CHECK. Cond sees the document as Row{}. Cols are the columns it
// reads.
type Check struct {
	Cond Expr
	Text string  // its source text, for messages
	Col  *Column // of a field's CHECK: it is skipped if this column is null; nil for a model's
	Cols []*Column
	// Building says that writers obey it, but existing documents are still being checked.
	Building bool
	// Ref is the column whose documents must exist according to Cond: see Asks. Such a check is not in Model.Checks.
	Ref *Column
}

// Mark returns the Building mark of a CHECK in the catalog.
func (c *Check) Mark() string {
	switch {
	case c.Ref != nil:
		return "ref:" + c.Ref.Name
	case c.Col != nil:
		return "ck:" + c.Col.Name + ":" + c.Text
	}
	return "ck::" + c.Text
}
