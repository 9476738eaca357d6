// Package lua generates all Lua that RQL sends: scans that read (NewScan),
// blocks that write (NewBlock), backfills, and changes of the catalog (Define).
// A script's text depends only on the shape of its statement; values are passed
// in the slots of its ARGV, which the executor fills.
//
// A script consists of the parts of the runtime that it uses, which are the
// functions in scripts/*.lua, and of generated code, which is a tree (package
// lua/tree) until it is printed: see writer.w, ex and st. The runtime keeps to
// the Lua that Redis and the embedded server have in common, and computes the
// same results as package lang/eval, byte for byte.
//
// A block runs in three phases: documents are loaded, changed and checked in
// the script's memory, and only when everything has succeeded are commands
// sent, none of which can fail.
//
// Compatibility does not cover this package: the names of package rql are
// those that stay. This one is exported for tools that are released with it.
package lua
