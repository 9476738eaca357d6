package planner

import (
	"fmt"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
)

// builder builds the plan of one statement.
type builder struct {
	schema *ir.Schema
	src    *lang.Source
	caps   Caps
	params int // number of the program's parameters
	// profile: scripts count their work
	profile bool
	// flat: scripts are in the flat form where they can be
	flat bool
	// whole: a read takes no more round trips than it must, so plain commands, which need one for the keys, do not read documents
	whole bool
}

// fixed compiles the parts of a statement's conditions that are the same for every document and may have a fault.
func (b *builder) fixed(p *Plan, st ir.Stmt) error {
	var err error
	for _, cond := range ir.Conditions(st) {
		ir.FixedParts(cond, func(x ir.Expr) {
			var fn eval.Fn
			if err == nil {
				if fn, err = b.compile(x); err == nil {
					p.Fixed = append(p.Fixed, fn)
				}
			}
		})
	}
	return err
}

// columns sets the columns from the projection.
func (b *builder) columns(p *Plan, items []ir.Item) {
	for _, it := range items {
		p.Columns = append(p.Columns, it.Name)
		p.Types = append(p.Types, b.schema.Expand(b.sent(it.X.Type())))
	}
}

// print plans PRINT.
func (b *builder) print(p *Plan, st *ir.Print) error {
	b.columns(p, st.Items)
	p.Values = make([]eval.Fn, len(st.Items))
	for i, it := range st.Items {
		var err error
		if p.Values[i], err = eval.Compile(it.X, eval.Layout{Schema: b.schema}); err != nil {
			return fmt.Errorf("%s: %w", it.Name, err)
		}
	}
	return nil
}

// sent returns the type of a value in a block's reply: a document is an object of its fields.
func (b *builder) sent(t lang.Type) lang.Type {
	switch {
	case t.Kind == lang.KRow:
		out := lang.Type{Kind: lang.KRecord, Null: t.Null}
		if m := b.schema.Model(t.Model); m != nil {
			for _, f := range m.Stored() {
				out.Cols = append(out.Cols, lang.Col{Name: f.Name, Type: f.Type})
			}
		}
		return out
	case t.Kind == lang.KRecord: // a projected value is null after a fault, whatever its type says
		cols := make([]lang.Col, len(t.Cols))
		for i, c := range t.Cols {
			cols[i] = lang.Col{Name: c.Name, Type: b.sent(c.Type).OrNull()}
		}
		t.Cols = cols
	case t.Kind == lang.KList && t.Elem != nil:
		e := b.sent(*t.Elem).OrNull()
		t.Elem = &e
	}
	return t
}

// compile compiles a closed expression; nil stays nil.
func (b *builder) compile(x ir.Expr) (eval.Fn, error) {
	if x == nil {
		return nil, nil
	}
	return eval.Compile(x, eval.Layout{Schema: b.schema})
}

// outColumns sets columns and types as the evaluator returns them.
func (b *builder) outColumns(p *Plan, items []ir.Item) {
	p.Columns, p.Types = make([]string, len(items)), make([]lang.Type, len(items))
	for i := range items {
		p.Columns[i], p.Types[i] = items[i].Name, items[i].X.Type()
	}
}
