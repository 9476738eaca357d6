// Package stats says how much there is of each model: documents, entries, ends, and an estimate of their memory.
package stats
