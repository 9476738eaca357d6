// Package lang defines the basic types of RQL: source text and positions, the syntax tree, types, values, the schema that MODEL
// statements build, and diagnostics. It has no behaviour beyond printing, walking and comparing, and imports only the standard
// library.
//
// Data flows one way: text → tree (package parser) → checked program (package check, whose result is package ir) → plan → steps →
// rows.
//
// The compatibility promise does not cover this package, except for what package rql exports under its own names: Error,
// CheckError, Code and Outcome. It is exported for tools that are released together with it.
package lang
