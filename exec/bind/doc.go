// Package bind computes the arguments of a plan's script: keys, values, index ranges, documents and Search queries, each checked
// and encoded as it is stored. It does no input or output.
package bind
