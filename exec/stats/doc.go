// Package stats counts documents, index entries and expirations of each model, and estimates their memory.
package stats
