// Package verify compares the documents of a model with its definition, its indexes and its collections, and reports what does
// not fit.
package verify
