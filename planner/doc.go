// Package planner turns a checked statement into a plan: it finds the indexes that a predicate can use, decides which part of the
// work is a script, plain commands or done in Go, and prints all of it as EXPLAIN. It does no I/O: the catalog is part of the
// program, and the server's capabilities are passed as Caps.
//
// The compatibility promise does not cover this package; package rql is the stable API. It is exported for tools that are
// released together with it.
package planner
