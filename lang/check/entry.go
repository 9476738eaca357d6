package check

import (
	"context"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/check/report"
	"github.com/rql-lang/rql/lang/check/schema"
	"github.com/rql-lang/rql/lang/ir"
)

// Options say in what circumstances a file is checked.
type Options = expr.Options

// Definition is a model or a procedure as the catalog keeps it.
type Definition = schema.Definition

// LoadModel turns the definition of a model in a catalog back into the model:
// see [schema.LoadModel].
func LoadModel(def string, known *ir.Schema, version string, parse func(*lang.Source) *lang.File) (*ir.Model, error) {
	return schema.LoadModel(def, known, version, parse)
}

// LoadSchema turns definitions of a catalog back into their models and adds them to a schema.
func LoadSchema(to *ir.Schema, defs []Definition, parse func(*lang.Source) *lang.File) (*ir.Schema, error) {
	return schema.LoadSchema(to, defs, parse)
}

// Diff compares a stored model with a new declaration of it: see [schema.Diff].
func Diff(was, now *ir.Model) (*Changes, *lang.Diag) { return schema.Diff(was, now) }

// Changes are the differences of two definitions of a model.
type Changes = schema.Changes

// Altered is what ALTER MODEL makes of a model.
type Altered = schema.Altered

// Alter computes what ALTER MODEL makes of a model: see [schema.Alter].
func Alter(ctx context.Context, known *ir.Schema, was *ir.Model, s *lang.AlterStmt, src *lang.Source) (*Altered, *lang.Diag) {
	return schema.Alter(ctx, known, was, s, src)
}

// LoadAltered is Alter for a statement that the catalog holds: see [schema.LoadAltered].
func LoadAltered(known *ir.Schema, was *ir.Model, s *lang.AlterStmt, src *lang.Source) (*Altered, *lang.Diag) {
	return schema.LoadAltered(known, was, s, src)
}

// Placed is a declared model with what is known of the stored one that it comes after: see [schema.Placed].
func Placed(m, was *ir.Model, known *ir.Schema) (*ir.Model, *lang.Diag, error) {
	return schema.Placed(m, was, known)
}

// Renames reports a statement that changes names and nothing of what is stored.
func Renames(s *lang.AlterStmt) bool { return schema.Renames(s) }

// Older asks whether a program with an earlier definition can go on: see [schema.Older].
func Older(was, now *ir.Model) *lang.Diag { return schema.Older(was, now) }

// Lack is something that a program's models have and those of a database lack.
type Lack = schema.Lack

// Needs lists what the schema of a database lacks of what a program declares: see [schema.Needs].
func Needs(have, want *ir.Schema) []Lack { return schema.Needs(have, want) }

// Remedies are the statements that bring what is lacking.
func Remedies(lacks []Lack) []string { return schema.Remedies(lacks) }

// Filled lists the fields that a document without them is given: those that may
// not be null and have a constant DEFAULT.
func Filled(m *ir.Model) []*ir.Field { return schema.Filled(m) }

// NotBuilt lists the parts of the language that the checker still refuses with
// the code not-built.
func NotBuilt() []string { return report.NotBuiltNames() }
