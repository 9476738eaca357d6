// Package schema builds models from their declarations, compares a model with the stored one, and loads models from a catalog.
package schema
