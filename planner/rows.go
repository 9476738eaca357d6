package planner

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// RowOp is a row operator whose expressions are compiled.
type RowOp any

type (
	// Nearest is plan.Nearest.
	Nearest struct {
		K, To eval.Fn
		By    *Sort // by distance
	}
	// Aggregate is plan.Aggregate.
	Aggregate struct {
		*plan.Aggregate
		Group  []eval.Fn
		Aggs   []AggArgs
		Having eval.Cond // nil: every group
		Items  []eval.Fn
	}
	// AggArgs are the argument of an aggregate and the percentage of percentile, nil where there is none.
	AggArgs struct{ X, P eval.Fn }
	// Project is plan.Project.
	Project struct {
		Items  []eval.Fn
		Direct []int // slots of the leaves if every item is just a leaf; nil otherwise
		Same   bool  // the items are just the leaves, in their order
	}
	// Refresh is plan.Refresh.
	Refresh struct{ Of []RefreshArgs }
	// RefreshArgs are ir.Refresh.
	RefreshArgs struct {
		Keeps *Plan // the script that raises the ends, where documents keep others alive: see NewRefresh
		Model *ir.Model
		Keys  eval.Fn
	}
	// Distinct is plan.Distinct.
	Distinct struct{}
	// Sort is plan.Sort.
	Sort struct {
		*plan.Sort
		X []eval.Fn // of Terms
	}
	// Limit is plan.Limit.
	Limit struct{ Limit, Offset eval.Fn }
	// Cursor is plan.Cursor.
	Cursor struct {
		Limit
		Sort    *Sort
		KeyType lang.Type
		After   eval.Fn
		Shape   string    // of the statement that it belongs to
		Params  []eval.Fn // values that it belongs to
	}
)

// Local is the work done in Go on the rows that a step returns.
type Local struct {
	Layout eval.Layout
	Where  eval.Cond    // plan.Recheck of rows that were read by plain commands; nil if the index was exact
	Ops    []RowOp      // in order
	Nodes  []plan.RowOp // that they were compiled from
	Items  []ir.Item    // returned
}

// Op returns the operator of a type; nil if there is none.
func Op[T any](l *Local) *T {
	for _, op := range l.Ops {
		if x, ok := op.(*T); ok {
			return x
		}
	}
	return nil
}

// Free reports rows that are documents as they were found: not groups, not
// distinct, not the nearest.
func (l *Local) Free() bool {
	return Op[Aggregate](l) == nil && Op[Distinct](l) == nil && Op[Nearest](l) == nil
}
