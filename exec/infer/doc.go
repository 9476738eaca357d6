// Package infer proposes the type of a field from the texts that are stored in it.
package infer
