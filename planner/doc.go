// Package planner turns a checked statement into a plan: it finds the indexes
// that a predicate can use, decides which part of the work is a script, plain
// commands or done in Go, and prints all of it as EXPLAIN. It does no I/O: the
// catalog is part of the program, and the server's capabilities are passed as
// Caps.
//
// Compatibility does not cover this package: the names of package rql are
// those that stay. This one is exported for tools that are released with it.
package planner
