// Package plan defines the physical plan of a statement: all decisions made
// before any code is generated. The planner fills it in, package lua generates
// scripts from it, package search fills in its queries, the executor runs it,
// and EXPLAIN prints it. It makes no decisions itself.
package plan
