// Package keyspace names every key that RQL uses in a database. Nothing else
// puts a key's name together.
package keyspace
