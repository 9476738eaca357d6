// Package exec executes plans: it opens connections, maintains the catalog,
// binds parameters, sends scripts and commands, and returns rows.
package exec
