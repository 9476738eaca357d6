package compile

import (
	"slices"

	"github.com/rql-lang/rql/exec/run"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner"
)

// Shape is what is known about the rows of a text's last statement before anything is sent.
type Shape struct {
	Kind    string // the statement's first word; "" if the text has no statements
	Columns []Column
	// Fixed says that no open column may be omitted.
	Fixed bool
	// Late says that the columns are known only when the rows arrive. The statement changes nothing.
	Late bool
}

// Column is a column of a shape.
type Column struct {
	Name string
	Type lang.Type
	Open bool // the text does not name the column: it results from a missing RETURN or from *
}

// Target is a destination into which rows are read.
type Target interface {
	// Fit is called before anything is sent, once for equal targets of a cached text. It returns the indexes of the columns to
	// read, nil for all, and the reader. Only open columns may be omitted, and only if the shape is not fixed.
	Fit(s *Shape) (keep []int, reader any, err error)
}

// Fitted is a compiled program whose last statement returns what a target reads.
type Fitted struct {
	Program *Program
	Shape   *Shape
	Reader  any
}

// Fit returns the program fitted to a target.
func (c *Program) Fit(t Target, caps planner.Caps) (*Fitted, error) {
	f, ok := c.fits.Load(t)
	if !ok {
		made, err := c.fitTo(t, caps)
		if err != nil {
			return nil, err
		}
		f, _ = c.fits.LoadOrStore(t, made)
	}
	return f.(*Fitted), nil
}

// fitTo asks a target which columns it reads, and makes a program that returns just those.
func (c *Program) fitTo(t Target, caps planner.Caps) (*Fitted, error) {
	last := len(c.Prog.Stmts) - 1
	s, err := c.shape(last, caps)
	if err != nil {
		return nil, err
	}
	keep, reader, err := t.Fit(s)
	if err != nil {
		return nil, err
	}
	f := &Fitted{Program: c, Shape: s, Reader: reader}
	if keep == nil || len(keep) == len(s.Columns) || s.Fixed {
		return f, nil
	}
	prog := *c.Prog
	prog.Stmts = slices.Clone(prog.Stmts)
	all, _ := Returned(prog.Stmts[last])
	items := make([]ir.Item, len(keep))
	for i, k := range keep {
		items[i] = all[k]
	}
	prog.Stmts[last] = narrowed(prog.Stmts[last], items)
	f.Program = newProgram(c.Source, &prog, c.schema)
	f.Program.constants = c.constants
	return f, nil
}

// shape returns the shape of statement i.
func (c *Program) shape(i int, caps planner.Caps) (*Shape, error) {
	if i < 0 {
		return &Shape{}, nil
	}
	p, err := c.Plan(i, caps)
	if err != nil {
		return nil, run.PlanError(err, i)
	}
	s := &Shape{Kind: p.Kind, Columns: make([]Column, len(p.Columns))}
	switch p.Stmt.(type) {
	case *ir.Explain, *ir.Show, *ir.Verify, *ir.Adopt:
		s.Late = true
	}
	items, fixed := Returned(p.Stmt)
	s.Fixed = fixed
	for j, name := range p.Columns {
		s.Columns[j] = Column{Name: name, Type: c.schema.Expand(p.Types[j])}
		s.Columns[j].Open = j < len(items) && items[j].Text == ""
	}
	return s, nil
}

// Returned returns the projection of a statement that returns documents, and whether all of its items are required.
func Returned(st ir.Stmt) (items []ir.Item, fixed bool) {
	x, ok := st.(ir.Projected)
	if !ok {
		return nil, true
	}
	f, ok := st.(*ir.Find)
	return x.Returned().Items, ok && (f.Distinct || f.Grouped)
}

// narrowed returns a copy of a statement that returns these of its items.
func narrowed(st ir.Stmt, items []ir.Item) ir.Stmt {
	switch st := st.(type) {
	case *ir.Get:
		return projecting(*st, items)
	case *ir.Find:
		return projecting(*st, items)
	case *ir.Create:
		return projecting(*st, items)
	case *ir.Update:
		return projecting(*st, items)
	case *ir.Delete:
		return projecting(*st, items)
	case *ir.Copy:
		return projecting(*st, items)
	}
	return st
}

// projecting makes items the projection of a statement.
func projecting[T any, P interface {
	*T
	ir.Projected
}](st T, items []ir.Item) ir.Stmt {
	p := P(&st)
	*p.Returned() = ir.Projection{Items: items}
	return p
}
