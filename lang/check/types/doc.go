// Package types answers the checker's questions about types: the common type of two values, which types convert to which, and how
// messages name them.
package types
