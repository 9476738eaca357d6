// Package ir is the checked program: the schema with every name resolved and
// every expression typed. The checker makes it; the planner, the Lua
// generator, the evaluator and the judge read it. Nothing in it is changed
// after it was made, so a program and a schema can be shared by goroutines.
package ir
