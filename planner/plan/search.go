package plan

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// SearchQuery is the template of a Search query: what of a predicate can be asked of an index. Package search makes
// it and writes its text.
type SearchQuery struct {
	Model *ir.Model
	// Slots are the values that one run computes, in order of first use.
	Slots []ir.Expr
	// Exact: the query matches just the documents that the predicate holds for, if the values
	// of a run are such that the index holds them as they are.
	Exact bool
	// Bounded lists the attributes that the query asks about, each once.
	Bounded []*ir.SearchField

	Root *SearchNode // nil: every document
}

// SearchKind is what a node asks.
type SearchKind uint8

// The kinds of nodes.
const (
	SearchAll  SearchKind = iota // every document
	SearchNone                   // no document
	SearchAnd                    // every part
	SearchOr                     // one of the parts
	SearchNot                    // not its one part
	SearchTag                    // an attribute has one of the values
	SearchNum                    // an attribute lies within the ends
	SearchNull                   // the field is null
	SearchText                   // the attribute holds the words of a full text search
	SearchGeo                    // the place lies within a circle: its centre, its radius
)

// SearchNode is a part of a query.
type SearchNode struct {
	Kind  SearchKind
	Parts []*SearchNode
	Field *ir.SearchField
	T     lang.Type // of one value
	Exact bool      // of SearchAll: nothing was left out
	// Values of SearchTag, SearchText and SearchGeo: slots, or a list in one slot.
	Values []SearchValue
	Ends   []SearchEnd // of SearchNum
}

// SearchValue is a constant, or the value of a slot; Many: that of each element of a list.
type SearchValue struct {
	Slot  int // -1: constant
	Fixed any
	Many  bool
}

// SearchEnd is one end of a range, or both where the operator is =.
type SearchEnd struct {
	Op lang.Op
	V  SearchValue
}

// Bounds reports that the query asks about a column, for equality or, where equal
// is not set, for a range.
func (q *SearchQuery) Bounds(c *ir.Column, equal bool) bool {
	for _, f := range q.Bounded {
		if f.Col == c {
			return equal || f.Kind == ir.SearchNumeric
		}
	}
	return false
}
