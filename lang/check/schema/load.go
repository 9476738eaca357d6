package schema

import (
	"context"
	"fmt"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/ir"
)

// Definition is a model as stored in the catalog.
type Definition struct {
	Def     string // Model.Def
	Version string
	Names   ir.Names
}

// LoadModel returns the model for a definition in a catalog. Models that it embeds must be in the schema. If a ref points to a
// model that is not, its key is assumed to be a string, so use LoadSchema for models that refer to each other.
func LoadModel(def string, schema *ir.Schema, version string, parse func(*lang.Source) *lang.File) (*ir.Model, error) {
	decl, err := parseModel(def, parse)
	if err != nil {
		return nil, err
	}
	return loadModel(decl, def, schema, version, nil, nil)
}

// LoadSchema loads definitions of a catalog and adds the models to a schema of those that need not be loaded again. It finds an
// order in which embedded models come first.
func LoadSchema(schema *ir.Schema, defs []Definition, parse func(*lang.Source) *lang.File) (*ir.Schema, error) {
	decls := make([]*lang.ModelStmt, len(defs))
	for i, d := range defs {
		var err error
		if decls[i], err = parseModel(d.Def, parse); err != nil {
			return nil, err
		}
	}
	byName := make(map[string]*lang.ModelStmt, len(decls))
	names := make(map[string]ir.Names, len(decls))
	for i, d := range decls {
		if byName[d.Name.Name] == nil {
			byName[d.Name.Name], names[d.Name.Name] = d, defs[i].Names
		}
	}
	for left := len(defs); left > 0; {
		before := left
		for i, decl := range decls {
			if schema.Model(decl.Name.Name) != nil || !ready(decl, byName, schema) {
				continue
			}
			m, err := loadModel(decl, defs[i].Def, schema, defs[i].Version, byName, names)
			if err != nil {
				return nil, err
			}
			schema = schema.With(m)
			left--
		}
		if left == before {
			return nil, fmt.Errorf("the catalog has models that embed each other, or one model twice")
		}
	}
	return schema, nil
}

// ready reports whether everything that the model embeds is in the schema already.
func ready(decl *lang.ModelStmt, decls map[string]*lang.ModelStmt, schema *ir.Schema) bool {
	ok := true
	for _, f := range decl.Fields {
		for t := f.Type; t != nil && !isType(t.Name, "ref") && !isType(t.Name, "refs"); t = t.Of {
			ok = ok && (decls[t.Name] == nil || schema.Model(t.Name) != nil)
		}
	}
	return ok
}

func parseModel(def string, parse func(*lang.Source) *lang.File) (*lang.ModelStmt, error) {
	file := parse(lang.NewSource("catalog", def))
	if err := file.Diags.Err(); err != nil {
		return nil, fmt.Errorf("reading a model definition: %w", err)
	}
	if len(file.Stmts) == 1 {
		if decl, ok := file.Stmts[0].(*lang.ModelStmt); ok && decl.Extends.Name == "" {
			return decl, nil
		}
	}
	return nil, fmt.Errorf("reading a model definition: %q is not one MODEL statement", def)
}

// rulesOnly wraps a Builder for the expressions of a model, which may not contain queries.
type rulesOnly struct{ *Builder }

// Linked is never called: such queries are rejected earlier.
func (r rulesOnly) Linked(*expr.Linking, lang.Stmt, *ir.Variable) (ir.Stmt, lang.Type, ir.Expr) {
	return nil, lang.TypeUnknown, nil
}

// Subquery is never called: such queries are rejected earlier.
func (r rulesOnly) Subquery(x *lang.Subquery, _ bool) ir.Expr { return r.Unknown(x.Sp) }

// InBlock is never asked: rules do not follow refs.
func (r rulesOnly) InBlock() bool { return false }

func loadModel(decl *lang.ModelStmt, def string, schema *ir.Schema, version string, later map[string]*lang.ModelStmt, names map[string]ir.Names) (*ir.Model, error) {
	if schema == nil {
		schema = ir.NewSchema()
	}
	c := New(expr.New(context.Background(), &lang.File{Source: lang.NewSource("catalog", def)}, schema, &expr.Options{}))
	c.Above, c.Later, c.Loading, c.Head, c.names = rulesOnly{&c}, later, true, &ir.Head{}, names
	var m *ir.Model
	c.Run(func() { m = c.build(decl, false) })
	if err := c.Diags.Err(); err != nil {
		return nil, fmt.Errorf("the stored definition of %s: %w", decl.Name.Name, err)
	}
	m.Version = version
	return m, nil
}
