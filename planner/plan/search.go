package plan

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// SearchQuery is the template of a Search query: the part of a predicate that
// an index can answer. Package search builds it and renders its text.
type SearchQuery struct {
	Model *ir.Model
	// Slots are the values that one run computes, in order of first use.
	Slots []ir.Expr
	// Exact: the query matches exactly the documents that satisfy the
	// predicate, provided the index stores the values of a run exactly.
	Exact bool
	// Bounded lists the attributes that the query restricts, each once.
	Bounded []*ir.SearchField

	Root *SearchNode // nil: every document
	// Part restricts the query to partitions, whose values a run adds behind those of Slots. nil: the index does not have them, or all
	// are searched.
	Part *SearchNode
}

// SearchKind is the kind of a node.
type SearchKind uint8

// The kinds of nodes.
const (
	SearchAll  SearchKind = iota // every document
	SearchNone                   // no document
	SearchAnd                    // every part
	SearchOr                     // one of the parts
	SearchNot                    // the negation of its one part
	SearchTag                    // an attribute has one of the values
	SearchNum                    // an attribute is within the bounds
	SearchNull                   // the field is null
	SearchText                   // the attribute contains the words of a full-text search
	SearchGeo                    // the place is within a circle: its centre, its radius
)

// SearchNode is a part of a query.
type SearchNode struct {
	Kind  SearchKind
	Parts []*SearchNode
	Field *ir.SearchField
	T     lang.Type // of one value
	Exact bool      // of SearchAll: nothing was omitted
	// Values of SearchTag, SearchText and SearchGeo: slots, or a list in one slot.
	Values []SearchValue
	Ends   []SearchEnd // of SearchNum
}

// SearchValue is a constant, or the value of a slot; with Many, each element of a list.
type SearchValue struct {
	Slot  int // -1 for a constant
	Fixed any
	Many  bool
}

// SearchEnd is one bound of a range, or both if the operator is =.
type SearchEnd struct {
	Op lang.Op
	V  SearchValue
}

// Bounds reports whether the query restricts a column, by equality or, if equal
// is not set, by a range.
func (q *SearchQuery) Bounds(c *ir.Column, equal bool) bool {
	for _, f := range q.Bounded {
		if f.Col == c {
			return equal || f.Kind == ir.SearchNumeric
		}
	}
	return false
}
