// Package expr checks expressions: it resolves their names, types them, converts literals and parameters to the types of their
// places, and computes constant expressions.
package expr
