// Package infer proposes the type of a field from its stored values.
package infer
