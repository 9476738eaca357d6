// Package plan holds the nouns of a physical plan: what is decided about a
// statement before any code is made of it. The planner fills it, package lua
// generates scripts from it, package search fills its queries, the executor
// runs it, and EXPLAIN prints it. It decides nothing itself.
package plan
