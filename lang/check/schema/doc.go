// Package schema makes models of their declarations, compares a model with the
// one that is stored, and reads models back from a catalog.
package schema
