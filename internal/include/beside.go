package include

import (
	"context"
	"slices"

	"github.com/rql-lang/rql/exec/compile"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
)

// Declares calls each with what a file declares: models and procedures.
func Declares(f *lang.File, each func(name lang.Ident, st lang.Stmt)) {
	for _, st := range f.Stmts {
		switch st := st.(type) {
		case *lang.ModelStmt:
			each(st.Name, st)
		case *lang.ProcedureStmt:
			each(st.Name, st)
		}
	}
}

// Beside returns a schema with the models and procedures of others besides, which neither the schema nor a file of own has. Of two of a name
// the first counts.
func Beside(ctx context.Context, schema *ir.Schema, own, others []*lang.File) *ir.Schema {
	met := map[string]bool{}
	for _, f := range own {
		Declares(f, func(name lang.Ident, _ lang.Stmt) { met[name.Name] = true })
	}
	var left []*lang.Source
	for _, f := range others {
		Declares(f, func(name lang.Ident, st lang.Stmt) {
			if !met[name.Name] && schema.Model(name.Name) == nil {
				met[name.Name] = true
				left = append(left, lang.NewSource(f.Source.Name, f.Source.Slice(st.Span())))
			}
		})
	}
	for before := -1; before != len(left); { // one may name another that comes later
		before = len(left)
		left = slices.DeleteFunc(left, func(src *lang.Source) bool {
			prog, _, err := compile.Check(ctx, src, nil, check.Options{}, schema)
			if err != nil || prog == nil {
				return false
			}
			schema = prog.Schema
			return true
		})
	}
	return schema
}
