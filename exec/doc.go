// Package exec executes plans: it opens connections, maintains the catalog,
// binds parameters, sends scripts and commands, and returns rows.
//
// Compatibility does not cover this package: the names of package rql are
// those that stay. This one is exported for tools that are released with it.
package exec
