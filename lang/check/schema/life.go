package schema

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/ir"
)

// ttlOption is TTL d behind a model: a duration that stands in the text.
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

// mortal reports a declaration with TTL.
func mortal(decl *lang.ModelStmt) bool { return decl != nil && optionOf(decl.Options, "TTL") != nil }

// mortalParts refuses values of models with TTL inside documents.
func (c *Builder) mortalParts(m *ir.Model, decl *lang.ModelStmt) {
	for _, name := range m.Uses {
		if in := c.Schema.Model(name); in != nil && mortal(in.Decl) {
			c.Errorf(lang.CodeBadModel, decl.Name.Sp, "%s has a TTL, and a value inside a document cannot end by itself", name).
				WithHint("point to it by ref<%s>", name)
		}
	}
}
