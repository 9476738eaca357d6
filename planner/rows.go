package planner

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// RowOp is a row operator with compiled expressions.
type RowOp any

type (
	// Nearest is the compiled plan.Nearest.
	Nearest struct {
		K, To eval.Fn
		By    *Sort // by distance
	}
	// Aggregate is the compiled plan.Aggregate.
	Aggregate struct {
		*plan.Aggregate
		Group  []eval.Fn
		Aggs   []AggArgs
		Having eval.Cond // nil: every group
		Items  []eval.Fn
	}
	// Counted is the compiled plan.Counted.
	Counted struct{ *Aggregate }
	// Formed is the compiled plan.Formed.
	Formed struct{ *Aggregate }
	// AggArgs are the argument of an aggregate and the percentage of percentile; nil if there is none.
	AggArgs struct{ X, P eval.Fn }
	// Project is the compiled plan.Project.
	Project struct {
		Items  []eval.Fn
		Direct []int // slots of the leaves if every item is just a leaf; otherwise nil
		Same   bool  // the items are exactly the leaves, in order
	}
	// Refresh is the compiled plan.Refresh.
	Refresh struct{ Of []RefreshArgs }
	// RefreshArgs is a compiled ir.Refresh.
	RefreshArgs struct {
		Keeps *Plan // the script that extends expirations, if documents have fields with CASCADE TTL: see NewRefresh
		Model *ir.Model
		Keys  eval.Fn
	}
	// Distinct is plan.Distinct.
	Distinct struct{}
	// Sort is the compiled plan.Sort.
	Sort struct {
		*plan.Sort
		X    []eval.Fn // of Terms
		Part int       // see Local.Part
	}
	// Limit is the compiled plan.Limit.
	Limit struct{ Limit, Offset eval.Fn }
	// Cursor is the compiled plan.Cursor.
	Cursor struct {
		Limit
		Sort    *Sort
		KeyType lang.Type
		// PartType is the type of the partition of a row, which the cursor has before the key if Sort.Part is set.
		PartType lang.Type
		After    eval.Fn
		Shape    string    // of the statement to which it belongs
		Params   []eval.Fn // the values to which it belongs
	}
)

// Local is the work done in Go on the rows that a step returns.
type Local struct {
	Layout eval.Layout
	Where  eval.Cond    // plan.Recheck of rows read by plain commands; nil if the index was exact
	Ops    []RowOp      // in execution order
	Nodes  []plan.RowOp // from which Ops were compiled
	Items  []ir.Item    // the projection
	// Part is where rows of several partitions have the value of theirs, behind what was read of the document; 0: they do not.
	Part int
}

// Op returns the operator of type T; nil if there is none.
func Op[T any](l *Local) *T {
	for _, op := range l.Ops {
		if x, ok := op.(*T); ok {
			return x
		}
	}
	return nil
}

// Free reports whether the rows that are limited are documents as they were found: neither groups, nor distinct, nor nearest.
func (l *Local) Free() bool {
	for _, op := range l.Ops {
		switch op.(type) {
		case *Limit, *Cursor:
			return true
		case *Aggregate, *Counted, *Formed, *Distinct, *Nearest:
			return false
		}
	}
	return true
}
