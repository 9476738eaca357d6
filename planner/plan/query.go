package plan

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Query selects documents of one model.
type Query struct {
	Model *ir.Model
	Where ir.Expr
	Cands []*Candidate
	Order []ir.Order
	Limit ir.Expr   // nil: no limit
	Skip  ir.Expr   // OFFSET
	Items []ir.Item // the projection to which names in Order refer
}

// Queries are the planned queries of the statements of a block that find documents by a predicate.
type Queries map[ir.Stmt]*Query

// Candidate is one way to find the documents of a query: the union of its scans. A script with several candidates counts the
// entries of each and uses the cheapest.
type Candidate struct {
	Scans []*Scan
	// Exact: the scans return exactly the documents that match, so the predicate need not be evaluated.
	Exact bool
	// Ordered: the single scan (in reverse if Rev) returns documents in the requested order.
	Ordered bool
	Rev     bool
	// Runs, of a single scan that is not Ordered (in reverse if Rev), is how many of the first terms of the order it gives, by as many
	// columns of the index behind the Lead ones. The documents with equal values of these are sorted afterwards.
	Runs int
	// Weak: the last of these terms is an expression in the column that may be equal for different values, so that runs may be longer than
	// entries tell.
	Weak bool
	// Lead, of an ordered scan, or one in runs, is the number of leading columns of the index that have given values and are not those of the order.
	Lead int
	// Merge: some of the leading columns have several given values each; the order is that of the merged ranges.
	Merge bool
	// Also are scans of other indexes that find every document which matches. Where the script finds that cheaper, it reads only those
	// documents of the single scan that have an entry in one of these.
	Also []*Scan
	// Loose, unless 0, says that one document of each value of so many leading columns of the index is enough: the walk of the single
	// scan skips the other entries of a value when it has found one. It may find more.
	Loose int
}

// Walked reports whether the scan gives the order, or some of its first terms, so that a LIMIT may end it.
func (c *Candidate) Walked() bool { return c.Ordered || c.Runs > 0 }

// Path is a kind of access path.
type Path uint8

// The access paths.
const (
	PathAll    Path = iota // the set of the keys of all documents, within Bounds
	PathIndex              // an ordered index, within Bounds
	PathUnique             // a unique value, given by Bounds (all Eq)
	PathKeys               // the keys themselves
	PathNames              // the keys of documents whose names SCAN found; each step gets some
	PathSearch             // keys that the script gets from Search
)

// Scan is an access path: it finds documents with one index, by a unique value, by their keys, or all of them.
type Scan struct {
	Model  *ir.Model
	Path   Path
	Index  *ir.Index    // of PathIndex and PathUnique
	Keys   ir.Expr      // of PathKeys: the key, or a list of keys
	Where  bool         // Keys are from a predicate, not from a GET
	Search *SearchQuery // of PathSearch
	// Sent: the ranges are known before the script is sent, and are passed as an argument.
	Sent bool
	// Bounds are on the leading columns of Index; for PathAll on the key itself (at most one).
	Bounds []Bound
	// Disjunct is the part of an OR that the scan covers; nil if there is only one scan.
	Disjunct ir.Expr
}

// BoundKind says how a Bound bounds its column.
type BoundKind uint8

// The kinds of bounds.
const (
	Eq BoundKind = iota
	In
	Range
	Prefix
	NotNull
	Circle
	NotIn
)

// Bound bounds one column of an index. Only the last Bound of a scan may be other than Eq or In.
type Bound struct {
	Kind  BoundKind
	T     lang.Type // of the column
	X     ir.Expr   // Eq, Prefix; of Circle, on a geo, the centre, closed
	Items []ir.Expr // In, NotIn; of NotIn closed
	List  ir.Expr   // In over a list value
	Lo    ir.Expr   // Range; nil: no bound
	Hi    ir.Expr   // Range; of Circle the radius in metres, closed
	LoInc bool
	HiInc bool
	Like  bool // Prefix: X is a LIKE pattern, whose literal prefix is used
}

