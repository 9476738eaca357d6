// Package check resolves the names of a parsed file against a schema, types every expression, and reports all errors at once. Its
// result is the checked program of package ir. It does not change the tree.
//
// The package itself checks statements. Package schema checks models and package expr checks expressions; both use packages types
// and report.
package check
