package ir

import (
	"iter"

	"github.com/rql-lang/rql/lang"
)

// Schema is an immutable set of models and procedures.
type Schema struct {
	models layers[*Model]
	procs  layers[*Procedure]
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

// Model returns the model of that exact name, or nil.
func (s *Schema) Model(name string) *Model {
	if s == nil {
		return nil
	}
	return s.models.get(name)
}

// Models gives every model, in no order.
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

// With returns a schema in which m replaces or joins the others.
func (s *Schema) With(m *Model) *Schema {
	return &Schema{models: s.models.with(m.Name, m), procs: s.procs}
}

// Without returns a schema that lacks the named model.
func (s *Schema) Without(name string) *Schema {
	return &Schema{models: s.models.with(name, nil), procs: s.procs}
}

// Model is a declared model.
type Model struct {
	Name    string
	Version string // its version in the catalog; "" while it is not stored
	Def     string // canonical MODEL statement without EXTENDS: parsing and checking it gives this model again
	Fields  []*Field
	Key     *Field          // the KEY field (declared, or the implied id)
	Columns []*Column       // the leaves as stored in a hash, in field order; Columns[i].Slot == i
	Indexes []*Index        // ordered indexes: of fields in order, then of several fields
	Uniques []*Index        // UNIQUE of fields in order, then of several fields
	Checks  []*Check        // CHECKs: of fields (also of embedded models' fields, at their path), then of the model
	Uses    []string        // other models this one depends on: embedded ones (transitively); refs not
	Decl    *lang.ModelStmt // the tree of Def

	// JSON: a document is one JSON value (STORED AS JSON), its columns the leaves of it; else a hash.
	JSON bool
	// Prefix and Suffix stand around the key's text in the name of a document, behind the namespace:
	// "User:" and nothing, unless KEYS says otherwise.
	Prefix, Suffix string
	// Adopted: documents are what other programs make of them (KEYS, or WRITERS ANY). The key of one is
	// what its name says, whether it holds the KEY field or not, and any value under such a name is one.
	Adopted bool
	// Unlisted: documents that were there before the model are still being entered in the set of keys.
	Unlisted bool
	// Foreign: other programs write the documents too (WRITERS ANY), so only the documents themselves
	// and a Search index are to be believed.
	Foreign bool
	// IndexedBy is the word after INDEXED BY: "", "NATIVE" or "SEARCH".
	IndexedBy string
	// Search is the Search index of the documents, as the catalog knows it; nil without one.
	Search *SearchIndex

	fields  map[string]*Field // by name, kept by AddField
	columns map[string]*Column
}

// Scanned reports a model whose own indexes may lack documents: they are found by their names, or by Search.
func (m *Model) Scanned() bool { return m.Foreign || m.Unlisted }

// SearchIndex is an index of the Search module over the documents of a model.
type SearchIndex struct {
	Name     string // behind the namespace: "rql:ft:User:3"
	Fields   []*SearchField
	Building bool // it does not hold every document yet, so no plan may use it
	// Next is the name of the index that is being made to take its place, or "".
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
	Missing  bool // documents that lack it can be asked for (INDEXMISSING)
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

// AddColumn appends a leaf, whose Slot becomes its place.
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

// few is up to where looking at each is as fast as a map.
const few = 8

// Field returns the field of that exact name, or nil.
func (m *Model) Field(name string) *Field {
	if len(m.fields) > few {
		return m.fields[name]
	}
	for _, f := range m.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Column returns the leaf of that dotted path, or nil.
func (m *Model) Column(path string) *Column {
	if len(m.columns) > few {
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

// KeyColumn is the column of the KEY field.
func (m *Model) KeyColumn() *Column { return m.Column(m.Key.Name) }

// Field is a field of a model.
type Field struct {
	Name    string
	Type    lang.Type
	Pos     int       // its place in Model.Fields
	Default Expr      // typed as the field; nil when none. Evaluated per document; Row{} is the document so far
	Columns []*Column // its leaves: one for anything but an embedded model and a collection, which has none
	Items   *Column   // of a collection: all its members as a list
	Emb     *Model    // the embedded model of a KEmbedded, as it was when this model was declared
	Key     bool
	Unique  bool
	Index   bool
	// Revision: CREATE and COPY give it 1 (its Default), every later write of the document raises it by one.
	Revision bool
	// Variant is how other programs write the value, the word in the brackets of its type:
	// "text", "iso", "s", "ms" or "ns". The type itself does not say it.
	Variant string
	// Lenient: a stored value that does not fit reads as null, with a warning.
	Lenient bool
	// EmptyNull: null is stored as the empty text, which reads as null.
	EmptyNull bool
}

// Own reports a field whose values are stored as RQL itself stores them.
func (f *Field) Own() bool { return f.Variant == "" && !f.Lenient && !f.EmptyNull }

// Column is one hash field that a document is stored in, or one member of a document stored as JSON. An embedded model is
// flattened; an optional embedded value has a presence column under its own
// path, bool true when the value is there and absent when it is null.
type Column struct {
	Name     string    // "age", "home.city"
	Type     lang.Type // Null is set too where an embedded value around it may be null
	Slot     int       // its place in Model.Columns
	Field    *Field    // the top-level field it belongs to
	Leaf     *Field    // the field of the embedded model it comes from; Field itself when not embedded
	Presence bool
	// Required is set when a document may not lack it although Type.Null is set: the
	// embedded value around it is optional but its own field is not.
	Required bool
	// Parent is the presence column of the nearest optional embedded value around it, or nil.
	Parent *Column
	// Fill is the stored text that a document without the column is read with
	// while the default of a new field is still being written to all of them; else nil.
	Fill *string
	// JSON: it is a member of a document stored as JSON, and Name its path.
	JSON bool
	// Coll is set where the column is read from a collection in a key of its own. It is then none of
	// Model.Columns, and its Slot lies behind theirs.
	Coll *Collection
}

// Stored is the column's type with the form that its values are stored in.
func (c *Column) Stored() lang.Type {
	t := c.Type
	if c.Leaf != nil {
		t.Variant = c.Leaf.Variant
	}
	if c.JSON && !c.Presence {
		t = t.InJSON()
	}
	return t
}

// Own reports a column whose values are stored as RQL itself stores them in a hash.
func (c *Column) Own() bool {
	return (c.Leaf == nil || c.Leaf.Own()) && (!c.JSON || c.Stored().Variant == "")
}

// Lenient is the field's.
func (c *Column) Lenient() bool { return c.Leaf != nil && c.Leaf.Lenient }

// EmptyNull is the field's.
func (c *Column) EmptyNull() bool { return c.Leaf != nil && c.Leaf.EmptyNull }

// Index is an ordered index or a unique constraint.
type Index struct {
	Name string // "age", "home.city", "role,age": the last part of its key
	Cols []*Column
	List bool // over the elements of one list column
	// Building: documents that were there before the index are still being entered, so no reader may use it yet.
	Building bool
}

// Check is a CHECK. Cond sees the document as Row{}. Cols are the columns it reads.
type Check struct {
	Cond Expr
	Text string  // its source text, for messages
	Col  *Column // of a field's CHECK: not asked when this column is null; nil for a model's
	Cols []*Column
}
