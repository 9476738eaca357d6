package keyspace

import (
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang/ir"
)

// Keys builds every key name that RQL uses. Prefix is the namespace with its colon, or "".
type Keys struct{ Prefix string }

// New gives the keys of a namespace; "" is none.
func New(ns string) Keys {
	if ns == "" {
		return Keys{}
	}
	return Keys{ns + ":"}
}

// Catalog is the hash of definitions and their versions.
func (k Keys) Catalog() string { return k.Prefix + "rql:catalog" }

// Never is a key that is never there, declared by scripts that touch none.
func (k Keys) Never() string { return k.Prefix + "rql:never" }

// Undeclared is a key that a script touches without declaring it, to see whether it may.
func (k Keys) Undeclared() string { return k.Prefix + "rql:undeclared" }

// Result holds the result of the ATOMIC KEY of a key.
func (k Keys) Result(key string) string { return k.Prefix + "rql:once:" + key }

// Migrations is the hash of what is known of migrations.
func (k Keys) Migrations() string { return k.Prefix + "rql:migrations" }

// Fence counts the holders of locks.
func (k Keys) Fence() string { return k.Prefix + "rql:fence" }

// Lock is the lock of a model and a key.
func (k Keys) Lock(model, id string) string { return k.Prefix + "rql:lock:" + model + ":" + id }

// IDs is the sorted set of the keys of a model's documents.
func (k Keys) IDs(m *ir.Model) string { return k.Prefix + "rql:ids:" + m.Name }

// Index is the sorted set of an index.
func (k Keys) Index(m *ir.Model, ix *ir.Index) string {
	return k.Prefix + "rql:ix:" + m.Name + ":" + ix.Place()
}

// Unique is the hash of the values of a UNIQUE constraint.
func (k Keys) Unique(m *ir.Model, ix *ir.Index) string {
	return k.Prefix + "rql:uq:" + m.Name + ":" + ix.Place()
}

// Ends is the sorted set of lower bounds of the ends of a model's documents.
func (k Keys) Ends(m *ir.Model) string { return k.Prefix + "rql:ttl:" + m.Name }

// Shadows is the hash of what is kept beside documents with an end.
func (k Keys) Shadows(m *ir.Model) string { return k.Prefix + "rql:exp:" + m.Name }

// Indexes names the keys of indexes and UNIQUE constraints.
func (k Keys) Indexes(m *ir.Model, indexes, uniques []*ir.Index) []string {
	var out []string
	for _, ix := range indexes {
		out = append(out, k.Index(m, ix))
	}
	for _, ix := range uniques {
		out = append(out, k.Unique(m, ix))
	}
	return out
}

// Collections is what the names of a model's collections begin with; field and key follow.
func (k Keys) Collections(m *ir.Model) string { return k.Prefix + "rql:c:" + m.Name + ":" }

// Collection is the key of a collection of a document.
func (k Keys) Collection(m *ir.Model, f *ir.Field, id string) string {
	return k.Collections(m) + f.Place() + ":" + id
}

// SearchIndexes is what the names of a model's Search indexes begin with; their numbers follow.
func (k Keys) SearchIndexes(model string) string { return k.Prefix + "rql:ft:" + model + ":" }

// Docs is what the names of a model's documents begin with.
func (k Keys) Docs(m *ir.Model) string { return k.Prefix + m.Prefix }

// Doc is the name of a document.
func (k Keys) Doc(m *ir.Model, id string) string { return k.Prefix + m.Prefix + id + m.Suffix }

// Pattern is the pattern of SCAN for the names of a model's documents.
func (k Keys) Pattern(m *ir.Model) string {
	return Escape(k.Docs(m)) + "*" + Escape(m.Suffix)
}

// Named are the names of documents.
func (k Keys) Named(m *ir.Model, ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = k.Doc(m, id)
	}
	return out
}

// IDOf is the key text in the name of a document.
func (k Keys) IDOf(m *ir.Model, name string) string {
	return strings.TrimSuffix(strings.TrimPrefix(name, k.Docs(m)), m.Suffix)
}

// Text is the text of a document's key as it stands in key names.
func Text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	}
	return "", false
}

// Texts are the texts of one key or a list of keys; false when one is null.
func Texts(v any) (texts []string, ok bool) {
	list, many := v.([]any)
	if !many {
		list = []any{v}
	}
	out := make([]string, 0, len(list))
	for _, x := range list {
		if t, ok := Text(x); ok {
			out = append(out, t)
		}
	}
	return out, len(out) == len(list)
}

// Escape makes a pattern that matches just the text.
func Escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(s)
}
