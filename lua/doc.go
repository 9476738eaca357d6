// Package lua writes every line of Lua that RQL sends: scans that read
// (NewScan), blocks that write (NewBlock), backfills, and the change of the
// catalog (Define). A script's text depends on the shape of its statement
// alone; values travel in the slots of its ARGV, which the executor fills.
//
// A script is put together from pieces, the functions in scripts/*.lua, of
// which it holds those that it uses, and from generated code, which is a tree
// (package lua/tree) until it is printed: see writer.w, ex and st.
// The pieces keep to the Lua that Redis and the embedded server have in
// common, and compute what package lang/eval computes, byte for byte.
//
// A block works in three phases: documents are loaded, changed and checked in the
// script's memory, and only when everything holds are commands sent, none of
// which can fail.
package lua
