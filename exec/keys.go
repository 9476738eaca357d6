package exec

import (
	"strconv"

	"github.com/rql-lang/rql/lang/ir"
)

// keyspace builds every key name that RQL uses. Prefix is the namespace with its colon, or "".
type keyspace struct{ prefix string }

func newKeyspace(ns string) keyspace {
	if ns == "" {
		return keyspace{}
	}
	return keyspace{ns + ":"}
}

func (k keyspace) catalog() string                   { return k.prefix + "rql:catalog" }
func (k keyspace) never() string                     { return k.prefix + "rql:never" }
func (k keyspace) undeclared() string                { return k.prefix + "rql:undeclared" }
func (k keyspace) once(key string) string            { return k.prefix + "rql:once:" + key }
func (k keyspace) fence() string                     { return k.prefix + "rql:fence" }
func (k keyspace) lock(model, id string) string      { return k.prefix + "rql:lock:" + model + ":" + id }
func (k keyspace) ids(m *ir.Model) string            { return k.prefix + "rql:ids:" + m.Name }
func (k keyspace) docs(m *ir.Model) string           { return k.prefix + m.Prefix }
func (k keyspace) doc(m *ir.Model, id string) string { return k.prefix + m.Prefix + id + m.Suffix }

// named are the names of documents.
func (k keyspace) named(m *ir.Model, ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = k.doc(m, id)
	}
	return out
}

func (k keyspace) index(m *ir.Model, ix *ir.Index) string {
	return k.prefix + "rql:ix:" + m.Name + ":" + ix.Name
}
func (k keyspace) collections(m *ir.Model) string { return k.prefix + "rql:c:" + m.Name + ":" }

// searchIndexes is what the names of a model's Search indexes begin with; their numbers follow.
func (k keyspace) searchIndexes(model string) string { return k.prefix + "rql:ft:" + model + ":" }
func (k keyspace) unique(m *ir.Model, ix *ir.Index) string {
	return k.prefix + "rql:uq:" + m.Name + ":" + ix.Name
}

// keyText is the text of a document's key as it stands in key names.
func keyText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	}
	return "", false
}
