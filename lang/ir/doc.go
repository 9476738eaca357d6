// Package ir is the checked program: the schema with every name resolved and
// every expression typed. The checker builds it; the planner, the Lua
// generator, the evaluator and the judge read it. It is immutable once built,
// so a program and a schema can be shared by goroutines.
package ir
