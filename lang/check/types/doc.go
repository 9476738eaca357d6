// Package types answers questions about types that the checker asks: which
// type two values have together, which converts into which, and how a message
// names them.
package types
