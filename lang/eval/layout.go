package eval

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Layout says where Env.Row holds each leaf.
type Layout struct {
	Slots  map[string]int // by ir.LeafPath
	Schema *ir.Schema     // for whole rows and key(x); may be nil where there are none
}

// NewLayout puts leaf i into slot i.
func NewLayout(s *ir.Schema, leaves []*ir.Col) Layout {
	l := Layout{Slots: make(map[string]int, len(leaves)), Schema: s}
	for i, c := range leaves {
		l.Slots[ir.LeafPath(c)] = i
	}
	return l
}

// ModelLayout puts each column of a model into the slot Column.Slot.
func ModelLayout(s *ir.Schema, m *ir.Model) Layout {
	l := Layout{Slots: make(map[string]int, len(m.Columns)), Schema: s}
	for _, c := range m.Columns {
		l.Slots[c.Name] = c.Slot
	}
	return l
}

// Leaves returns the leaves of the statement's own document, and of documents
// that its refs lead to, that the expressions read; each once, in order of
// first use. Embedded values and whole rows are expanded into theirs. Nil
// expressions are skipped. The schema is asked for the models of whole rows.
func Leaves(s *ir.Schema, xs ...ir.Expr) []*ir.Col {
	g := gatherer{schema: s, seen: map[string]bool{}}
	for _, x := range xs {
		g.expr(x)
	}
	return g.out
}

type gatherer struct {
	schema *ir.Schema
	seen   map[string]bool
	out    []*ir.Col
}

func (g *gatherer) add(c *ir.Col) {
	if p := ir.LeafPath(c); !g.seen[p] {
		g.seen[p] = true
		g.out = append(g.out, c)
	}
}

func (g *gatherer) cols(x ir.Expr, cols []*ir.Column) {
	for _, c := range cols {
		g.add(leaf(x, c))
	}
}

// expr gathers what x reads. A leaf's own path leads on to nothing more: the
// refs it goes through are part of it.
func (g *gatherer) expr(x ir.Expr) {
	switch y := x.(type) {
	case nil:
		return
	case *ir.Col:
		if ir.LeafPath(y) != "" {
			g.add(y)
			return
		}
	case *ir.Emb:
		if rooted(y.X) {
			g.cols(y.X, embColumns(g.schema, y))
			return
		}
	case *ir.Row, *ir.Old, *ir.Deref:
		if rooted(x) {
			if m := modelOf(g.schema, x); m != nil {
				g.cols(x, m.Columns)
			}
			return
		}
	case *ir.IsNull:
		if cols, ok := nullColumns(g.schema, y.X); ok {
			g.cols(docOf(y.X), cols)
			return
		}
	case *ir.Key:
		if rooted(y.X) {
			if m := modelOf(g.schema, y.X); m != nil {
				g.add(leaf(y.X, m.KeyColumn()))
			}
			return
		}
	}
	for _, c := range ir.Children(x) {
		g.expr(c)
	}
}

// leaf makes the expression of a column of a document.
func leaf(x ir.Expr, c *ir.Column) *ir.Col {
	return &ir.Col{Base: ir.Base{T: c.Type, Sp: x.Span()}, X: x, Col: c}
}

// rooted reports a document whose leaves lie in Env.Row.
func rooted(x ir.Expr) bool {
	switch x.(type) {
	case *ir.Row, *ir.Old, *ir.Deref:
		return ir.LeafPath(leaf(x, &ir.Column{Name: "x"})) != ""
	}
	return false
}

// modelOf is the model of a document, nil when it is not known.
func modelOf(s *ir.Schema, x ir.Expr) *ir.Model {
	if d, ok := x.(*ir.Deref); ok && d.Target != nil {
		return d.Target
	}
	return s.Model(x.Type().Model)
}

// docOf is the document that an embedded value, or the document itself, is of.
func docOf(x ir.Expr) ir.Expr {
	if e, ok := x.(*ir.Emb); ok {
		return e.X
	}
	return x
}

// embColumns lists the columns that tell an embedded value of a document: its
// leaves, its presence column or the nearest around it, and, where neither is
// there and the document itself may be missing, the document's key.
func embColumns(s *ir.Schema, x *ir.Emb) []*ir.Column {
	cols := columnsUnder(s, x)
	if p := presence(x, cols); p != nil {
		if p.Name != x.Prefix {
			return append([]*ir.Column{p}, cols...)
		}
		return cols
	}
	if m := modelOf(s, x.X); m != nil {
		return append([]*ir.Column{m.KeyColumn()}, cols...)
	}
	return cols
}

func columnsUnder(s *ir.Schema, x *ir.Emb) []*ir.Column {
	if m := modelOf(s, x.X); m != nil {
		return m.Under(x.Prefix)
	}
	if x.Of != nil {
		for _, c := range x.Of.Columns {
			if c.Name != x.Prefix && !strings.HasPrefix(c.Name, x.Prefix+".") {
				return nil
			}
		}
		return x.Of.Columns
	}
	return nil
}

// presence is the presence column that decides whether an embedded value is
// null: its own, or the nearest around it; nil when neither it nor anything
// around it is optional.
func presence(x *ir.Emb, cols []*ir.Column) *ir.Column {
	if x.Pres != nil {
		return x.Pres
	}
	for _, c := range cols {
		for p := c.Parent; p != nil; p = p.Parent {
			if p.Name == x.Prefix || strings.HasPrefix(x.Prefix, p.Name+".") {
				return p
			}
		}
	}
	return nil
}

// nullColumns lists the one column that tells whether x is null, when one does.
func nullColumns(s *ir.Schema, x ir.Expr) ([]*ir.Column, bool) {
	if e, ok := x.(*ir.Emb); ok && rooted(e.X) {
		if p := presence(e, columnsUnder(s, e)); p != nil {
			return []*ir.Column{p}, true
		}
		x = e.X
	}
	if rooted(x) {
		if m := modelOf(s, x); m != nil {
			return []*ir.Column{m.KeyColumn()}, true
		}
	}
	return nil, false
}

func (l Layout) slot(c *ir.Col) (int, error) {
	p := ir.LeafPath(c)
	if i, ok := l.Slots[p]; ok {
		return i, nil
	}
	return 0, fmt.Errorf("the leaf %s is not in the row's layout", lang.Quote(p))
}
