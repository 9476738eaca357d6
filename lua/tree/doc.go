// Package tree holds Lua as a tree until it is printed.
//
// A Node is a statement, an expression or a block. The generator makes nodes
// from templates (Stmts, Expr): Lua text with holes, parsed once and kept, into
// which other nodes are put. A value of a program enters a tree as a String
// node only, so that no text can meet the generator, whatever it holds. What is
// not known yet is a node made by Late, which is filled before printing.
//
// The package knows Lua 5.1 without method calls, goto and long
// strings, which generated scripts do without.
package tree
