// Package ir is the checked program: the schema with every name resolved and every expression typed. The checker builds it; the
// planner, the Lua generator, the evaluator and the judge read it. It is immutable once built, so programs and schemas are safe
// for concurrent use.
package ir
