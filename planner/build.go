package planner

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// builder makes the plan of one statement.
type builder struct {
	schema *ir.Schema
	src    *lang.Source
	caps   Caps
	// profile: scripts count what they do
	profile bool
}

// Build plans a checked statement. Its errors are mistakes of the program
// (something the generator cannot write), never of the statement.
func Build(st ir.Stmt, prog *ir.Program, caps Caps) (*Plan, error) {
	b := &builder{schema: prog.Schema, src: prog.Source, caps: caps}
	return b.build(st)
}

func (b *builder) build(st ir.Stmt) (*Plan, error) {
	p := &Plan{Stmt: st, Caps: b.caps, Refs: refs(st.Info().Uses)}
	for _, l := range st.Info().Pre {
		sub, err := b.build(l)
		if err != nil {
			return nil, err
		}
		p.Pre = append(p.Pre, &PreLet{Let: l, Plan: sub})
	}
	if err := b.reachable(st); err != nil {
		return nil, err
	}
	p.Stale = staleOf(st, nil)
	err := b.fixed(p, st)
	if err != nil {
		return nil, err
	}
	switch st := st.(type) {
	case *ir.Get:
		p.Kind = "GET"
		err = b.get(p, st)
	case *ir.Find:
		p.Kind = "FIND"
		err = b.find(p, st)
	case *ir.Count:
		p.Kind = "COUNT"
		p.Columns, p.Types = []string{"count"}, []lang.Type{lang.TypeInt}
		err = b.count(p, st)
	case *ir.Exists:
		p.Kind = "EXISTS"
		p.Columns, p.Types = []string{"exists"}, []lang.Type{lang.TypeBool}
		err = b.exists(p, st)
	case *ir.Create:
		p.Kind = "CREATE"
		if st.Put {
			p.Kind = "PUT"
		}
		var done bool
		if done, err = b.create(p, st); !done && err == nil {
			b.columns(p, st.Items)
			err = b.block(p, []ir.Stmt{bare(st)}, st.Uses)
		}
	case *ir.Copy:
		p.Kind = "COPY"
		b.columns(p, st.Items)
		err = b.block(p, []ir.Stmt{bare(st)}, st.Uses)
	case *ir.Update:
		p.Kind = "UPDATE"
		b.columns(p, st.Items)
		err = b.change(p, st, &st.Target, changed(st.Model, st.Sets))
	case *ir.Delete:
		p.Kind = "DELETE"
		b.columns(p, st.Items)
		err = b.change(p, st, &st.Target, nil)
	case *ir.Atomic:
		p.Kind = "ATOMIC"
		b.atomicColumns(p, st.Body)
		err = b.blockOf(p, &lua.BlockSpec{Stmts: st.Body, Uses: st.Uses, Procs: st.Procs, Atomic: true, Once: st.Once})
	case *ir.Invoke:
		p.Kind = "CALL"
		err = b.invoke(p, st)
	case *ir.Let:
		p.Kind = "LET"
		if st.Stmt != nil {
			p.Let, err = b.build(st.Stmt)
		} else {
			p.Value, err = eval.Compile(st.X, eval.Layout{Schema: b.schema})
		}
	case *ir.Ensure:
		p.Kind = "ENSURE"
		p.Value, err = eval.Compile(st.Cond, eval.Layout{Schema: b.schema})
		if err == nil && st.Else != nil {
			p.Message, err = eval.Compile(st.Else, eval.Layout{Schema: b.schema})
		}
	default:
		p.Kind = kindOf(st)
	}
	if err != nil {
		return nil, fmt.Errorf("plan %s: %w", p.Kind, err)
	}
	return p, nil
}

// fixed compiles what of a statement's conditions is the same for every document and may fault.
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

// refs reports models with a field that holds refs.
func refs(uses []*ir.Model) bool {
	for _, m := range uses {
		for _, c := range m.Columns {
			if c.Type.Kind == lang.KRef || c.Type.Elem != nil || c.Type.Kind == lang.KJSON {
				return true
			}
		}
	}
	return false
}

// kindOf names the statements that have no plan of their own.
func kindOf(st ir.Stmt) string {
	switch st.(type) {
	case *ir.Define:
		return "MODEL"
	case *ir.DefineProcedure:
		return "PROCEDURE"
	case *ir.DropProcedure:
		return "DROP"
	case *ir.Drop:
		return "DROP"
	case *ir.Verify:
		return "VERIFY"
	case *ir.Show:
		return "SHOW"
	case *ir.Explain:
		return "EXPLAIN"
	case *ir.Import:
		return "IMPORT"
	}
	return strings.ToUpper(strings.TrimPrefix(fmt.Sprintf("%T", st), "*ir."))
}

