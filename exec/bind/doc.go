// Package bind computes the arguments of a plan's script: keys, values, ranges of
// indexes, documents and Search queries, each checked and written as it is stored. It does no input or output.
package bind
