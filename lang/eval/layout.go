package eval

import (
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Layout maps leaves to slots of Env.Row.
type Layout struct {
	Slots  map[string]int // by ir.LeafPath
	Schema *ir.Schema     // for complete rows and key(x); may be nil if there are none
}

// NewLayout assigns slot i to leaf i.
func NewLayout(s *ir.Schema, leaves []*ir.Col) Layout {
	l := Layout{Slots: make(map[string]int, len(leaves)), Schema: s}
	for i, c := range leaves {
		l.Slots[ir.LeafPath(c)] = i
	}
	return l
}

// ModelLayout assigns each column of a model the slot Column.Slot.
func ModelLayout(s *ir.Schema, m *ir.Model) Layout {
	l := Layout{Slots: make(map[string]int, len(m.Columns)), Schema: s}
	for _, c := range m.Columns {
		l.Slots[c.Name] = c.Slot
	}
	return l
}

// Leaves returns the leaves that the expressions read, of the statement's own document and of documents that its refs lead to,
// without duplicates, in order of first use. Embedded values and complete rows are expanded into their leaves. Nil expressions
// are skipped. The schema supplies the models of complete rows.
func Leaves(s *ir.Schema, xs ...ir.Expr) []*ir.Col {
	g := leafCollector{schema: s, seen: map[string]bool{}}
	for _, x := range xs {
		g.expr(x)
	}
	return g.out
}

type leafCollector struct {
	schema *ir.Schema
	seen   map[string]bool
	out    []*ir.Col
}

func (g *leafCollector) add(c *ir.Col) {
	if p := ir.LeafPath(c); !g.seen[p] {
		g.seen[p] = true
		g.out = append(g.out, c)
	}
}

func (g *leafCollector) cols(x ir.Expr, cols []*ir.Column) {
	for _, c := range cols {
		g.add(leaf(x, c))
	}
}

// expr collects the leaves that x reads. It does not descend into a leaf's own
// path: the refs on it are part of the leaf.
func (g *leafCollector) expr(x ir.Expr) {
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

// leaf returns the expression of a column of a document.
func leaf(x ir.Expr, c *ir.Column) *ir.Col {
	return &ir.Col{Base: ir.Base{T: c.Type, Sp: x.Span()}, X: x, Col: c}
}

// rooted reports whether the leaves of a document are in Env.Row.
func rooted(x ir.Expr) bool {
	switch x.(type) {
	case *ir.Row, *ir.Old, *ir.Deref:
		return ir.LeafPath(leaf(x, &ir.Column{Name: "x"})) != ""
	}
	return false
}

// modelOf returns the model of a document, nil if it is unknown.
func modelOf(s *ir.Schema, x ir.Expr) *ir.Model {
	if d, ok := x.(*ir.Deref); ok && d.Target != nil {
		return d.Target
	}
	return s.Model(x.Type().Model)
}

// docOf returns the document that contains an embedded value, or the document
// itself.
func docOf(x ir.Expr) ir.Expr {
	if e, ok := x.(*ir.Emb); ok {
		return e.X
	}
	return x
}

// embColumns lists the columns that determine an embedded value of a document:
// its leaves, its presence column or the nearest enclosing one, and, if there
// is neither and the document itself may be missing, the document's key.
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

// presence returns the presence column that decides whether an embedded value
// is null: its own or the nearest enclosing one; nil if neither it nor any
// enclosing value is optional.
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

// nullColumns returns the column that tells whether x is null, if there is one.
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
