package schema

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/ir"
)

// Builder builds models from their declarations.
type Builder struct {
	expr.Checker
	Later     map[string]*lang.ModelStmt // the first MODEL with each name in the file, for refs to models declared later
	keys      map[string]lang.Type       // by model of the file: the type of its key
	building  *building                  // the models being declared
	embs      map[string]*ir.Model       // models as embedded values
	sizes     map[string]int             // by model: the number of its fields and rules, including those of embedded models
	fieldType *lang.TypeExpr             // the whole type of the field being declared
	patterned bool                       // a model has KEYS: its documents may have the names of another's
	looked    bool                       // the models of the schema were examined for patterned
	aliases   map[string]string          // earlier names of fields of the model; nil: those of the stored one
	names     map[string]ir.Names        // other names of models that are being loaded or renamed; those of the others are known to the schema
}

// New returns a builder of models whose expressions c checks.
func New(c expr.Checker) Builder { return Builder{Checker: c} }

// Model returns the model that a statement names.
func (c *Builder) Model(id lang.Ident) *ir.Model {
	m := c.Schema.Lookup(id.Name)
	if m != nil {
		c.Use(m)
		return m
	}
	d := c.Errorf(lang.CodeUnknownModel, id.Sp, "there is no model %s", id.Name)
	if now := c.firstModel(func(m *ir.Model) bool { return slices.Contains(m.Gone, id.Name) }); now != nil {
		d.WithHint("it was renamed to %s", now.Name)
		return nil
	}
	if c.Later[id.Name] != nil {
		d.WithHint("MODEL %s is declared further down; move it before this statement", id.Name)
		return nil
	}
	if n := lang.Nearest(id.Name, c.Schema.Names()); n != "" {
		c.DidYouMean(d, id.Sp, id.Name, n)
	} else {
		d.WithHint("declare it first: MODEL %s { … }", id.Name)
	}
	return nil
}

// earlier sets the earlier names of the fields of a new definition, which backlinks may use too.
func (c *Builder) earlier(m *ir.Model) {
	if c.Loading || c.Schema == nil {
		return
	}
	names := c.aliases
	if was := c.Schema.Model(m.Name); was != nil && names == nil {
		names = was.Aliases
	}
	m.Aliases = m.Still(names)
}

// firstModel returns the first model of the schema, by name, for which is returns true, or nil.
func (c *Builder) firstModel(is func(*ir.Model) bool) (first *ir.Model) {
	for m := range c.Schema.Models() {
		if (first == nil || m.Name < first.Name) && is(m) {
			first = m
		}
	}
	return first
}

// otherNames returns the other names of a model, which may be declared later in the file.
func (c *Builder) otherNames(model string) ir.Names {
	if n, known := c.names[model]; known {
		return n
	}
	if m := c.Schema.Model(model); m != nil {
		return m.Names
	}
	return ir.Names{}
}

// present returns a type in which models have their present names.
func (c *Builder) present(t *lang.TypeExpr) *lang.TypeExpr {
	if !c.Schema.Renames() {
		return t
	}
	return renamedType(t, func(name string) string {
		if c.Later[name] != nil {
			return name
		}
		return c.Schema.NameNow(name)
	})
}

// presentIn returns a declaration in which models have their present names.
func (c *Builder) presentIn(decl *lang.ModelStmt) *lang.ModelStmt {
	if !c.Schema.Renames() {
		return decl
	}
	out := cloned(decl)
	for _, f := range out.Fields {
		f.Type = c.present(f.Type)
	}
	return out
}

// building is a model being declared, and the one that embeds it.
type building struct {
	name   string
	around *building
}

func optionOf(options []*lang.OptionDecl, kind string) *lang.OptionDecl {
	for _, o := range options {
		if o.Kind == kind {
			return o
		}
	}
	return nil
}
