// Package parser turns RQL text into the syntax tree of package lang.
//
// A hand-written lexer makes tokens and decides the one thing that needs
// context: whether a > inside ATOMIC compares or ends the block. The clauses of
// a statement are a participle grammar (grammar.go, grammar_schema.go); what
// participle cannot say well is written by hand and hung into it: expressions
// by precedence climbing, SET items, keys and model bodies. Statements are
// found by their first word, so no alternatives are tried.
//
// Parse never fails: what is wrong is in File.Diags, and a statement that did
// not parse is a BadStmt, so that every other one is still read and checked.
//
// Shape, Split and Complete work on tokens alone: the key of a plan cache, the
// statements of a long stream, and whether a prompt should run what was typed.
package parser
