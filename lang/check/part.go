package check

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/expr"
	"github.com/rql-lang/rql/lang/ir"
)

// place is a statement on the documents of a model, while it is being checked.
type place struct {
	m    *ir.Model
	sp   lang.Span
	pins int  // of the head at its beginning
	link bool // it is the query of a backlink, which works in the partition of the document
}

// pinned returns the head that the pins of the current statement belong to.
func (c *checker) pinned() *ir.Head {
	if c.atomic != nil {
		return c.atomic.top
	}
	return c.Head
}

// on begins a statement on the documents of m. placed ends it.
func (c *checker) on(m *ir.Model, sp lang.Span) place {
	c.Use(m)
	if b := c.atomic; b != nil {
		if m.Part == nil && b.home == nil {
			b.home = &place{m: m, sp: sp}
		} else if m.Part != nil && b.spread == nil {
			b.spread = m
		}
	}
	return place{m, sp, len(c.pinned().Pins), c.Linking != nil && !c.Linking.Apart}
}

// placed reports a statement on a partitioned model that does not say in which partition it works. With over set, it may work in
// several, or in all.
func (c *checker) placed(p place, over bool) {
	if p.link {
		return
	}
	pins := c.pinned().Pins[p.pins:]
	switch {
	case c.atomic != nil || p.m.Part == nil:
	case slices.ContainsFunc(pins, func(pin ir.Pin) bool { return pin.Several }):
		if !over {
			c.partitionNeeded(p.m, p.sp)
		}
		c.Head.Over = p.m
	case len(pins) == 0 && over:
		c.Head.Over = p.m
	}
	if c.atomic == nil && c.Head.Over == nil {
		c.samePart(c.Head)
	}
	if p.m.Part == nil || len(pins) > 0 || c.Head.Over != nil || c.Wrong(p.sp) {
		return
	}
	if c.atomic != nil && c.atomic.part != nil && p.m.Celled() {
		return
	}
	c.partitionNeeded(p.m, p.sp)
}

// partitionNeeded reports that the partition is not known.
func (c *checker) partitionNeeded(m *ir.Model, sp lang.Span) {
	d := c.Errorf(lang.CodePartitionNeeded, sp, "%s is PARTITION BY %s, and this statement does not say in which partition it works", m.Name, m.Part.Name)
	if m.Celled() {
		d.WithHint("WHERE %s = …, { %s: …, %s: … } in place of a key, or ATOMIC PARTITION", m.Part.Name, m.Part.Name, m.Key.Name)
	} else {
		d.WithHint("name one document by its key, which must be known before the statement is sent")
	}
}

// pin records the partition of the current statement.
func (c *checker) pin(m *ir.Model, x ir.Expr) { c.addPin(ir.Pin{Model: m, X: x}) }

// addPin records what names the partition of the current statement.
func (c *checker) addPin(p ir.Pin) {
	if f := c.Frame; f != nil && f.Inline && p.X != nil {
		p.In = f.Proc.Within(p.X.Span(), f.At)
	}
	h := c.pinned()
	h.Pins = append(h.Pins, p)
}

// known reports whether the value of x can tell the partition, and reports an error if not.
func (c *checker) known(m *ir.Model, x ir.Expr) bool {
	if ir.Closed(x) {
		return true
	}
	if !c.Wrong(x.Span()) {
		c.Errorf(lang.CodePartitionNeeded, x.Span(), "the partition of %s must be known before the statement is sent: a literal, a parameter or a LET name of the program", m.Name).
			WithHint("ATOMIC PARTITION names that of all statements of a block")
	}
	return false
}

// wherePart takes the partition, or several of them, out of a condition: what is left holds within each.
func (c *checker) wherePart(where ir.Expr, m *ir.Model) ir.Expr {
	if m.Part == nil || where == nil || c.Scope.Link != nil && !c.Scope.Link.Apart {
		return where
	}
	n := len(c.pinned().Pins)
	out := c.whereOne(where, m)
	if len(c.pinned().Pins) == n && c.atomic == nil {
		out = c.whereSeveral(out, m, n)
	}
	return out
}

