package planner

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// Build plans a checked statement. An error is a bug of the program (something that the generator cannot write), never an error
// in the statement.
func Build(st ir.Stmt, prog *ir.Program, caps Caps) (*Plan, error) {
	b := &builder{schema: schemaOf(st, prog), src: prog.Source, caps: caps, params: len(prog.Params)}
	p, err := b.build(st)
	if err == nil {
		p.Marks = marks(st, nil)
	}
	return p, err
}

// schemaOf returns the schema for planning a statement of a program.
func schemaOf(st ir.Stmt, prog *ir.Program) *ir.Schema {
	if s := st.Info().Schema; s != nil {
		return s
	}
	return prog.Schema
}

func (b *builder) build(st ir.Stmt) (*Plan, error) {
	st = nearby(st)
	p := &Plan{Stmt: st, Caps: b.caps, Refs: refs(st.Info().Uses), Within: cellNames(st)}
	for _, l := range st.Info().Pre {
		sub, err := b.build(l)
		if err != nil {
			return nil, err
		}
		p.Pre = append(p.Pre, &PreLet{Let: l, Plan: sub})
	}
	err := b.pins(p, st)
	if err == nil {
		err = b.over(p, st)
	}
	if err == nil {
		err = b.fixed(p, st)
	}
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
		if st.Restore {
			p.Kind = "RESTORE"
		}
		var done bool
		if done, err = b.create(p, st); !done && err == nil {
			b.columns(p, st.Items)
			err = b.block(p, b.keyed(p, st))
		}
	case *ir.Copy:
		p.Kind = "COPY"
		b.columns(p, st.Items)
		err = b.block(p, st)
	case *ir.Update:
		p.Kind = "UPDATE"
		b.columns(p, st.Items)
		err = b.change(p, st, st.Model, &st.Target, plan.Changed(st.Model, st.Sets))
	case *ir.Delete:
		p.Kind = "DELETE"
		b.columns(p, st.Items)
		err = b.change(p, st, st.Model, &st.Target, nil)
	case *ir.Expire:
		if p.Kind = "EXPIRE"; st.End == nil {
			p.Kind = "PERSIST"
		}
		err = b.change(p, st, st.Model, &st.Target, nil)
	case *ir.Atomic:
		p.Kind = "ATOMIC"
		err = b.atomic(p, &st.Head, st.Body, st.Key, nil)
	case *ir.Invoke:
		p.Kind = "CALL"
		err = b.atomic(p, &st.Head, nil, st.Key, st)
	case *ir.Let:
		p.Kind = "LET"
		if st.Stmt != nil {
			p.Let, err = b.build(st.Stmt)
		} else {
			p.Value, err = eval.Compile(st.X, eval.Layout{Schema: b.schema})
		}
	case *ir.Print:
		p.Kind = "PRINT"
		err = b.print(p, st)
	case *ir.Export:
		p.Kind = "EXPORT"
		p.Let, err = b.build(st.Find)
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
	p.Brief = !b.profile && p.Over == nil && brief(p)
	return p, nil
}

