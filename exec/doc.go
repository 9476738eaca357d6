// Package exec carries plans out: it opens connections, keeps the catalog,
// binds parameters, sends scripts and commands, and gives rows.
package exec