// whereSeveral takes out the first comparison of the partition with a list of values.
func (c *checker) whereSeveral(where ir.Expr, m *ir.Model, pins int) ir.Expr {
	switch x := where.(type) {
	case *ir.Binary:
		if x.Op != lang.OpAnd {
			return where
		}
		l := c.whereSeveral(x.L, m, pins)
		if len(c.Head.Pins) > pins {
			if l == nil {
				return x.R
			}
			return &ir.Binary{Base: x.Base, Op: x.Op, L: l, R: x.R}
		}
		r := c.whereSeveral(x.R, m, pins)
		if r == nil {
			return x.L
		}
		return &ir.Binary{Base: x.Base, Op: x.Op, L: x.L, R: r}
	case *ir.In:
		list := x.List
		if list == nil {
			list = &ir.List{Base: ir.Base{T: lang.ListOf(m.Part.Type), Sp: x.Sp}, Items: x.Items}
		}
		if !isPart(x.X, m) || !ir.Closed(list) || !c.allNamePart(x, m) {
			return where
		}
		c.Head.Pins = append(c.Head.Pins, ir.Pin{Model: m, X: list, Several: true})
		if m.Celled() {
			return nil
		}
	}
	return where
}

// allNamePart is namesPart for the values of an IN.
func (c *checker) allNamePart(x *ir.In, m *ir.Model) bool {
	if x.List != nil {
		e := x.List.Type().Elem
		return e == nil || c.namesPart(*e, m)
	}
	for _, it := range x.Items {
		if !c.namesPart(it.Type(), m) {
			return false
		}
	}
	return true
}

// whereOne takes the partition out of a condition that compares it with one value.
func (c *checker) whereOne(where ir.Expr, m *ir.Model) ir.Expr {
	if b, ok := where.(*ir.Binary); ok {
		switch b.Op {
		case lang.OpAnd:
			l, r := c.whereOne(b.L, m), c.whereOne(b.R, m)
			switch {
			case l == nil:
				return r
			case r == nil:
				return l
			}
			if l != b.L || r != b.R {
				return &ir.Binary{Base: b.Base, Op: b.Op, L: l, R: r}
			}
		case lang.OpEq:
			x := b.R
			if !isPart(b.L, m) {
				if x = b.L; !isPart(b.R, m) {
					return where
				}
			}
			if !ir.Closed(x) || !c.namesPart(x.Type(), m) {
				return where
			}
			c.pin(m, x)
			if m.Celled() {
				return nil
			}
		}
	}
	return where
}

// namesPart reports whether a value of type t can be that of the partition as it is written.
func (c *checker) namesPart(t lang.Type, m *ir.Model) bool {
	part := m.Part.Type
	if t.Kind == part.Kind || t.Kind == lang.KUnknown {
		return true
	}
	to := c.Schema.Model(part.Model)
	return part.Kind == lang.KRef && to != nil && to.Key != nil && t.Kind == to.Key.Type.Kind
}

// isPart reports whether x is the field of the statement's own document that names its partition.
func isPart(x ir.Expr, m *ir.Model) bool {
	if k, is := x.(*ir.Key); is {
		x = k.X
	}
	col, ok := x.(*ir.Col)
	if !ok || col.Col.Field != m.Part {
		return false
	}
	_, own := col.X.(*ir.Row)
	return own
}

