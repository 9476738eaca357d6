package check

import (
	"context"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/check/schema"
	"github.com/rql-lang/rql/lang/ir"
)

// Options describe the context in which a file is checked.
type Options = expr.Options

// Definition is a model or a procedure as stored in the catalog.
type Definition = schema.Definition

// LoadModel returns the model for a definition in a catalog: see [schema.LoadModel].
func LoadModel(def string, known *ir.Schema, version string, parse func(*lang.Source) *lang.File) (*ir.Model, error) {
	return schema.LoadModel(def, known, version, parse)
}

// LoadSchema loads definitions of a catalog and adds them to a schema.
func LoadSchema(to *ir.Schema, defs []Definition, parse func(*lang.Source) *lang.File) (*ir.Schema, error) {
	return schema.LoadSchema(to, defs, parse)
}

// Diff compares a stored model with a new declaration of it: see [schema.Diff].
func Diff(was, now *ir.Model) (*Changes, *lang.Diag) { return schema.Diff(was, now) }

// Changes are the differences of two definitions of a model.
type Changes = schema.Changes

// Altered is the result of ALTER MODEL.
type Altered = schema.Altered

// Alter computes the result of ALTER MODEL: see [schema.Alter].
func Alter(ctx context.Context, known *ir.Schema, was *ir.Model, s *lang.AlterStmt, src *lang.Source) (*Altered, *lang.Diag) {
	return schema.Alter(ctx, known, was, s, src)
}

// LoadAltered is Alter for a statement stored in the catalog: see [schema.LoadAltered].
func LoadAltered(known *ir.Schema, was *ir.Model, s *lang.AlterStmt, src *lang.Source) (*Altered, *lang.Diag) {
	return schema.LoadAltered(known, was, s, src)
}

// Placed adds to a declared model what is known from the stored one that it replaces: see [schema.Placed].
func Placed(m, was *ir.Model, known *ir.Schema) (*ir.Model, *lang.Diag, error) {
	return schema.Placed(m, was, known)
}

// Renames reports whether a statement changes only names, and nothing that is stored.
func Renames(s *lang.AlterStmt) bool { return schema.Renames(s) }

// RenamesModel returns the name that a statement gives to its model: see [schema.RenamesModel].
func RenamesModel(s *lang.AlterStmt) lang.Ident { return schema.RenamesModel(s) }

// RenameModel returns what changes when a model is called to: see [schema.RenameModel].
func RenameModel(ctx context.Context, known *ir.Schema, was *ir.Model, to string) (*ir.Moved, *lang.Diag) {
	return schema.RenameModel(ctx, known, was, to)
}

// Unlinked returns why a backlink of a model cannot be followed, and what to do: see [schema.Unlinked].
func Unlinked(known *ir.Schema, m *ir.Model, later []string) (why, hint string) {
	return schema.Unlinked(known, m, later)
}

// Severed returns why a backlink of another model to m can no longer be followed, and what to do: see [schema.Severed].
func Severed(known *ir.Schema, m *ir.Model) (why, hint string) { return schema.Severed(known, m) }

// Older returns an error if a program with an earlier definition cannot continue: see [schema.Older].
func Older(was, now *ir.Model) *lang.Diag { return schema.Older(was, now) }

// Lack is something that a program's models have and those of a database do not.
type Lack = schema.Lack

// Needs returns what the schema of a database lacks of what a program declares: see [schema.Needs].
func Needs(have, want *ir.Schema) []Lack { return schema.Needs(have, want) }

// Remedies returns the statements that add what is lacking.
func Remedies(lacks []Lack) []string { return schema.Remedies(lacks) }

// Transition returns the statements that lead from the models of one schema to those of another: see [schema.Transition].
func Transition(ctx context.Context, from, to *ir.Schema, lossy bool) (statements, notes []string) {
	return schema.Transition(ctx, from, to, lossy)
}

// Filled returns the fields that documents without them get: those that are not nullable and have a constant DEFAULT.
func Filled(m *ir.Model) []*ir.Field { return schema.Filled(m) }
