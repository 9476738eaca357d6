package planner

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// Unserved is a part of a statement that reads every document of a model, because no index serves its WHERE or its ORDER BY.
type Unserved struct {
	Model *ir.Model
	Span  lang.Span // of the condition, or of the order
	// Advice is the ALTER MODEL that gives it an index; "" where none would help.
	Advice string
}

// Unserved returns the parts of a statement that no index serves. A statement that asks for all documents is not one.
func (p *Plan) Unserved() []Unserved {
	var out []Unserved
	for _, q := range p.queries() {
		if q.Unserved() {
			out = append(out, Unserved{Model: q.Model, Span: asked(q), Advice: advice(q)})
		}
	}
	return out
}

// queries lists the queries of a plan.
func (p *Plan) queries() (out []*plan.Query) {
	for _, pre := range p.Pre {
		out = append(out, pre.Plan.queries()...)
	}
	if p.Let != nil {
		out = append(out, p.Let.queries()...)
	}
	add := func(q *plan.Query) {
		if q != nil {
			out = append(out, q)
		}
	}
	switch s := p.Step.(type) {
	case *ScanStep:
		add(s.Query)
	case *BlockStep:
		if s.Block == nil {
			add(s.Query)
			break
		}
		plan.Walk(s.Block.Stmts, func(st plan.Stmt) bool {
			add(plan.QueryOf(st))
			return true
		})
	}
	return out
}

// asked returns the position of what a query asks for.
func asked(q *plan.Query) lang.Span {
	if q.Where != nil {
		return q.Where.Span()
	}
	return q.Order[0].X.Span()
}

// advice is the statement that gives a query an index for what it compares and orders by: first what is equal to a value,
// then the order or one range. It is "" where no index would help, or where the model has one that begins so.
func advice(q *plan.Query) string {
	if q.Model.Scanned() { // whose indexes are not trusted
		return ""
	}
	cols := advised(q)
	if len(cols) == 0 || slices.ContainsFunc(q.Model.Indexes, func(ix *ir.Index) bool {
		return len(ix.Cols) >= len(cols) && slices.Equal(ix.Cols[:len(cols)], cols)
	}) {
		return ""
	}
	ix := &ir.Index{Cols: cols}
	return lang.Print(&lang.AlterStmt{Model: lang.Ident{Name: q.Model.Name}, Actions: []*lang.AlterAction{{Kind: "ADD INDEX", Paths: ix.Paths()}}})
}

// advised are the columns of the index that a query wants.
func advised(q *plan.Query) []*ir.Column {
	var equal, ranges, elements []*ir.Column
	key := q.Model.KeyColumn()
	for _, s := range sargs(conjuncts(fold(q.Where), nil)) {
		list := &ranges
		switch {
		case s.col == key && (s.kind == plan.Eq || s.kind == plan.In):
			return nil // documents are found by their keys
		case s.col == key:
			continue
		case s.col.Type.Kind == lang.KText || s.col.Coll != nil: // only its words are indexed, and members with ON DELETE
			continue
		case s.elem:
			list = &elements
		case s.kind == plan.Eq || s.kind == plan.In:
			list = &equal
		case s.kind == plan.NotNull, s.kind == plan.NotIn:
			continue
		}
		if !slices.Contains(*list, s.col) {
			*list = append(*list, s.col)
		}
	}
	last := ranges
	if len(q.Order) > 0 {
		if c := ownColumn(q.Order[0].X); c != nil && len(q.Order) == 1 && c != key && c.Type.Kind != lang.KText && indexable(c.Type, c.Type) {
			last = []*ir.Column{c}
		}
	}
	equal = slices.DeleteFunc(equal, func(c *ir.Column) bool { return slices.Contains(last, c) })
	switch {
	case len(equal)+len(last) == 0:
		return elements[:min(1, len(elements))]
	case len(last) > 0:
		return append(equal, last[0])
	}
	return equal
}
