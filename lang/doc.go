// Package lang holds the nouns of RQL: source text and positions, the syntax
// tree, types, values, the schema that MODEL statements build, and
// diagnostics. It has no behaviour beyond printing, walking and comparing, and
// imports nothing outside the standard library.
//
// The way through the house is one-way: text → tree (package parser) → checked
// program (package check, whose result is package ir) → plan → steps → rows.
package lang