// bare is the statement without its subqueries, whose values travel as
// arguments: at the top level they ran before it.
func bare(st ir.Stmt) ir.Stmt {
	switch st := st.(type) {
	case *ir.Create:
		c := *st
		c.Pre = nil
		return &c
	case *ir.Copy:
		c := *st
		c.Pre = nil
		return &c
	case *ir.Update:
		c := *st
		c.Pre = nil
		return &c
	case *ir.Delete:
		c := *st
		c.Pre = nil
		return &c
	}
	return st
}

// columns sets the columns from returned items.
func (b *builder) columns(p *Plan, items []ir.Item) {
	for _, it := range items {
		p.Columns = append(p.Columns, it.Name)
		p.Types = append(p.Types, b.schema.Expand(b.sent(it.X.Type())))
	}
}

// sent is the type of a value as a block's reply holds it: a document is an object of its fields.
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
	case t.Kind == lang.KRecord: // what is shown is null after a fault, whatever its type says
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

// atomicColumns sets the columns of a block from its first RETURN.
func (b *builder) atomicColumns(p *Plan, block []ir.Stmt) {
	var walk func(body []ir.Stmt) *ir.Return
	walk = func(body []ir.Stmt) *ir.Return {
		for _, s := range body {
			switch s := s.(type) {
			case *ir.Return:
				return s
			case *ir.If:
				if r := walk(s.Then); r != nil {
					return r
				}
				if r := walk(s.Else); r != nil {
					return r
				}
			case *ir.For:
				if r := walk(s.Body); r != nil {
					return r
				}
			}
		}
		return nil
	}
	if r := walk(block); r != nil {
		b.columns(p, r.Items)
		p.Scalar = r.Scalar
	}
}

// changed lists the columns that SET items can change, and the REVISION that every change raises.
func changed(m *ir.Model, sets []ir.Assign) map[*ir.Column]bool {
	out := map[*ir.Column]bool{}
	if f := m.Revision(); f != nil {
		out[f.Columns[0]] = true
	}
	for i := range sets {
		pl := &sets[i].Place
		if pl.Col != nil {
			out[pl.Col] = true
		} else {
			for _, c := range m.Under(pl.Prefix) {
				out[c] = true
			}
		}
		for _, c := range pl.Creates {
			for _, x := range m.Under(c.Name) {
				out[x] = true
			}
		}
	}
	return out
}

// block plans statements as one script.
func (b *builder) block(p *Plan, body []ir.Stmt, uses []*ir.Model) error {
	return b.blockOf(p, &lua.BlockSpec{Stmts: body, Uses: uses})
}

func (b *builder) blockOf(p *Plan, spec *lua.BlockSpec) error {
	ch := &Chooser{Block: true, Search: b.caps.inScript}
	spec.Schema, spec.Budget, spec.Queries, spec.Profile = b.schema, plan.MaxBlock, ch.queries(spec.Stmts), b.profile
	s, err := lua.NewBlock(spec)
	if err != nil {
		return err
	}
	once, err := b.once(spec.Once)
	if err != nil {
		return err
	}
	step := &BlockStep{Script: s, Once: once, Queries: spec.Queries}
	if !spec.Atomic && len(spec.Stmts) == 1 {
		step.Query = spec.Queries[spec.Stmts[0]]
	}
	p.Step = step
	p.Write = s.Access != plan.Reads
	return b.args(p, s)
}

// change plans UPDATE and DELETE: by key, with a LIMIT or through a key or
// unique value as one step; otherwise in steps over an index that the change leaves alone.
func (b *builder) change(p *Plan, st ir.Stmt, t *ir.Target, avoid map[*ir.Column]bool) error {
	st = bare(st)
	if t.Key != nil || t.Limit != nil || b.oneStep(st, t) {
		return b.block(p, []ir.Stmt{st}, st.Info().Uses)
	}
	qs := (&Chooser{Avoid: avoid, Step: true}).queries([]ir.Stmt{st})
	s, err := lua.NewBlock(&lua.BlockSpec{Schema: b.schema, Stmts: []ir.Stmt{st}, Uses: st.Info().Uses, Budget: plan.MaxBlock, Step: true, Queries: qs, Profile: b.profile})
	if err != nil {
		return err
	}
	p.Write = true
	p.Step = &BlockStep{Script: s, Stepped: true, Query: qs[st], Queries: qs}
	return b.args(p, s)
}

// oneStep reports a predicate that can match one document, or as many as keys are named.
func (b *builder) oneStep(st ir.Stmt, t *ir.Target) bool {
	if t.Where == nil {
		return false
	}
	q := (&Chooser{}).Query(model(st), t.Where, nil, nil, nil)
	for _, c := range q.Cands {
		for _, sc := range c.Scans {
			if !sc.Lookup() {
				return false
			}
		}
	}
	return true
}

// model is the model that a changing statement is about.
func model(st ir.Stmt) *ir.Model {
	switch st := st.(type) {
	case *ir.Update:
		return st.Model
	case *ir.Delete:
		return st.Model
	}
	return nil
}
