package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang/eval"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// Pin is a value that names the partition in which a statement works.
type Pin struct {
	ir.Pin
	Value eval.Fn // nil: a default that is computed later
	// Of a model that is PARTITION BY its KEY, which has a DEFAULT: what computes the key of a new document, by Field.Pos up to that of
	// the key. Given are nil for documents that are a value.
	Given, Defaults []eval.Fn
}

// Scatter is how a statement works in several partitions: as its plan says in each of them, and what they give is put together.
type Scatter struct {
	Model *ir.Model
	// Merge: each partition gives rows in the requested order, so that those of all of them are merged.
	Merge bool
	// Entries, with Merge: only the entries of the index are merged, and the documents of those that come first are read.
	Entries bool
	// Plain: the entries of an index are read in any order, and then the documents.
	Plain bool
	// Lists: so little is asked of each partition that the list of partitions is read with it.
	Lists bool
	// Value are the arguments of a value of a UNIQUE GLOBAL that a document must have: its entry says in which partition that is, if the value
	// is not null. nil: none is asked for.
	Value *ScanArgs
	// Check completes and checks the documents of a CREATE or PUT before any is sent; nil: they are checked as they are bound.
	Check *NewDocs
	// Keys gives the keys of a GET, and Name the name of those in one partition.
	Keys eval.Fn
	Name *ir.Variable
}

// over plans a statement that works in several partitions.
func (b *builder) over(p *Plan, st ir.Stmt) error {
	m := st.Info().Over
	if m == nil {
		return nil
	}
	p.Over = &Scatter{Model: m}
	if c, ok := st.(*ir.Create); ok {
		bare := *c
		bare.Items = nil
		if n, ok := b.newDocs(&bare); ok {
			p.Over.Check = n
		}
		return nil
	}
	var err error
	get, ok := st.(*ir.Get)
	if !ok {
		if sc := globalIn(m, st); sc != nil && len(p.Pins) == 0 {
			p.Over.Value, err = b.scanArgs(sc)
		}
		return err
	}
	p.Over.Name = get.Key.(*ir.Var).V
	p.Over.Keys, err = b.compile(get.Keys)
	return err
}

// globalIn returns the lookup of a value of a UNIQUE GLOBAL that the condition of a statement requires; nil if it requires none.
func globalIn(m *ir.Model, st ir.Stmt) *plan.Scan {
	for _, where := range ir.Conditions(st) {
		ss := sargs(conjuncts(where, nil))
		for _, ix := range m.Uniques {
			if !ix.Global || ix.Building {
				continue
			}
			if c := byUnique(m, ix, ss, 0); c != nil && c.Scans[0].Closed() {
				return c.Scans[0]
			}
		}
	}
	return nil
}

// lists reports whether a statement works in all partitions that are listed.
func (p *Plan) lists() bool {
	return p.Over != nil && p.Over.Value == nil && len(p.Within) == 0 && p.Over.Model.Celled() && p.Over.Keys == nil && len(p.Pins) == 0
}

// merges decides how the rows of several partitions are put into order.
func (b *builder) merges(p *Plan, step *ScanStep) {
	if p.Over == nil || p.Local == nil {
		return
	}
	c := step.Query.Cands[0]
	if len(p.Within) > 0 { // conditions mean other keys in each partition
		p.Over.Merge = c.Walked() && p.Local.Free() && Op[Sort](p.Local) != nil && !Op[Sort](p.Local).Returned
		return
	}
	p.Over.Plain = step.Pages && c.Loose == 0 && Op[Sort](p.Local) == nil
	if s := Op[Sort](p.Local); !p.Local.Free() || s == nil || s.Returned {
		return
	}
	p.Over.Merge = c.Walked()
	p.Over.Entries = c.Ordered && step.Pages && c.Loose == 0
	p.Over.Lists = p.Over.Entries && p.lists()
}

// partOf gives rows of several partitions a place for the value of theirs, behind n values of the document.
func (b *builder) partOf(p *Plan, n int) int {
	if p.Over == nil || !p.Over.Model.Celled() {
		return 0
	}
	return n
}

// pins compiles what names the partition of a statement.
func (b *builder) pins(p *Plan, st ir.Stmt) error {
	for _, pin := range st.Info().Pins {
		fn, err := b.compile(pin.X)
		if err != nil {
			return err
		}
		out := Pin{Pin: pin, Value: fn}
		if m := pin.Model; m != nil && m.Part == m.Key && m.Key.Default != nil && (pin.X == nil || pin.Docs) {
			out.Given, out.Defaults = b.newKey(&pin)
		}
		p.Pins = append(p.Pins, out)
	}
	return nil
}

// newKey compiles what computes the key of a new document. What Go cannot compute is left out; then the partition is not known.
func (b *builder) newKey(p *ir.Pin) (given, defaults []eval.Fn) {
	m := p.Model
	if defaults = KeyDefaults(b.schema, m); defaults == nil || p.Fields == nil {
		return nil, defaults
	}
	given = make([]eval.Fn, len(defaults))
	for i := range given {
		var err error
		if given[i], err = b.compile(p.Fields[i]); err != nil {
			return nil, nil
		}
	}
	return given, defaults
}

