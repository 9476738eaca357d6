package planner

import (
	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua"
	"github.com/rql-lang/rql/planner/plan"
)

// args compiles the slots of a script.
func (b *builder) args(p *Plan, s *lua.Script) error {
	p.Args = make([]Arg, len(s.Slots))
	for i := range s.Slots {
		slot := &s.Slots[i]
		a := &p.Args[i]
		a.Slot = slot
		var err error
		switch slot.Kind {
		case plan.SlotValue, plan.SlotPattern, plan.SlotKeys:
			a.X, err = b.compile(slot.X)
		case plan.SlotRanges, plan.SlotRange:
			a.Scan, err = b.scanArgs(slot.Scan)
		case plan.SlotDocs:
			err = b.docArgs(a, slot.Docs)
		case plan.SlotSearch:
			err = b.findArgs(a, slot.Scan)
		}
		if err != nil {
			return err
		}
	}
	for i := range s.Keys {
		if s.Keys[i].Kind != plan.KeyDoc {
			continue
		}
		fn, err := b.compile(s.Keys[i].X)
		if err != nil {
			return err
		}
		if p.Keys == nil {
			p.Keys = map[int]eval.Fn{}
		}
		p.Keys[i] = fn
	}
	return nil
}

// findArgs compiles the values of a Search query in a script.
func (b *builder) findArgs(a *Arg, sc *plan.Scan) error {
	q := sc.Search
	a.Find = &SearchArgs{Model: sc.Model, Query: q}
	for _, x := range q.Slots {
		fn, err := b.compile(x)
		if err != nil {
			return err
		}
		a.Find.Values = append(a.Find.Values, fn)
	}
	return nil
}

// scanArgs compiles the bounds of a scan.
func (b *builder) scanArgs(sc *plan.Scan) (*ScanArgs, error) {
	out := &ScanArgs{Scan: sc, Bounds: make([]BoundArgs, len(sc.Bounds)), Plain: sc.Path == plan.PathIndex}
	for i := range sc.Bounds {
		switch sc.Bounds[i].Kind {
		case plan.Eq:
			out.Plain = out.Plain && sc.Bounds[i].X != nil
		case plan.Range:
			out.Plain = out.Plain && i == len(sc.Bounds)-1
		default:
			out.Plain = false
		}
	}
	for i := range sc.Bounds {
		c, a := &sc.Bounds[i], &out.Bounds[i]
		var err error
		for _, f := range []struct {
			to *eval.Fn
			x  ir.Expr
		}{{&a.X, c.X}, {&a.List, c.List}, {&a.Lo, c.Lo}, {&a.Hi, c.Hi}} {
			if *f.to, err = b.compile(f.x); err != nil {
				return nil, err
			}
		}
		for _, x := range c.Items {
			fn, err := b.compile(x)
			if err != nil {
				return nil, err
			}
			a.Items = append(a.Items, fn)
		}
	}
	return out, nil
}

// docArgs compiles the documents of CREATE and PUT.
func (b *builder) docArgs(a *Arg, d *plan.DocSlot) error {
	for i := range d.Docs {
		doc := &d.Docs[i]
		if doc.Value != nil {
			fn, err := b.compile(doc.Value)
			if err != nil {
				return err
			}
			a.Value, a.Docs = append(a.Value, fn), append(a.Docs, nil)
			continue
		}
		fns := make([]eval.Fn, len(doc.Fields))
		for j, x := range doc.Fields {
			fn, err := b.compile(x)
			if err != nil {
				return err
			}
			fns[j] = fn
		}
		a.Value, a.Docs = append(a.Value, nil), append(a.Docs, fns)
	}
	return nil
}

// Args compiles the arguments of a script that is not generated from a statement.
func Args(p *Plan, s *lua.Script, schema *ir.Schema) error {
	b := &builder{schema: schema}
	return b.args(p, s)
}

// blockKey compiles the key and the duration.
func (b *builder) blockKey(x *ir.BlockKey) (*BlockKey, error) {
	if x == nil {
		return nil, nil
	}
	key, err := b.compile(x.Key)
	if err != nil {
		return nil, err
	}
	ms, err := b.compile(x.For)
	return &BlockKey{X: x, Key: key, For: ms}, err
}