// Exprs lists the expressions of the bound.
func (b *Bound) Exprs() []ir.Expr {
	out := append([]ir.Expr(nil), b.Items...)
	for _, x := range []ir.Expr{b.X, b.List, b.Lo, b.Hi} {
		if x != nil {
			out = append(out, x)
		}
	}
	return out
}

// Closed reports whether the ranges of the scan are known before it is sent.
func (s *Scan) Closed() bool {
	return (s.Keys == nil || ir.Closed(s.Keys)) && s.each(ir.Closed)
}

// each reports whether f holds for every expression of the bounds.
func (s *Scan) each(f func(ir.Expr) bool) bool {
	for i := range s.Bounds {
		for _, x := range s.Bounds[i].Exprs() {
			if !f(x) {
				return false
			}
		}
	}
	return true
}

// Any reports whether f holds for one of the expressions of the bounds.
func (s *Scan) Any(f func(ir.Expr) bool) bool {
	return !s.each(func(x ir.Expr) bool { return !f(x) })
}

// Walks reports whether the scan reads ranges of a sorted set: an ordered index, or the set of all keys.
func (s *Scan) Walks() bool { return s.Path == PathAll || s.Path == PathIndex }

// Lookup reports whether the scan looks up documents by their keys, or by a unique value.
func (s *Scan) Lookup() bool { return s.Path == PathKeys || s.Path == PathUnique }

// Width returns the number of NULs before the id in a member of the index.
func (s *Scan) Width() int {
	if s.Index == nil {
		return 0
	}
	return len(s.Index.Cols)
}

// Single reports whether no document has two entries in the ranges of the scan.
func (s *Scan) Single() bool {
	return s.Index == nil || !s.Index.List || len(s.Bounds) == 1 && s.Bounds[0].Kind == Eq
}

// OneEntry reports whether the scan bounds each column of an index to one value: no document has two entries in its range, and
// one that matches its bounds has the entry by which it is found.
func (s *Scan) OneEntry() bool {
	for i := range s.Bounds {
		if s.Bounds[i].Kind != Eq {
			return false
		}
	}
	return s.Path == PathIndex && len(s.Bounds) == len(s.Index.Cols)
}

// Prefixed reports whether each range of the scan is that of the entries which begin with certain values of all columns of an index.
func (s *Scan) Prefixed() bool {
	for i := range s.Bounds {
		if k := s.Bounds[i].Kind; k != Eq && k != In {
			return false
		}
	}
	return s.Path == PathIndex && len(s.Bounds) == len(s.Index.Cols)
}

// Covered returns the scan whose number of entries is the number of matching documents, or nil.
func (q *Query) Covered() *Scan {
	for _, c := range q.Cands {
		if sc := c.Scans[0]; c.Exact && len(c.Scans) == 1 && sc.Walks() && sc.Single() {
			return sc
		}
	}
	return nil
}

// ByNames reports whether the query finds documents by their names.
func (q *Query) ByNames() bool { return q != nil && q.Cands[0].Scans[0].Path == PathNames }

// Unserved reports whether the query asks for some of the documents, or for an order, and all of its candidates read every
// document of the model.
func (q *Query) Unserved() bool {
	if q == nil || q.Where == nil && (len(q.Order) == 0 || q.Limit == nil) {
		return false
	}
	for _, c := range q.Cands {
		if q.Where == nil && c.Walked() {
			return false
		}
		if !slices.ContainsFunc(c.Scans, func(s *Scan) bool {
			return s.Path == PathNames || s.Path == PathAll && len(s.Bounds) == 0
		}) {
			return false
		}
	}
	return true
}

// QueryOf returns the query of a statement; nil if it has none.
func QueryOf(st Stmt) *Query {
	switch st := st.(type) {
	case *Find:
		return st.Query
	case *Count:
		return st.Query
	case *Exists:
		return st.Query
	case *Update:
		return st.Query
	case *Delete:
		return st.Query
	case *Expire:
		return st.Query
	}
	return nil
}
