package schema

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// ttlOption checks the TTL of a model: a duration literal.
func (c *Builder) ttlOption(m *ir.Model, o *lang.OptionDecl) {
	outer := c.Enter(&expr.Scope{Clause: "TTL"})
	x := c.MustBe(o.TTL, lang.TypeDuration, "TTL")
	c.Enter(outer)
	if x.Type().Kind == lang.KUnknown {
		return
	}
	v, known := c.Literal(x)
	if !known {
		c.Errorf(lang.CodeBadModel, o.TTL.Span(), "the TTL of a model is a duration such as 30m, known when it is declared")
		return
	}
	d, _ := v.(lang.Duration)
	if d <= 0 || d > lang.MaxLife {
		c.Errorf(lang.CodeBadModel, o.TTL.Span(), "the TTL of a model is more than 0 and at most 100 years")
		return
	}
	m.TTL, m.Refresh, m.Expires = d, o.Refresh, true
	m.SetShadow(ir.PlaceNames(ir.ShadowOf(m)))
}

// cascadeTTL sets CASCADE TTL of a field: a change of a document's expiration extends that of the documents to which the field
// refers.
func (c *Builder) cascadeTTL(f *ir.Field, d *lang.FieldDecl) {
	switch {
	case !d.CascadeTTL || f.Type.Kind == lang.KUnknown:
	case !ir.RefInside(f.Type):
		c.Errorf(lang.CodeBadModel, d.Sp, "CASCADE TTL keeps the documents alive that a ref names, but %s is %s", f.Name, types.Describe(f.Type)).
			WithHint("it belongs to a ref, or to a list, a set or a pqueue of refs")
	default:
		f.CascadeTTL = true
	}
}

// keepers rejects CASCADE TTL in values that a document can have any number of, in lists and maps.
func (c *Builder) keepers(m *ir.Model, decl *lang.ModelStmt) {
	for _, f := range m.Fields {
		t := f.Type
		for (t.Kind == lang.KList || t.Kind == lang.KMap) && t.Elem != nil {
			t = *t.Elem
		}
		if t.Kind != lang.KEmbedded || f.Type.Kind == lang.KEmbedded {
			continue
		}
		if in := c.Embedded(t.Model); in != nil && len(in.Keepers()) > 0 {
			c.Errorf(lang.CodeBadModel, decl.Name.Sp, "%s is %s, and its %s has CASCADE TTL, which is followed only from a field of the document", f.Name, types.Describe(f.Type), in.Keepers()[0].Name()).
				WithHint("keep the refs in a list of the document too, which has CASCADE TTL")
		}
	}
}

// UseKept records the models whose documents' expiration may change with that of documents of m.
func (c *Builder) UseKept(m *ir.Model, sp lang.Span) {
	for _, k := range m.KeptWith(c.Schema.Model) {
		c.Use(k)
		for _, to := range k.Keepers() {
			if c.Schema.Model(to.Target) == nil {
				c.Errorf(lang.CodeUnknownModel, sp, "%s.%s keeps documents of %s alive, which is not declared yet", k.Name, to.Name(), to.Target)
			}
		}
	}
}

// mortal reports whether a declaration has TTL.
func mortal(decl *lang.ModelStmt) bool { return decl != nil && optionOf(decl.Options, "TTL") != nil }

// mortalParts refuses values of models with TTL inside documents.
func (c *Builder) mortalParts(m *ir.Model, decl *lang.ModelStmt) {
	for _, name := range m.Uses {
		if in := c.Schema.Model(name); in != nil && mortal(in.Decl) {
			c.Errorf(lang.CodeBadModel, decl.Name.Sp, "%s has a TTL, and a value inside a document cannot expire by itself", name).
				WithHint("point to it by ref<%s>", name)
		}
	}
}