// marks appends the models to whose documents a statement may give their first expiration.
func marks(st ir.Stmt, out []*ir.Model) []*ir.Model {
	add := func(m *ir.Model, l *ir.Life) {
		if l != nil && !m.Expires && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	var inside []ir.Stmt
	switch st := st.(type) {
	case *ir.Create:
		add(st.Model, st.Life)
	case *ir.Copy:
		add(st.Model, st.Life)
	case *ir.Expire:
		add(st.Model, st.End)
	case *ir.Let:
		if st.Stmt != nil {
			return marks(st.Stmt, out)
		}
	case *ir.Export:
		return marks(st.Find, out)
	case *ir.Explain:
		if st.Profile {
			return marks(st.Stmt, out)
		}
	case *ir.Atomic:
		inside = st.Body
	case *ir.Invoke:
		inside = st.Body
	case *ir.If:
		inside = slices.Concat(st.Then, st.Else)
	case *ir.For:
		inside = st.Body
	}
	for _, s := range inside {
		out = marks(s, out)
	}
	return out
}

// refs reports whether a model has a field that contains refs.
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

// kindOf returns the name of a statement that has no plan of its own.
func kindOf(st ir.Stmt) string {
	switch st := st.(type) {
	case *ir.Define:
		if st.Alter != nil {
			return "ALTER"
		}
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

// block plans statements as one script.
func (b *builder) block(p *Plan, st ir.Stmt) error {
	return b.blockOf(p, &plan.Block{Uses: st.Info().Uses}, &blockBuilder{choose: Chooser{Block: true, Search: b.caps.inScript}}, st)
}

// atomic plans the body of an ATOMIC, or of a procedure that is called, as one script.
func (b *builder) atomic(p *Plan, h *ir.Head, body []ir.Stmt, once *ir.BlockKey, call *ir.Invoke) error {
	c := &blockBuilder{choose: Chooser{Block: true, Search: b.caps.inScript}, lazy: true}
	block := &plan.Block{Uses: h.Uses, Procs: h.Procs, Key: once, Atomic: true}
	if call != nil {
		block.Call = c.call(call, plan.Head{})
		block.Stmts = block.Call.Body
	} else {
		block.Stmts = c.body(body)
	}
	if r := block.Return(); r != nil {
		b.columns(p, r.Items)
		p.Scalar = r.Scalar
	}
	return b.blockOf(p, block, c, nil)
}

// blockOf generates the script of a block, which consists of its statements, or of st alone, whose subqueries ran before.
func (b *builder) blockOf(p *Plan, block *plan.Block, c *blockBuilder, st ir.Stmt) error {
	if st != nil {
		block.Stmts = []plan.Stmt{c.stmt(st, nil)}
	}
	if c.err != nil {
		return c.err
	}
	p.Stale = append(p.Stale, c.stale...)
	block.NoRefresh = b.caps.NoRefresh
	links, err := b.linksOf(p, p.Stmt, block.Atomic)
	if err != nil {
		return err
	}
	block.Links = links
	isFlat := len(links) == 0 && !b.profile && flat(block, b.caps.Declared)
	block.Flat = isFlat && b.flat
	s, err := lua.NewBlock(b.schema, block, b.profile)
	if err != nil {
		return err
	}
	p.Refreshes = s.Refreshes
	once, err := b.blockKey(block.Key)
	if err != nil {
		return err
	}
	step := &BlockStep{Script: s, Block: block, Key: once, Query: block.Query()}
	if isFlat && !b.flat {
		step.Flat = b.flatPlan(p.Stmt)
	}
	p.Step = step
	return b.args(p, s)
}

// flatPlan is the plan of a statement with a script in the flat form.
func (b *builder) flatPlan(st ir.Stmt) *FlatPlan {
	again := *b
	again.flat = true
	f := &FlatPlan{build: sync.OnceValues(func() (*Plan, error) { return again.build(st) })}
	if b.caps.FlatFirst {
		f.runs.Store(1)
	}
	return f
}

// change plans UPDATE and DELETE: by key, with a LIMIT or by a unique value in one step, otherwise in steps over an index that
// the statement does not change.
func (b *builder) change(p *Plan, st ir.Stmt, m *ir.Model, t *ir.Target, avoid map[*ir.Column]bool) error {
	if t.Key != nil || t.Limit != nil || b.oneStep(m, t) && !cascades(st) {
		return b.block(p, st)
	}
	c := &blockBuilder{choose: Chooser{Avoid: avoid, Step: true}, steps: true}
	return b.blockOf(p, &plan.Block{Uses: st.Info().Uses, Step: true}, c, st)
}

// oneStep reports whether a predicate can match at most one document, or as many as keys are named.
func (b *builder) oneStep(m *ir.Model, t *ir.Target) bool {
	if t.Where == nil {
		return false
	}
	for _, c := range (&Chooser{}).Query(m, t.Where, nil, nil, nil).Cands {
		for _, sc := range c.Scans {
			if !sc.Lookup() {
				return false
			}
		}
	}
	return true
}

// BuildProfile is Build, with scripts that count their work.
func BuildProfile(st ir.Stmt, prog *ir.Program, caps Caps) (*Plan, error) {
	b := &builder{schema: schemaOf(st, prog), src: prog.Source, caps: caps, params: len(prog.Params), profile: true}
	return b.build(st)
}
