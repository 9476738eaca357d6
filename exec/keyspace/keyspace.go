package keyspace

import (
	"strings"

	"github.com/rql-lang/rql/lang/ir"
)

// Keys builds key names. Prefix is the namespace with its colon, or "", and in a bucket that of the bucket. Cell stands for the partition
// of the documents of models that have one: see [ir.Cell].
type Keys struct {
	Prefix, Cell string
	bucket       int     // the number of the bucket, from 1; 0: none
	spread       *spread // nil: all keys begin with Prefix
}

// New returns the keys of a namespace; "" means none.
func New(ns string) Keys {
	if ns == "" {
		return Keys{}
	}
	return Keys{Prefix: ns + ":", spread: spreadOf(ns)}
}

// In returns the keys of a partition, in its bucket.
func (k Keys) In(text string) Keys {
	k.Cell = ir.Cell(text)
	if n := k.Buckets(); n > 1 {
		return k.in(BucketOf(k.Cell[1:], n))
	}
	return k
}

// Divides reports whether the documents of a model lie in several partitions whose names of keys differ, or in several buckets.
func (k Keys) Divides(m *ir.Model) bool {
	return m.Celled() || m.Part != nil && k.Buckets() > 1
}

// of returns the model's part of the names of keys, with the partition if it has one.
func (k Keys) of(m *ir.Model) string {
	if m.Celled() {
		return m.StoredName() + k.Cell
	}
	return m.StoredName()
}

// start returns what the names of a model's documents begin with, behind the namespace: in all partitions, if k is of none.
func (k Keys) start(m *ir.Model) string {
	switch {
	case !m.Celled():
		return m.Prefix
	case k.Cell == "":
		return m.StoredName() + "@"
	}
	return m.StoredName() + k.Cell + ":"
}

// Parts returns the sorted set of the partitions that have documents: names of models, each with a cell.
func (k Keys) Parts() string { return k.Prefix + "rql:parts" }

// Begun returns the register of a model: the sorted set of the partitions that have, had or may soon have documents, in the order in
// which they were entered. It is in no bucket. The member "" says that no other partition can have documents.
func (k Keys) Begun(m *ir.Model) string { return k.Home().Prefix + "rql:begun:" + m.StoredName() }

// Catalog returns the hash of definitions and their versions.
func (k Keys) Catalog() string { return k.Prefix + "rql:catalog" }

// Never returns a key that never exists. Scripts that use no key declare it.
func (k Keys) Never() string { return k.Prefix + "rql:never" }

// Undeclared returns a key that a script accesses without declaring it, to probe whether that is allowed.
func (k Keys) Undeclared() string { return k.Prefix + "rql:undeclared" }

// Result returns the key that holds the recorded result of an ATOMIC KEY.
func (k Keys) Result(key string) string { return k.Prefix + "rql:once" + k.Cell + ":" + key }

// Migrations returns the hash with the state of migrations.
func (k Keys) Migrations() string { return k.Prefix + "rql:migrations" }

// Fence returns the counter of fencing tokens.
func (k Keys) Fence() string { return k.Prefix + "rql:fence" }

// Chain returns the guard of statements that are sent together: see script.Guard.Chain.
func (k Keys) Chain(token string) string { return k.Prefix + "rql:run:" + token }

// Lock returns the lock of a model and a document key.
func (k Keys) Lock(model, id string) string { return k.Prefix + "rql:lock:" + model + ":" + id }

// IDs returns the sorted set of the keys of a model's documents.
func (k Keys) IDs(m *ir.Model) string { return k.Prefix + "rql:ids:" + k.of(m) }

// Index returns the sorted set of an index.
func (k Keys) Index(m *ir.Model, ix *ir.Index) string {
	return k.Prefix + "rql:ix:" + k.of(m) + ":" + ix.Place()
}