// keyed returns a CREATE whose document, which is its own partition, is sent with its key: that is computed before the statement is sent.
func (b *builder) keyed(p *Plan, st *ir.Create) *ir.Create {
	m := st.Model
	if m.Part == nil || m.Part != m.Key || len(st.Docs) != 1 || len(p.Pins) != 1 || p.Pins[0].X != nil || p.Pins[0].Defaults == nil {
		return st
	}
	p.KeyParam = b.params + 1
	out := *st
	doc := st.Docs[0]
	doc.Fields = slices.Clone(doc.Fields)
	doc.Fields[m.Key.Pos] = &ir.Param{Base: ir.Base{T: m.Key.Type.NotNull(), Sp: doc.Sp}, Name: m.Key.Name, Index: b.params}
	out.Docs = []ir.Doc{doc}
	return &out
}

// KeyDefaults compiles the DEFAULTs from which the key of a new document is computed, by Field.Pos up to that of the key; nil if Go cannot
// compute it.
func KeyDefaults(schema *ir.Schema, m *ir.Model) []eval.Fn {
	layout := eval.ModelLayout(schema, m)
	out := make([]eval.Fn, m.Key.Pos+1)
	for i, f := range m.Fields[:len(out)] {
		if f.Default == nil {
			continue
		}
		var err error
		if out[i], err = eval.Compile(f.Default, layout); err != nil {
			return nil
		}
	}
	return out
}

// place prints the partition in which a statement works.
func (p *Plan) place(t *plan.Text) {
	if p.Over != nil {
		p.scattered(t)
		return
	}
	for i := range p.Pins {
		pin := &p.Pins[i]
		of := "of the block"
		if pin.Model != nil {
			of = pin.Model.Part.Name
		}
		switch {
		case pin.X == nil:
			t.Line("partition: %s, which has a DEFAULT", of)
		case pin.Docs:
			t.Line("partition: %s of %s", of, t.At(pin.In, pin.X))
		case ir.Has(pin.X, ir.ReadsFull):
			t.Line("partition: %s in %s", of, t.At(pin.In, pin.X))
		case pin.Model == nil:
			t.Line("partition: %s", t.At(pin.In, pin.X))
		default:
			t.Line("partition: %s = %s", of, t.At(pin.In, pin.X))
		}
	}
}

// scattered prints in which partitions a statement works, and how their rows are put together.
func (p *Plan) scattered(t *plan.Text) {
	m := p.Over.Model
	line := fmt.Sprintf("scatter: over the partitions of %s (by %s)", m.Name, m.Part.Name)
	_, creates := p.Stmt.(*ir.Create)
	_, writes := p.Step.(*BlockStep)
	if creates {
		line = fmt.Sprintf("scatter: the documents of each partition of %s (by %s) by themselves", m.Name, m.Part.Name)
	} else if p.Over.Keys != nil {
		line = fmt.Sprintf("scatter: over the partitions of %s (by %s) that have the keys", m.Name, m.Part.Name)
	} else if len(p.Pins) > 0 {
		line = fmt.Sprintf("scatter: over partitions of %s: %s IN %s", m.Name, m.Part.Name, t.Expr(p.Pins[0].X))
	}
	if s, is := p.Step.(*SearchStep); is {
		one := "one search over"
		if s.Apart {
			one = "a search in each bucket, one message a node and round, over"
		}
		if line = fmt.Sprintf("scatter: %s all partitions of %s (by %s)", one, m.Name, m.Part.Name); len(p.Pins) > 0 {
			line = fmt.Sprintf("scatter: %s partitions of %s: %s IN %s", one, m.Name, m.Part.Name, t.Expr(p.Pins[0].X))
		}
		t.Line("%s", line)
		return
	}
	if v := p.Over.Value; v != nil {
		of := make([]string, len(v.Scan.Bounds))
		for i, c := range v.Scan.Index.Cols {
			of[i] = c.Name + " = " + t.Expr(v.Scan.Bounds[i].X)
		}
		t.Line("partition: that of the document with %s, which the entry of UNIQUE (%s) GLOBAL names; 1 round trip", strings.Join(of, " AND "), v.Scan.Index.Label())
		return
	}
	switch {
	case !writes:
		line += ", one message a node and round"
	case !creates:
		line += ", one of a node at a time"
	}
	if p.Over.Merge {
		s := Op[Sort](p.Local)
		by := s.Names(t)
		if s.Part > 0 {
			by = append(by, m.Part.Name)
		}
		if !slices.Contains(by, m.Key.Name) {
			by = append(by, m.Key.Name)
		}
		line += "; merge by " + strings.Join(by, ", ")
	}
	t.Line("%s", line)
}
