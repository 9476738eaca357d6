// Package parser turns RQL text into the syntax tree of package lang.
//
// A hand-written lexer makes tokens and decides the one thing that needs context: whether a > inside ATOMIC is a comparison or
// ends the block. The clauses of a statement are a participle grammar (grammar.go, grammar_schema.go); the parts that participle
// does not express well are hand-written and plugged into it: expressions (by precedence climbing), SET items, keys and model
// bodies. Statements are selected by their first word, so no alternatives are tried.
//
// Parse never fails: errors are in File.Diags, and a statement that did not parse is a BadStmt, so the other statements are still
// read and checked.
//
// Shape, Split and Complete work on tokens alone: they give the key of the plan cache, the statements of a long stream, and
// whether a prompt should run the text typed so far.
//
// The compatibility promise does not cover this package; package rql is the stable API. It is exported for tools that are
// released together with it.
package parser