// Around returns what stands in front of and behind the name of a partition, as it is in the list of partitions, in the name of the set
// of its documents' keys or, unless ix is nil, of an index.
func (k Keys) Around(ix *ir.Index) (before, behind string) {
	if ix == nil {
		return k.Prefix + "rql:ids:", ""
	}
	return k.Prefix + "rql:ix:", ":" + ix.Place()
}

// Unique returns the hash of a unique index.
func (k Keys) Unique(m *ir.Model, ix *ir.Index) string {
	return k.Prefix + "rql:uq:" + k.of(m) + ":" + ix.Place()
}

// Entries returns the hash of the entries of a UNIQUE GLOBAL, in the bucket of k.
func (k Keys) Entries(m *ir.Model, ix *ir.Index) string {
	return k.Prefix + "rql:uqg:" + m.StoredName() + ":" + ix.Place()
}

// Void returns the hash of the void numbers of a UNIQUE GLOBAL, in the bucket of k.
func (k Keys) Void(m *ir.Model, ix *ir.Index) string {
	return k.Prefix + "rql:uqv:" + m.StoredName() + ":" + ix.Place()
}

// Globals returns the keys of the UNIQUEs GLOBAL of a model, in the bucket of k.
func (k Keys) Globals(m *ir.Model) []string { return k.globals(m, m.Uniques) }

func (k Keys) globals(m *ir.Model, uniques []*ir.Index) (out []string) {
	for _, ix := range uniques {
		if ix.Global {
			out = append(out, k.Entries(m, ix), k.Void(m, ix))
		}
	}
	return out
}

// Job returns the hash with the position of work in steps over a model's documents.
func (k Keys) Job(m *ir.Model) string { return k.Prefix + "rql:job:" + k.of(m) }

// Ends returns the sorted set of lower bounds of the expirations of a model's documents.
func (k Keys) Ends(m *ir.Model) string { return k.Prefix + "rql:ttl:" + k.of(m) }

// Shadows returns the hash of the shadows of documents that expire.
func (k Keys) Shadows(m *ir.Model) string { return k.Prefix + "rql:exp:" + k.of(m) }

// Gone returns the keys of indexes and unique indexes that a model loses, if it is not divided.
func (k Keys) Gone(m *ir.Model, indexes, uniques []*ir.Index) []string {
	return append(k.Indexes(m, indexes, uniques), k.globals(m, uniques)...)
}

// Indexes returns the keys of indexes and unique indexes; of a UNIQUE GLOBAL that by which documents are found.
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

// Marks of the kinds of indexes, in front of the last parts of their names.
const (
	IndexMark  = "rql:ix:"
	UniqueMark = "rql:uq:"
	GlobalMark = "rql:uqg:" // what a UNIQUE GLOBAL has in buckets
)

// Marked returns the keys of indexes of a model that are given by mark and place: those in a partition, and those in a bucket.
func (k Keys) Marked(m *ir.Model, marks []string) (in, bucket []string) {
	for _, mark := range marks {
		at := func(kind string) *ir.Index { return &ir.Index{At: strings.TrimPrefix(mark, kind)} }
		switch {
		case strings.HasPrefix(mark, UniqueMark):
			in = append(in, k.Unique(m, at(UniqueMark)))
		case strings.HasPrefix(mark, GlobalMark):
			bucket = append(bucket, k.Entries(m, at(GlobalMark)), k.Void(m, at(GlobalMark)))
		default:
			in = append(in, k.Index(m, at(IndexMark)))
		}
	}
	return in, bucket
}

// Collections returns the prefix of a model's collections. The field and the document key follow.
func (k Keys) Collections(m *ir.Model) string { return k.Prefix + "rql:c:" + k.of(m) + ":" }

// Collection returns the key of a document's collection.
func (k Keys) Collection(m *ir.Model, f *ir.Field, id string) string {
	return k.Collections(m) + f.Place() + ":" + id
}

// SearchIndexes returns the prefix of the names of the Search indexes of a model with that Place. Their numbers follow.
func (k Keys) SearchIndexes(model string) string { return k.Prefix + "rql:ft:" + model + ":" }

