// Package tree represents Lua as a tree until it is printed.
//
// A Node is a statement, an expression or a block. The generator builds nodes
// from templates (Stmts, Expr): Lua text with holes, parsed once and cached, in
// which other nodes are inserted. A value of a program enters a tree only as a
// String node, so its text can never be mistaken for code, whatever it
// contains. A part that is not yet known is a node made by Late, which is
// filled before printing.
//
// A template and its arguments are one node, and printing needs no more. Its
// statements and expressions become nodes of their own when something looks at
// them: Filled, Walk, Rewrite. Scan finds names without that.
//
// The package supports Lua 5.1 without method calls, goto and long strings,
// which generated scripts do not use.
package tree
