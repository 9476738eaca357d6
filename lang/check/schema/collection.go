package schema

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// collectionType is set<T> or pqueue<T>: the whole type of a field, in a key of its own.
func (c *Builder) collectionType(t *lang.TypeExpr, kind lang.Kind) lang.Type {
	name := strings.ToLower(t.Name)
	if t.Of == nil || len(t.Args) > 0 {
		c.Errorf(lang.CodeBadModel, t.Sp, "the type %s says what it holds", name).WithHint("%s<string>", name)
		return lang.TypeUnknown
	}
	if t != c.fieldType {
		c.Errorf(lang.CodeBadModel, t.Sp, "a %s lives in a key of its own, so it is a field of a stored model and no part of another type", name).
			WithHint("a list can stand anywhere: list<%s>", strings.TrimSuffix(lang.Print(t.Of), "?"))
		return lang.TypeUnknown
	}
	elem, _ := c.TypeOf(t.Of)
	switch {
	case elem.Kind == lang.KUnknown:
		return lang.TypeUnknown
	case !elem.Kind.Info().Member:
		c.Errorf(lang.CodeBadModel, t.Of.Sp, "a %s holds single values, not %s", name, types.Describe(elem))
		return lang.TypeUnknown
	}
	if t.Of.Null {
		c.Errorf(lang.CodeBadModel, t.Of.Sp, "the elements of a %s are never null", name)
	}
	if t.Null {
		c.Errorf(lang.CodeBadModel, t.Sp, "a %s is never null: without members it is empty", name).WithHint("leave the ? out")
	}
	elem.Null = false
	return lang.Type{Kind: kind, Elem: &elem}
}

// collectionAttributes refuses what a collection cannot have.
func (c *Builder) collectionAttributes(f *ir.Field, d *lang.FieldDecl) {
	if d.Check != nil {
		c.Errorf(lang.CodeBadModel, d.Check.Span(), "a collection has no CHECK: %s is not part of the document", f.Name)
	}
	if d.Default != nil {
		if l, ok := d.Default.(*lang.List); !ok || len(l.Items) > 0 {
			c.Errorf(lang.CodeBadModel, d.Default.Span(), "a collection begins empty: its only DEFAULT is []")
		}
	}
	if d.OnDelete != "" || d.CascadeTTL || d.EmptyIsNull || d.Lenient || d.Revision {
		c.Errorf(lang.CodeBadModel, d.Sp, "%s is a collection, which has no attributes but DEFAULT []", f.Name)
	}
}

// collectionColumns gives each collection of a model the column by which all its members are read.
func collectionColumns(m *ir.Model) {
	for i, f := range m.Collections() {
		f.Items = &ir.Column{
			Name: f.Name, Type: f.Value(), Slot: len(m.Columns) + i, Field: f, Leaf: f,
			Coll: &ir.Collection{Field: f, Op: "items"},
		}
	}
}
