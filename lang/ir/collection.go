package ir

import (
	"slices"

	"github.com/rql-lang/rql/lang"
)

// Collection says that a column is not stored in the document's hash, but read from the separate key of a field of type set<T> or
// pqueue<T>.
type Collection struct {
	Field *Field
	// Op is "items" (all members as a list: of a set in the order of values, of
	// a pqueue { value, priority } in the order of pop), "size" (the number of
	// members, without reading them), "has" (whether Arg is a member), "peek"
	// (the next member to pop), OpLacks, or of what has no Field OpTTL, the remaining
	// lifetime of the document, and OpEnd, the instant at which it ends.
	Op  string
	Arg Expr // of "has": of the type of the elements
	// Target is, of OpLacks, the model to whose documents the members refer.
	Target *Model
	// Query, for OpLink, is a Find, Count or Exists over the documents that refer to the document that is read, whose key is Of
	// in the query.
	Query Stmt
	Of    *Variable
	Link  *Backlink
	Apart *Apart // of a [Referrers]; nil if the documents are in the partition of the one to which they refer
}

// Apart is a query over a backlink whose documents are elsewhere than those to which they refer. It is asked for many of those at once.
type Apart struct {
	To, From *Model    // of the document that is read, and of those that refer to it
	Keys     *Variable // the keys of the documents that are read
	Where    Expr      // the condition in parentheses, or nil
}

// Any returns the condition that a document refers to one of the keys.
func (a *Apart) Any(l *Backlink) Expr {
	c := l.Column(a.From)
	keys := &Var{Base: Base{T: a.Keys.Type}, V: a.Keys}
	if c.Type.Kind != lang.KList {
		return &In{Base: Base{T: lang.TypeBool}, X: c.of(a.From), List: keys}
	}
	both := &Call{Base: Base{T: a.Keys.Type}, Fn: "intersect", Args: []Expr{c.of(a.From), keys}}
	zero := &Const{Base: Base{T: lang.TypeInt}, Value: int64(0), Raw: int64(0), Ord: -1}
	return &Binary{Base: Base{T: lang.TypeBool}, Op: lang.OpGt, L: &Call{Base: Base{T: lang.TypeInt}, Fn: "len", Args: []Expr{both}}, R: zero}
}

// Ref returns the ref, or the list of refs, by which a document refers.
func (a *Apart) Ref(l *Backlink) *Col { return l.Column(a.From).of(a.From) }

// Counted returns the query that counts the referring documents that satisfy a condition, of each document to which they refer.
func (a *Apart) Counted(l *Backlink, h Head, where Expr) *Find {
	c := l.Column(a.From)
	t := c.Type
	if t.Kind == lang.KList {
		t = *t.Elem
	}
	f := &Find{Head: h, Model: a.From, Where: where, Grouped: true, Each: c.Type.Kind == lang.KList, Group: []Item{{Name: l.Ref, X: c.of(a.From)}}}
	f.Aggs = []Agg{{Fn: "count", T: lang.TypeInt, Sp: h.Sp}}
	f.Items = []Item{{Name: l.Ref, X: &GroupKey{Base: Base{T: t, Sp: h.Sp}}}, {Name: "count", X: &AggRef{Base: Base{T: lang.TypeInt, Sp: h.Sp}}}}
	return f
}

// OpLink is the Op of a query over a backlink.
const OpLink = "link"

// OpLacks is the Op of the question whether a member refers to a document that does not exist, and the operation in SET that removes such members.
const OpLacks = "lacks"

// OpTTL is the Op of ttl(), OpEnd that of ends(). Their columns have these names after a #, so no field can have them.
const (
	OpTTL = "ttl"
	OpEnd = "ends"
)

// Collection reports whether the field is a set<T> or pqueue<T>.
func (f *Field) Collection() bool { return IsCollection(f.Type) }

// IsCollection reports whether the type is set<T> or pqueue<T>.
func IsCollection(t lang.Type) bool { return t.Kind == lang.KSet || t.Kind == lang.KPQueue }

// Value returns the type of the field as a value in a document or a row: for a collection, the list of its members.
func (f *Field) Value() lang.Type {
	switch f.Type.Kind {
	case lang.KSet:
		return lang.ListOf(*f.Type.Elem)
	case lang.KPQueue:
		return lang.ListOf(EntryOf(*f.Type.Elem))
	}
	return f.Type
}

// EntryOf returns the type of a member of a pqueue<t> together with its priority.
func EntryOf(t lang.Type) lang.Type {
	return lang.Type{Kind: lang.KRecord, Cols: []lang.Col{{Name: "value", Type: t}, {Name: "priority", Type: lang.TypeFloat}}}
}

// Collections lists the fields that have a separate key.
func (m *Model) Collections() []*Field {
	var out []*Field
	for _, f := range m.Fields {
		if f.Collection() {
			out = append(out, f)
		}
	}
	return out
}

// Stored lists the fields stored in the document itself.
func (m *Model) Stored() []*Field {
	for _, f := range m.Fields {
		if f.Collection() {
			out := make([]*Field, 0, len(m.Fields))
			for _, f := range m.Fields {
				if !f.Collection() {
					out = append(out, f)
				}
			}
			return out
		}
	}
	return m.Fields
}

// MemberIndexes returns the indexes over the members of collections with ON DELETE, by which the documents are found that refer to one.
func MemberIndexes(m *Model) []*Index {
	var out []*Index
	for _, f := range m.Collections() {
		if f.OnDelete != "" {
			out = append(out, &Index{Name: f.Name, Cols: []*Column{f.Items}, List: true, Of: f})
		}
	}
	return out
}

// MemberIndex returns the index over the members of a collection, or nil.
func (m *Model) MemberIndex(f *Field) *Index {
	for _, ix := range m.Members {
		if ix.Of == f {
			return ix
		}
	}
	return nil
}

// Ordered returns all indexes that are sorted sets: those over columns, then those over members of collections.
func (m *Model) Ordered() []*Index { return slices.Concat(m.Indexes, m.Members) }

// Ends reports whether the key of a collection expires with its document. That of one whose members have an index does not: its
// members say which entries go with an expired document.
func (f *Field) Ends() bool { return f.Collection() && f.OnDelete == "" }
