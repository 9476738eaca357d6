// Package catalog keeps the definitions of models and procedures, which a database stores under one key. It reads them into a
// schema, and changes one with compare-and-set on its version.
package catalog
