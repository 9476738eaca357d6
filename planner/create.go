package planner

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// create plans a CREATE whose documents are complete before they are sent. It returns false if the statement needs more from the
// server than whether its keys are free.
func (b *builder) create(p *Plan, st *ir.Create) (bool, error) {
	m := st.Model
	if (st.Life != nil || m.TTL > 0) && len(m.Keepers()) > 0 || st.Put || st.Conflict != "" || !plain(m) || st.Life != nil && (!m.Expires || st.Life.At || !ir.Closed(st.Life.X)) {
		return false, nil
	}
	one := len(st.Docs) == 1
	for i := range st.Docs {
		d := &st.Docs[i]
		if d.Value != nil && !ir.Closed(d.Value) {
			return false, nil
		}
		one = one && d.Value == nil
		for _, x := range d.Fields {
			if x != nil && !ir.Closed(x) {
				return false, nil
			}
		}
	}
	n, ok := b.newDocs(st)
	if !ok {
		return false, nil
	}
	if p.Over != nil {
		p.Over.Check = nil
	}
	b.columns(p, st.Items)
	step, s, err := b.createStep(st, &plan.Insert{Model: m, Docs: st.Docs, Cols: sentColumns(m), Life: st.Life, Uses: st.Uses, Span: st.Sp, One: one})
	if err != nil {
		return false, err
	}
	p.Step = step
	if err := b.args(p, s); err != nil {
		return false, err
	}
	for i := range p.Args {
		if p.Args[i].Slot.Kind == plan.SlotDocs {
			p.Args[i].New = n
		}
	}
	return true, nil
}

// createStep generates the script of a CREATE. There is a flat form for documents without unique values; that of several, which is that of models
// with a list of partitions too, for documents that do not expire.
func (b *builder) createStep(st *ir.Create, spec *plan.Insert) (*BlockStep, *lua.Script, error) {
	m := spec.Model
	undeclared := b.caps.Declared && len(m.Guarded()) > 0 // the documents that it names: only the general form can ask for keys
	each := spec.Life != nil && spec.Life.Each
	isFlat := !undeclared && !b.profile && !each && !m.JSON && !m.Adopted && len(m.Uniques) == 0 && (spec.One && !m.Celled() || !m.Expires)
	if isFlat && b.flat {
		if s, err := lua.NewFlatCreate(b.schema, spec); s != nil || err != nil {
			return &BlockStep{Script: s}, s, err
		}
	}
	s, err := lua.NewCreate(b.schema, spec, b.profile)
	step := &BlockStep{Script: s}
	if isFlat && !b.flat {
		step.Flat = b.flatPlan(st)
	}
	return step, s, err
}

// plain reports whether a model's documents can be written by lua.NewCreate.
func plain(m *ir.Model) bool {
	if m.Expires && m.Foreign || len(m.Hidden) > 0 { // another program may have set an expiration
		return false
	}
	for _, c := range m.Guarded() {
		if c.Type.Kind == lang.KList {
			return false
		}
	}
	for _, ix := range m.Indexes {
		if ix.List {
			return false
		}
	}
	for _, c := range m.Columns {
		if c.Leaf != nil && !c.Leaf.Own() {
			return false
		}
	}
	return len(m.Collections()) == 0
}

// sentColumns returns the columns that lua.NewCreate sends for each document: all of them or, if the text of the document
// follows, those that are indexed.
func sentColumns(m *ir.Model) []*ir.Column {
	if !m.JSON {
		return m.Columns
	}
	cols := []*ir.Column{m.KeyColumn()}
	for _, c := range m.Shadow {
		if c != nil {
			cols = append(cols, c)
		}
	}
	for _, list := range [][]*ir.Index{m.Indexes, m.Uniques} {
		for _, ix := range list {
			for _, c := range ix.Cols {
				if !slices.Contains(cols, c) {
					cols = append(cols, c)
				}
			}
		}
	}
	return cols
}

// newDocs compiles what is computed for each document; false if Go cannot compute it.
func (b *builder) newDocs(st *ir.Create) (*NewDocs, bool) {
	m := st.Model
	n := &NewDocs{Model: m, Span: st.Sp, Defaults: make([]eval.Fn, len(m.Fields))}
	layout := eval.ModelLayout(b.schema, m)
	for _, f := range m.Fields {
		if f.Default == nil {
			continue
		}
		fn, err := eval.Compile(f.Default, layout)
		if err != nil {
			return nil, false
		}
		n.Defaults[f.Pos] = fn
	}
	for _, ck := range m.Checks {
		cond, err := eval.CompileCond(ck.Cond, layout)
		if err != nil || !ofItself(ck.Cond) {
			return nil, false
		}
		n.Checks = append(n.Checks, NewCheck{ck, cond})
	}
	if len(st.Items) == 0 {
		return n, true
	}
	for _, it := range st.Items {
		if !ofItself(it.X) {
			return nil, false
		}
	}
	var err error
	n.Rows, err = project(&Local{Layout: layout}, st.Items, len(m.Columns))
	return n, err == nil
}

// ofItself reports whether a value depends only on the document's own columns.
func ofItself(x ir.Expr) bool {
	own := true
	ir.Walk(x, func(x ir.Expr) bool {
		switch x := x.(type) {
		case *ir.Col:
			if _, row := x.X.(*ir.Row); row {
				own = own && x.Col.Coll == nil
				return false
			}
		case *ir.Emb:
			if _, row := x.X.(*ir.Row); row {
				return false
			}
		case *ir.Row, *ir.Old, *ir.Deref, *ir.Pluck:
			own = false
		}
		if x.Type().Kind == lang.KRow {
			own = false
		}
		return own
	})
	return own
}