// docsPart records the partition of the documents of a CREATE or PUT.
func (c *checker) docsPart(w *ir.Create) {
	m := w.Model
	if m.Part == nil {
		return
	}
	if several := len(w.Docs) > 1 || w.Many; several && c.atomic == nil && c.Frame == nil && (w.Life == nil || !w.Life.Each) {
		c.Head.Over = m
	} else if several && !m.Celled() {
		c.Errorf(lang.CodeOtherPartition, w.Sp, "each document of %s is a partition of its own, so they cannot be created together", m.Name).
			WithHint("one CREATE for each document")
		return
	}
	for i := range w.Docs {
		d := &w.Docs[i]
		switch {
		case d.Value != nil:
			if c.known(m, d.Value) {
				c.addPin(ir.Pin{Model: m, X: d.Value, Docs: true})
			}
		case d.Fields[m.Part.Pos] != nil:
			if x := d.Fields[m.Part.Pos]; c.known(m, x) {
				c.addPin(ir.Pin{Model: m, X: x, New: true})
			}
		case m.Part.Default != nil && c.atomic != nil:
			c.partitionNeeded(m, d.Sp)
		case m.Part.Default != nil:
			c.addPin(ir.Pin{Model: m, Fields: d.Fields})
		}
	}
}

// blockPart checks PARTITION p of an ATOMIC.
func (c *checker) blockPart(x lang.Expr) ir.Expr {
	outer := c.Enter(&expr.Scope{Clause: "ATOMIC PARTITION"})
	defer c.Enter(outer)
	p := c.Expr(x)
	switch t := p.Type(); {
	case t.Kind == lang.KUnknown, t.Kind == lang.KNull, t.Kind == lang.KString, t.Kind == lang.KEnum, t.Kind == lang.KInt, t.Kind == lang.KInt64, t.Kind == lang.KRef:
	default:
		c.Errorf(lang.CodeTypeMismatch, p.Span(), "a partition is a string, an enum, an int, an int64 or a ref")
	}
	c.NotNull(p, "a partition")
	if !ir.Closed(p) {
		c.Errorf(lang.CodePartitionNeeded, p.Span(), "the partition of ATOMIC must be known before the block runs: a literal, a parameter or a LET name")
	}
	return p
}

// blockPlaces checks what a block touches: documents of one partition, or none of partitioned models.
func (c *checker) blockPlaces(part lang.Expr) {
	b := c.atomic
	if b.home != nil && (b.spread != nil || part != nil) {
		what := "this block works in a partition"
		if b.spread != nil {
			what += " of " + b.spread.Name
		}
		c.Errorf(lang.CodeOtherPartition, b.home.sp, "%s, and %s has no PARTITION BY: it is elsewhere", what, b.home.m.Name).
			WithHint("read it before the block, by LET, or write it by a statement of its own")
	}
	if part != nil && b.spread == nil && b.home == nil {
		c.Errorf(lang.CodeNotAllowed, part.Span(), "no statement of this block uses a model with PARTITION BY").WithHint("ATOMIC < … >")
	}
}

// joins records what the block of a procedure touches, which is part of another one.
func (b *atomicBlock) joins(around *atomicBlock, call lang.Span) {
	if around.home == nil && b.home != nil {
		around.home = &place{m: b.home.m, sp: call}
	}
	if around.spread == nil {
		around.spread = b.spread
	}
}

// samePart reports literals that name different partitions.
func (c *checker) samePart(h *ir.Head) {
	first := ""
	for i := range h.Pins {
		x := h.Pins[i].X
		if x == nil || h.Pins[i].Docs {
			continue
		}
		v, _ := c.Literal(x)
		list, many := v.([]any)
		if !many {
			list = []any{v}
		}
		for _, v := range list {
			text, ok := ir.KeyText(v)
			switch {
			case !ok:
			case first == "":
				first = text
			case text != first:
				d := c.Errorf(lang.CodeOtherPartition, x.Span(), "a statement works in one partition, and this is another than %s", lang.Quote(first)).
					WithHint("use a statement, or a block, for each partition")
				if in := h.Pins[i].In; in != nil {
					d.Span, d.Within = in.Call, in
				}
				return
			}
		}
	}
}