// Docs returns the prefix of the names of a model's documents.
func (k Keys) Docs(m *ir.Model) string { return k.Prefix + k.start(m) }

// Starts returns what the names of a model's documents begin with: in each bucket that may have some.
func (k Keys) Starts(m *ir.Model) []string {
	if m.Part == nil {
		return []string{k.Home().Docs(m)}
	}
	out := make([]string, k.Buckets())
	for i := range out {
		out[i] = k.Bucket(i).Docs(m)
	}
	return out
}

// Located returns the keys of the partition, or bucket, of the document with a name, and its key; false if no document of the model can
// have the name.
func (k Keys) Located(m *ir.Model, name string) (in Keys, id string, ok bool) {
	in = k.Home()
	if m.Part != nil {
		in = k.Holding(name)
	}
	if m.Celled() {
		rest, _ := strings.CutPrefix(name, in.Docs(m))
		cell, _, _ := strings.Cut(rest, ":")
		text, ok := ir.PartOf("@" + cell)
		part := k.In(text)
		if !ok || text == "" || part.Prefix != in.Prefix {
			return in, "", false
		}
		in = part
	}
	if id, ok = strings.CutPrefix(name, in.Docs(m)); ok {
		id, ok = strings.CutSuffix(id, m.Suffix)
	}
	if ok && m.Part != nil && !m.Celled() {
		ok = k.In(id).Prefix == in.Prefix
	}
	return in, id, ok && id != ""
}

// Doc returns the name of a document.
func (k Keys) Doc(m *ir.Model, id string) string { return k.Prefix + k.start(m) + id + m.Suffix }

// WriteDoc appends the name of a document to a text, and returns it.
func (k Keys) WriteDoc(b *strings.Builder, m *ir.Model, id string) string {
	from := b.Len()
	b.WriteString(k.Prefix)
	if m.Celled() {
		b.WriteString(m.StoredName())
		b.WriteString(k.Cell)
		b.WriteByte(':')
	} else {
		b.WriteString(m.Prefix)
	}
	b.WriteString(id)
	b.WriteString(m.Suffix)
	return b.String()[from:]
}

// Pattern returns the SCAN pattern for the names of a model's documents.
func (k Keys) Pattern(m *ir.Model) string {
	return Escape(k.Docs(m)) + "*" + Escape(m.Suffix)
}

// PatternOver is Pattern for the documents of a model in all buckets.
func (k Keys) PatternOver(m *ir.Model) string {
	if k.Buckets() == 1 {
		return k.Pattern(m)
	}
	return strings.TrimSuffix(k.BucketsPattern(), "*") + Escape(k.start(m)) + "*"
}

// Named returns the names of documents, which share memory.
func (k Keys) Named(m *ir.Model, ids []string) []string {
	return k.AppendNames(make([]string, 0, len(ids)), m, ids)
}

// AppendNames appends the names of documents, which share memory.
func (k Keys) AppendNames(out []string, m *ir.Model, ids []string) []string {
	start := k.start(m)
	size := len(ids) * (len(k.Prefix) + len(start) + len(m.Suffix))
	for _, id := range ids {
		size += len(id)
	}
	var all strings.Builder
	all.Grow(size)
	for _, id := range ids {
		out = append(out, k.WriteDoc(&all, m, id))
	}
	return out
}

// IDOf returns the document key in the name of a document.
func (k Keys) IDOf(m *ir.Model, name string) string {
	return strings.TrimSuffix(strings.TrimPrefix(name, k.Docs(m)), m.Suffix)
}

// Texts returns the texts of one key or a list of keys; false if one is null.
func Texts(v any) (texts []string, ok bool) {
	list, many := v.([]any)
	if !many {
		list = []any{v}
	}
	out := make([]string, 0, len(list))
	for _, x := range list {
		if t, ok := ir.KeyText(x); ok {
			out = append(out, t)
		}
	}
	return out, len(out) == len(list)
}

// Escape returns a pattern that matches only the text.
func Escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(s)
}
