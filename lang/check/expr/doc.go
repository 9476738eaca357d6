// Package expr checks expressions: it resolves their names, gives them types,
// converts literals and parameters to the types of their places, and computes
// what is made of literals alone.
package expr
