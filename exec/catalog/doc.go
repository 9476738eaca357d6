// Package catalog keeps the definitions of models and procedures that a database stores under one key: it reads
// them into a schema, and changes one of them unless somebody else did.
package catalog
