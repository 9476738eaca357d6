package ir

import (
	"iter"
	"sync"

	"github.com/rql-lang/rql/lang"
)

// Schema is an immutable set of models and procedures.
type Schema struct {
	models layers[*Model]
	procs  layers[*Procedure]
	// referrers are the fields with ON DELETE by the model that they refer to, once they are asked for.
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

// Names lists the models in byte order.
func (s *Schema) Names() []string {
	if s == nil {
		return nil
	}
	return s.models.names()
}

// With returns a schema with m added or replaced.
func (s *Schema) With(m *Model) *Schema {
	return &Schema{models: s.models.with(m.Name, m), procs: s.procs}
}

// Without returns a schema without the named model.
func (s *Schema) Without(name string) *Schema {
	return &Schema{models: s.models.with(name, nil), procs: s.procs}
}

// Model is a declared model.
type Model struct {
	Name    string
	Version string // its version in the catalog; "" while it is not stored
	Def     string // canonical MODEL statement without EXTENDS: parsing and checking it gives an equal model
	// Past are the hashes of the definitions that the catalog had before, the newest last, and Complete is the last
	// one that was complete: "" is Def, which otherwise is being built.
	Past     []string
	Complete string
	Before   *Model // the model of Complete; nil while the definition is complete
	// Dropping are the places in a document, names of hash fields or of JSON members, and Unlinking the collections
	// that documents may still have, though the definition has them no more: their removal is running.
	Dropping, Unlinking []string
	Fields              []*Field
	Links               []*Backlink // refs<…>: they are no fields, for nothing of them is stored
	Key                 *Field      // the KEY field (declared, or the implied id)
	Columns             []*Column   // the leaves as stored in a hash, in field order; Columns[i].Slot == i
	Indexes             []*Index    // ordered indexes: of fields in order, then of several fields
	Uniques             []*Index    // UNIQUE of fields in order, then of several fields
	Checks              []*Check    // CHECKs: of fields (also of embedded models' fields, at their path), then of the model
	// Aliases are earlier names of fields, which programs may still use, and Renamed those that they may not any more.
	Aliases, Renamed map[string]string
	Uses             []string        // other models this one depends on: embedded ones (transitively), but not refs
	Decl             *lang.ModelStmt // the tree of Def
	// Hidden are the fields of columns with Gen, which are not among Fields, and Change is the ALTER MODEL that is
	// converting their values; nil: none is.
	Hidden []*Field
	Change *lang.AlterStmt

	// JSON: a document is one JSON value (STORED AS JSON), whose leaves are its
	// columns; else a hash.
	JSON bool
	// Prefix and Suffix surround the key's text in the name of a document,
	// after the namespace: "User:" and nothing, unless KEYS says otherwise.
	Prefix, Suffix string
	// Adopted: other programs define what the documents are (KEYS, or WRITERS
	// ANY). The key of a document is determined by its name, whether it stores
	// the KEY field or not, and any value under such a name is a document.
	Adopted bool
	// Unlisted: the backfill of documents older than the model into the set of
	// keys is still running.
	Unlisted bool
	// Foreign: other programs write the documents too (WRITERS ANY), so only
	// the documents themselves and a Search index are reliable.
	Foreign bool
	// IndexedBy is the word after INDEXED BY: "", "NATIVE" or "SEARCH".
	IndexedBy string
	// TTL is how long a document lives whose statement does not say it, in milliseconds; 0: for ever.
	TTL lang.Duration
	// Refresh says what gives a document that has an end its TTL again: "READ" (and writes), "WRITE" or "".
	Refresh string
	// Expires: documents may have an end. A model with a TTL has it, and any other once a statement
	// has given one of its documents an end.
	Expires bool
	// Shadow are the columns whose values are kept beside a document with an end, so that its index
	// entries can be found when it is gone: those of all indexes, in the order of the catalog.
	Shadow []*Column
	// Kept are the names of these columns; nil in Shadow is one that the model has no more.
	Kept []string
	// Search is the Search index of the documents according to the catalog; nil
	// without one.
	Search *SearchIndex

	fields  map[string]*Field // by name, maintained by AddField
	columns map[string]*Column
}

// Scanned reports a model whose own indexes may lack documents: they are found
// by a keyspace scan, or by Search.
func (m *Model) Scanned() bool { return m.Foreign || m.Unlisted }

// SearchIndex is an index of the Search module over the documents of a model.
type SearchIndex struct {
	Name     string // behind the namespace: "rql:ft:User:3"
	Fields   []*SearchField
	Building bool // its backfill is running, so no plan may use it
	// Next is the name of the index that is being built to replace it, or "".
	Next string
}

// Field returns the index's field over a column, or nil.
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

// KeyColumn returns the column of the KEY field.
func (m *Model) KeyColumn() *Column { return m.Column(m.Key.Name) }

// Field is a field of a model.
type Field struct {
	Name string
	// At is the name that its values are stored under: the hash field, the member of a JSON document, the part of the names of
	// indexes and collections; "" is Name.
	At      string
	Type    lang.Type
	Pos     int       // its index in Model.Fields
	Default Expr      // typed as the field; nil if none. Evaluated per document; Row{} is the document so far
	Columns []*Column // its leaves: one, except for an embedded model, and for a collection, which has none
	Items   *Column   // of a collection: all its members as a list
	Emb     *Model    // the embedded model of a KEmbedded, as it was when this model was declared
	Key     bool
	Unique  bool
	Index   bool
	// Revision: CREATE and COPY set it to 1 (its Default), every later write of
	// the document increments it.
	Revision bool
	// Variant is the form in which other programs write the value, the word in
	// the brackets of its type: "text", "iso", "s", "ms", "ns" or "key". It is not
	// part of the type itself.
	Variant string
	// Around is, of the variant key, what stands before and behind the key in the name of the document that the ref names.
	Around []string
	// Lenient: a stored value that does not fit reads as null, with a warning.
	Lenient bool
	// EmptyNull: null is stored as the empty text, which reads as null.
	EmptyNull bool
	// OnDelete says what a ref does when its document is deleted; "" for one that may dangle.
	OnDelete string
	// CascadeTTL: another end of the document raises those of the documents that the refs name.
	CascadeTTL bool
}

// Own reports a field whose values are stored in RQL's own form.
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
	// Asked: the documents that are there are still being asked whether what the ref names exists. Writers obey its
	// ON DELETE already.
	Asked bool
	// Gen computes the value from those of other columns, whenever one of these changes: a field is being stored in another form, and this
	// holds its values in the new one, under a name that no program can write. Must: it may not be null.
	Gen  Expr
	Must bool
	// JSON: it is a member of a document stored as JSON, and Name its path.
	JSON bool
	// Coll is set if the column is read from a collection under a key of its
	// own. It is then not in Model.Columns, and its Slot comes after theirs.
	Coll *Collection
}

