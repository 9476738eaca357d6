// Package keyspace builds the name of every key that RQL uses in a database. No other code builds key names.
package keyspace
