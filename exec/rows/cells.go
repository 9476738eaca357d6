package rows

import (
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/planner"
)

// Cells returns one row after the other, in room that it uses again; nil at the end.
type Cells func() ([]codec.Cell, error)

// Unboxed reports whether the row operators only choose columns, so that rows need no memory of their own.
func Unboxed(l *planner.Local) bool {
	if l == nil || len(l.Ops) != 1 {
		return false
	}
	p, ok := l.Ops[0].(*planner.Project)
	return ok && (p.Same || p.Direct != nil)
}

// FromCells makes src the source of the rows, of which Unboxed operators choose the columns. What a value faults
// ends the rows before its own.
func (r *Rows) FromCells(src Cells, l *planner.Local) {
	p := l.Ops[0].(*planner.Project)
	if p.Same {
		r.cells = src
		return
	}
	out := make([]codec.Cell, len(p.Direct))
	r.cells = func() ([]codec.Cell, error) {
		row, err := src()
		if row == nil || err != nil {
			return nil, err
		}
		for i, at := range p.Direct {
			out[i] = row[at]
		}
		return out, nil
	}
}

// Boxed returns the values of the cells of a row.
func Boxed(cells []codec.Cell) []any {
	out := make([]any, len(cells))
	for i := range cells {
		out[i] = cells[i].Value()
	}
	return out
}