// Stored is the column's type with the form that its values are stored in.
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

// Own reports a column whose values are stored in RQL's own form in a hash.
func (c *Column) Own() bool {
	return (c.Leaf == nil || c.Leaf.Own()) && (!c.JSON || c.Stored().Variant == "")
}

// Lenient is that of the field.
func (c *Column) Lenient() bool { return c.Leaf != nil && c.Leaf.Lenient }

// EmptyNull is that of the field.
func (c *Column) EmptyNull() bool { return c.Leaf != nil && c.Leaf.EmptyNull }

// Index is an ordered index or a unique constraint.
type Index struct {
	Name string // "age", "home.city", "role,age": the last part of its key
	Cols []*Column
	List bool // over the elements of one list column
	// At is the last part of its key where that is not Name.
	At string
	// Building: its backfill is running, so no reader may use it yet.
	Building bool
}

// Check is a CHECK. Cond sees the document as Row{}. Cols are the columns it
// reads.
type Check struct {
	Cond Expr
	Text string  // its source text, for messages
	Col  *Column // of a field's CHECK: it is skipped if this column is null; nil for a model's
	Cols []*Column
	// Building: writers obey it, and the documents that are there are still being asked.
	Building bool
	// Ref is the column of which Cond says that the documents exist that it names: see Asks. It is not among Model.Checks.
	Ref *Column
}

// Mark names a CHECK among what a definition is still building.
func (c *Check) Mark() string {
	switch {
	case c.Ref != nil:
		return "ref:" + c.Ref.Name
	case c.Col != nil:
		return "ck:" + c.Col.Name + ":" + c.Text
	}
	return "ck::" + c.Text
}
