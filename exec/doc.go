// Package exec executes plans: it opens connections, maintains the catalog, binds parameters, sends scripts and commands, and
// returns rows.
//
// The compatibility promise does not cover this package; package rql is the stable API. It is exported for tools that are
// released together with it.
package exec
