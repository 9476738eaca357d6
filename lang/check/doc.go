// Package check resolves the names of a parsed file against a schema, gives
// every expression its type, and reports every mistake at once. Its result is
// the checked program of package ir; the tree it reads is left as it was.
//
// The package itself checks statements. What they are made of is checked below
// it: models by package schema, expressions by package expr, both of which know
// types by package types and report by package report.
package check
