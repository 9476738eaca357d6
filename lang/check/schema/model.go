package schema

import (
	"slices"
	"sort"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// Define checks MODEL, and compares it with the stored model.
func (c *Builder) Define(s *lang.ModelStmt) *ir.Define {
	d := &ir.Define{}
	prev := c.Begin(&d.Head, s.Sp)
	defer c.End(prev)
	if s.Name.Name == "rql" {
		c.Errorf(lang.CodeBadModel, s.Name.Sp, "a model cannot be called rql: keys with that prefix are reserved")
	}
	errors := len(c.Diags)
	decl := c.extended(s)
	if c.Schema.Model(s.Name.Name) == nil {
		if by := c.Schema.Holder(s.Name.Name); by != nil {
			return c.formerly(d, by, decl)
		}
	}
	m := c.build(decl, false)
	d.Model, d.Was, d.Intended = m, c.Schema.Model(m.Name), c.Options.Migration
	c.overlaps(m, s)
	for _, l := range m.Links {
		if c.Later[l.Model] != nil && l.Model != m.Name {
			d.Later = append(d.Later, l.Model)
		}
	}
	if m.TTL > 0 {
		if outer := c.firstModel(func(o *ir.Model) bool { return holds(o, m.Name) }); outer != nil {
			c.Errorf(lang.CodeBadModel, s.Name.Sp, "%s is embedded in %s, and a value inside a document cannot expire by itself", m.Name, outer.Name)
		}
	}
	if len(c.Diags) > errors {
		if d.Was == nil { // so that the statements that use it are checked too
			c.Schema = c.Schema.With(m)
		}
		return d
	}
	if d.Was != nil {
		if d.Was.Def == m.Def {
			d.Model = d.Was
			c.Use(d.Was)
			return d
		}
		if !d.Intended && (d.Was.Knew(m.Def) || c.Schema.Renames() && d.Was.Knew(lang.Print(decl))) {
			c.older(d, s)
			return d
		}
		if !c.changes(d, s) {
			return d
		}
		m.Past = d.Was.History()
		if bad := follow(m, d.Was); bad != nil {
			c.Errorf(bad.Code, s.Name.Sp, "%s", bad.Message)
			return d
		}
	}
	c.Schema = c.Schema.With(m)
	delete(c.embs, m.Name)
	c.Use(m)
	return d
}

// older handles a MODEL with an earlier definition, from a program that is older than the database: it continues with the current
// definition.
func (c *Builder) older(d *ir.Define, s *lang.ModelStmt) {
	if bad := Older(d.Was, d.Model); bad != nil {
		c.Errorf(bad.Code, s.Name.Sp, "%s", bad.Message).Hint = bad.Hint
		return
	}
	d.Model, d.Older = d.Was, true
	c.Use(d.Was)
}

// changes compares the model with the stored one, and reports changes that cannot be made.
func (c *Builder) changes(d *ir.Define, s *lang.ModelStmt) bool {
	diff, bad := Diff(d.Was, d.Model)
	if bad != nil {
		c.Errorf(bad.Code, s.Name.Sp, "%s", bad.Message).Hint = bad.Hint
		return false
	}
	if diff.Empty != nil {
		diff.Empty.Span = s.Name.Sp
	}
	diff.describe(d)
	if outer := c.firstModel(func(m *ir.Model) bool { return holds(m, d.Was.Name) }); outer != nil {
		c.Errorf(lang.CodeModelChanged, s.Name.Sp, "%s is embedded in %s, whose documents would no longer match", s.Name.Name, outer.Name).
			WithHint("declare the new form as a model with another name")
		return false
	}
	return true
}

// holds reports whether documents of m contain values of the named model.
func holds(m *ir.Model, name string) bool {
	i := sort.SearchStrings(m.Uses, name)
	return i < len(m.Uses) && m.Uses[i] == name
}

// extended returns the declaration with everything that EXTENDS copies placed first.
func (c *Builder) extended(s *lang.ModelStmt) *lang.ModelStmt {
	out := *s
	out.Extends = lang.Ident{}
	if s.Extends.Name == "" {
		return &out
	}
	base := c.Model(s.Extends)
	if base == nil {
		return &out
	}
	out.Fields = append(append([]*lang.FieldDecl{}, base.Decl.Fields...), s.Fields...)
	out.Rules = append(append([]*lang.RuleDecl{}, base.Decl.Rules...), s.Rules...)
	out.Options = nil
	for _, o := range base.Decl.Options {
		if optionOf(s.Options, o.Kind) == nil {
			out.Options = append(out.Options, o)
		}
	}
	out.Options = append(out.Options, s.Options...)
	return &out
}

// build builds a model from a declaration without EXTENDS. For an embedded value, the model has only the declared fields.
func (c *Builder) build(decl *lang.ModelStmt, embedded bool) *ir.Model {
	decl = c.presentIn(decl)
	m := &ir.Model{Name: decl.Name.Name, Names: c.otherNames(decl.Name.Name), Decl: decl}
	wasPinned := c.Pinned
	c.building, c.Pinned = &building{m.Name, c.building}, true
	c.CountFields(c.declared(m, decl, embedded), decl.Name.Sp)
	for _, f := range m.Fields {
		if !f.Collection() {
			flatten(m, f, f, f.Name, false, nil)
		}
	}
	collectionColumns(m)
	m.Members = ir.MemberIndexes(m)
	c.defaults(m, decl)
	outer := c.Enter(&expr.Scope{})
	c.Scope.Model, c.Scope.Doc, c.Scope.Rule, c.Scope.Clause = m, m, "CHECK", "CHECK"
	c.Scope.Row = &ir.Row{Base: ir.Base{T: types.RowType(m), Sp: decl.Name.Sp}}
	c.fieldRules(m, m, decl, "", nil)
	c.modelRules(m, decl)
	c.Enter(outer)
	m.Prefix = m.StoredName() + ":"
	c.options(m, decl)
	if !embedded {
		c.mortalParts(m, decl)
		c.writers(m, decl)
		c.guards(m, decl)
		c.keepers(m, decl)
		c.earlier(m)
		c.links(m, decl)
		c.spread(m, decl)
		m.Def = lang.Print(decl)
	}
	c.building, c.Pinned = c.building.around, wasPinned
	return m
}

// declared builds the fields, with the implicit key first. It returns the number of fields and rules, including those of embedded
// models.
func (c *Builder) declared(m *ir.Model, decl *lang.ModelStmt, embedded bool) (size int) {
	size = len(decl.Rules)
	from := c.placeIn(decl)
	var key *lang.FieldDecl
	for _, f := range decl.Fields {
		if f.Key && key != nil {
			c.Errorf(lang.CodeBadModel, f.Name.Sp, "%s has two KEY fields, %s and %s", m.Name, key.Name.Name, f.Name.Name).WithHint("a model has one KEY; UNIQUE (a, b) takes several fields")
		} else if f.Key {
			key = f
		}
	}
	if key == nil && !embedded {
		m.Key = &ir.Field{Name: "id", Type: lang.TypeString, Key: true, Default: &ir.Call{Base: ir.Base{T: lang.TypeString, Sp: decl.Name.Sp}, Fn: "uuid"}}
		m.AddField(m.Key)
	}
	var revision *ir.Field
	for _, d := range decl.Fields {
		if m.Field(d.Name.Name) != nil || m.Link(d.Name.Name) != nil {
			if d.Name.Name == "id" && key == nil && !embedded && m.Fields[0] == m.Key && m.Key == m.Field("id") {
				c.Errorf(lang.CodeBadModel, d.Name.Sp, "a model without KEY has the key id, so this id must be the KEY").WithHint("id %s KEY", lang.Print(d.Type))
			} else {
				c.Errorf(lang.CodeDuplicateField, d.Name.Sp, "%s has the field %s twice", m.Name, d.Name.Name)
			}
			continue
		}
		f := &ir.Field{Name: d.Name.Name, Pos: len(m.Fields), Key: d.Key, Unique: d.Unique, Index: d.Index}
		c.fieldType = d.Type
		f.Type, f.Emb = c.TypeOf(d.Type)
		if !embedded {
			far := false
			if f.Type, far = c.marked(f.Type, m, from, f.Name); far && f.Emb != nil {
				f.Emb = f.Emb.Retyped(func(t lang.Type) lang.Type { t, _ = c.marked(t, m, from, ""); return t })
			}
		}
		c.fieldType = nil
		if f.Type.Kind == lang.KRefs {
			c.link(m, f, d)
			continue
		}
		c.attributes(f, d)
		if d == key {
			m.Key = f
		}
		if f.Revision && revision != nil {
			c.Errorf(lang.CodeBadModel, d.Name.Sp, "%s has two REVISION fields, %s and %s", m.Name, revision.Name, f.Name)
		} else if f.Revision {
			revision = f
		}
		size += c.sizeOf(f.Type)
		full := size > lang.MaxFields && !c.Loading
		if full {
			f.Type, f.Emb = lang.TypeUnknown, nil
		}
		m.AddField(f)
		if full {
			c.Errorf(lang.CodeTooLarge, d.Name.Sp, "%s has more than %d fields and rules, including those of the models it embeds", m.Name, lang.MaxFields).
				WithHint("move some fields into another model, and point to it with a ref")
			break
		}
		useEmbedded(m, f.Type, f.Emb, c)
	}
	c.sized(m, size)
	if m.Key == nil && !embedded { // its declaration had an error
		m.Key = m.Fields[0]
	}
	sort.Strings(m.Uses)
	return size
}

// useEmbedded records the models that a field embeds, also inside lists and maps.
func useEmbedded(m *ir.Model, t lang.Type, emb *ir.Model, c *Builder) {
	for t.Kind == lang.KList || t.Kind == lang.KMap {
		t = *t.Elem
	}
	if t.Kind != lang.KEmbedded {
		return
	}
	if emb == nil {
		emb = c.Embedded(t.Model)
	}
	names := []string{t.Model}
	if emb != nil {
		names = append(names, emb.Uses...)
	}
	for _, n := range names {
		if !slices.Contains(m.Uses, n) {
			m.Uses = append(m.Uses, n)
		}
	}
}

// attributes checks the attributes of a field.
func (c *Builder) attributes(f *ir.Field, d *lang.FieldDecl) {
	if f.Collection() {
		c.collectionAttributes(f, d)
	}
	c.cascadeTTL(f, d)
	c.onDelete(f, d)
	if f.Type.Kind == lang.KUnknown {
		return
	}
	c.foreignForm(f, d)
	if d.Key {
		c.keyField(f, d)
	}
	if d.Revision {
		c.revisionField(f, d)
	}
	elem := f.Type
	if d.Index && elem.Kind == lang.KList {
		elem = *elem.Elem
	}
	if (d.Index || d.Unique) && f.Type.Kind == lang.KText {
		c.Errorf(lang.CodeBadModel, d.Name.Sp, "a text cannot have an INDEX or be UNIQUE: it is searched by its words").WithHint("use string instead")
		return
	}
	if d.Index && !types.Indexable(elem) && f.Type.Kind != lang.KGeo {
		c.Errorf(lang.CodeBadModel, d.Name.Sp, "a field of type %s cannot have an INDEX", types.Describe(f.Type)).WithHint("%s", insideHint(f.Type))
	}
	if d.Unique && !types.Indexable(f.Type) {
		c.Errorf(lang.CodeBadModel, d.Name.Sp, "a field of type %s cannot be UNIQUE", types.Describe(f.Type))
	}
}

// foreignForm records how other programs write a field.
func (c *Builder) foreignForm(f *ir.Field, d *lang.FieldDecl) {
	switch {
	case f.Type.Kind == lang.KRef:
		if d.Type.Form.Name != "" {
			f.Variant, f.Around = lang.VariantKey, c.namesOf(f.Type.Model)
		}
	case d.Type.Of != nil && f.Type.Kind.Info().Variants != nil:
		f.Variant = strings.ToLower(d.Type.Of.Name)
	}
	f.Lenient, f.EmptyNull = d.Lenient, d.EmptyIsNull
	if f.Collection() || !d.Lenient && !d.EmptyIsNull {
		return
	}
	word := "LENIENT"
	if d.EmptyIsNull {
		word = "EMPTY IS NULL"
	}
	switch {
	case f.Type.Kind == lang.KEmbedded:
		c.Errorf(lang.CodeBadModel, d.Sp, "%s is an embedded value; only its fields can be %s", f.Name, word)
	case d.Key:
		c.Errorf(lang.CodeBadModel, d.Sp, "the KEY cannot be null, so it cannot be %s", word)
	case !f.Type.Null:
		c.Errorf(lang.CodeBadModel, d.Sp, "%s reads a missing value as null, so %s must be nullable", word, f.Name).WithHint("%s %s? %s", f.Name, lang.Print(d.Type), word)
	}
}

func insideHint(t lang.Type) string {
	if t.Kind == lang.KEmbedded {
		return "declare it on a field of " + t.Model + ", or as INDEX (path)"
	}
	return "an index covers a single value or the elements of a list of such values"
}

func (c *Builder) keyField(f *ir.Field, d *lang.FieldDecl) {
	switch {
	case !f.Type.Kind.Info().Key:
		c.Errorf(lang.CodeBadModel, d.Type.Sp, "the KEY must be a string, an int or an int64, not %s", types.Describe(f.Type))
	case f.Type.Null:
		c.Errorf(lang.CodeBadModel, d.Type.Sp, "the KEY cannot be null")
	case types.IsInteger(f.Type) && d.Default != nil:
		c.Errorf(lang.CodeBadModel, d.Default.Span(), "an %s KEY cannot have a DEFAULT: it must be given", types.Describe(f.Type))
	case d.Unique:
		c.Errorf(lang.CodeBadModel, d.Name.Sp, "the KEY is already unique").WithHint("leave UNIQUE out")
	case d.Index:
		c.Errorf(lang.CodeBadModel, d.Name.Sp, "the KEY is already ordered").WithHint("leave INDEX out")
	}
}

// revisionField checks a REVISION field: an int that is 1 in a new document.
func (c *Builder) revisionField(f *ir.Field, d *lang.FieldDecl) {
	f.Revision = true
	switch {
	case f.Type.Kind != lang.KInt || f.Type.Null:
		c.Errorf(lang.CodeBadModel, d.Type.Sp, "a REVISION must be an int that is never null, not %s", f.Type)
	case d.Default != nil:
		c.Errorf(lang.CodeBadModel, d.Default.Span(), "a REVISION starts at 1 and cannot have a DEFAULT")
	case d.Key, d.Unique:
		c.Errorf(lang.CodeBadModel, d.Name.Sp, "a REVISION does not identify a document, so it cannot be KEY or UNIQUE")
	}
	f.Default = &ir.Const{Base: ir.Base{T: lang.TypeInt, Sp: d.Sp}, Value: int64(1), Raw: int64(1), Ord: -1}
}

// flatten builds the columns of field leaf, at path inside the top-level field top. A column is nullable if its own type or an
// enclosing optional value is.
func flatten(m *ir.Model, top, leaf *ir.Field, path string, nullable bool, parent *ir.Column) {
	add := func(col *ir.Column) *ir.Column {
		col.Name, col.Field, col.Leaf, col.Parent = path, top, leaf, parent
		m.AddColumn(col)
		top.Columns = append(top.Columns, col)
		return col
	}
	if leaf.Emb == nil {
		add(&ir.Column{Type: types.NullIf(leaf.Type, nullable), Required: nullable && !leaf.Type.Null})
		return
	}
	if leaf.Type.Null {
		parent = add(&ir.Column{Type: lang.TypeBool.OrNull(), Presence: true})
		nullable = true
	}
	for _, f := range leaf.Emb.Fields {
		flatten(m, top, f, path+"."+f.Name, nullable, parent)
	}
}

// defaults checks the DEFAULT of each field. It may use the fields declared before it.
func (c *Builder) defaults(m *ir.Model, decl *lang.ModelStmt) {
	sc := &expr.Scope{Model: m, Doc: m, Rule: "DEFAULT", Clause: "DEFAULT"}
	sc.Row = &ir.Row{Base: ir.Base{T: types.RowType(m), Sp: decl.Name.Sp}}
	outer := c.Enter(sc)
	defer c.Enter(outer)
	for _, d := range decl.Fields {
		f := m.Field(d.Name.Name)
		if d.Default == nil || f == nil || f.Collection() {
			continue
		}
		sc.Before = f.Pos
		f.Default = c.Assigned(c.Expr(d.Default), f.Name, f.Type)
	}
}

// options checks the options after the body.
func (c *Builder) options(m *ir.Model, decl *lang.ModelStmt) {
	for _, o := range decl.Options {
		switch {
		case o.Kind == "TTL":
			c.ttlOption(m, o)
		case o.Kind == "PARTITION":
			c.partition(m, o)
		case o.Kind == "STORED" && o.Word == "JSON":
			m.JSON = true
			for _, col := range m.Columns {
				col.JSON = true
			}
		case o.Kind == "INDEXED":
			m.IndexedBy = o.Word
		}
	}
}

// collectionAttributes rejects attributes that a collection cannot have.
func (c *Builder) collectionAttributes(f *ir.Field, d *lang.FieldDecl) {
	if d.Check != nil {
		c.Errorf(lang.CodeBadModel, d.Check.Span(), "a collection cannot have a CHECK: %s is not part of the document", f.Name)
	}
	if d.Default != nil {
		if l, ok := d.Default.(*lang.List); !ok || len(l.Items) > 0 {
			c.Errorf(lang.CodeBadModel, d.Default.Span(), "a collection starts empty: its only DEFAULT is []")
		}
	}
	if d.EmptyIsNull || d.Lenient || d.Revision {
		c.Errorf(lang.CodeBadModel, d.Sp, "%s is a collection, whose only attributes are DEFAULT [] and ON DELETE", f.Name)
	}
}

// collectionColumns gives each collection of a model the column that reads all its members.
func collectionColumns(m *ir.Model) {
	for i, f := range m.Collections() {
		f.Items = &ir.Column{
			Name: f.Name, Type: f.Value(), Slot: len(m.Columns) + i, Field: f, Leaf: f,
			Coll: &ir.Collection{Field: f, Op: "items"},
		}
	}
}

// sizeOf returns how much a field of type t adds to the size of its model: the field itself, and what it embeds.
func (c *Builder) sizeOf(t lang.Type) int {
	for (t.Kind == lang.KList || t.Kind == lang.KMap) && t.Elem != nil {
		t = *t.Elem
	}
	if t.Kind != lang.KEmbedded {
		return 1
	}
	if c.sizes[t.Model] == 0 {
		c.Embedded(t.Model)
	}
	return 1 + c.sizes[t.Model]
}

// sized records the size of a model, for those that embed it.
func (c *Builder) sized(m *ir.Model, size int) {
	if c.sizes == nil {
		c.sizes = map[string]int{}
	}
	c.sizes[m.Name] = size
}
