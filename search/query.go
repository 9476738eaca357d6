package search

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Query is the template of a Search query: what of a predicate can be asked of an index.
type Query struct {
	Model *ir.Model
	// Slots are the values that one run computes, in order of first use.
	Slots []ir.Expr
	// Exact: the query matches just the documents that the predicate holds for, if the values
	// of a run are such that the index holds them as they are (see Rendered.Exact).
	Exact bool
	// Bounded lists the attributes that the query asks about, each once.
	Bounded []*ir.SearchField

	root *node // nil: every document
}

// kind is what a node asks.
type kind uint8

const (
	all  kind = iota // every document
	none             // no document
	and              // every part
	or               // one of the parts
	not              // not its one part
	tag              // an attribute has one of the values
	num              // an attribute lies within the bounds
	null             // the field is null
	text             // the attribute holds the words of a full text search
	geo              // the place lies within a circle: its centre, its radius
)

// node is a part of a query.
type node struct {
	kind  kind
	parts []*node
	field *ir.SearchField
	t     lang.Type // of one value
	exact bool      // of all: nothing was left out
	// Values of tag, text and geo: slots, or a list in one slot.
	values []value
	bounds []bound // of num
}

// value is a constant, or the value of a slot; many: that of each element of a list.
type value struct {
	slot  int // -1: constant
	fixed any
	many  bool
}

// bound is one end of a range, or both where the operator is =.
type bound struct {
	op lang.Op
	v  value
}

// builder makes a Query.
type builder struct {
	q     *Query
	index *ir.SearchIndex
}

// New makes the template of a predicate over a model with a Search index; a nil predicate gives the one of every document.
func New(m *ir.Model, where ir.Expr) *Query {
	b := &builder{q: &Query{Model: m}, index: m.Search}
	if where == nil {
		b.q.Exact = true
		return b.q
	}
	n := b.cond(where)
	b.q.Exact = n.sure()
	if n.kind != all || !n.exact {
		b.q.root = n
	}
	b.bounded(n)
	return b.q
}

// rest is what the index cannot say.
func rest() *node { return &node{kind: all} }

// sure reports that a node matches just what its condition holds for, if its values are held as they are.
func (n *node) sure() bool {
	if n.kind == all {
		return n.exact
	}
	if n.kind == tag && !exactTag(n.t) || n.kind == num && n.t.Scalar().Kind == lang.KInt64 || n.kind == text || n.kind == geo {
		return false
	}
	if n.kind == null && n.field.Kind != ir.SearchNumeric && !n.field.Missing {
		return false
	}
	for _, p := range n.parts {
		if !p.sure() {
			return false
		}
	}
	return true
}

// exactTag reports the types whose stored text a TAG holds as it is whatever the value.
func exactTag(t lang.Type) bool {
	switch t.Kind {
	case lang.KBool:
		return true
	case lang.KEnum:
		for _, v := range t.Values {
			if !holds(v) {
				return false
			}
		}
		return len(t.Values) > 0
	}
	return false
}

// bounded notes the attributes of a node.
func (b *builder) bounded(n *node) {
	if n.field != nil {
		for _, f := range b.q.Bounded {
			if f == n.field {
				return
			}
		}
		b.q.Bounded = append(b.q.Bounded, n.field)
	}
	for _, p := range n.parts {
		b.bounded(p)
	}
}

// slot gives an expression its place among the values of a run.
func (b *builder) slot(x ir.Expr) value {
	if c, ok := x.(*ir.Const); ok && c.Ord < 0 {
		return value{slot: -1, fixed: c.Value}
	}
	for i, s := range b.q.Slots {
		if s == x {
			return value{slot: i}
		}
	}
	b.q.Slots = append(b.q.Slots, x)
	return value{slot: len(b.q.Slots) - 1}
}

// cond makes the node of a condition.
func (b *builder) cond(x ir.Expr) *node {
	switch x := x.(type) {
	case *ir.Binary:
		switch x.Op {
		case lang.OpAnd:
			return b.and(x)
		case lang.OpOr:
			return b.or(x)
		}
		return b.relation(x)
	case *ir.Unary:
		if x.Op == lang.OpNot {
			return negate(b.cond(x.X))
		}
	case *ir.IsNull:
		if c := column(x.X); c != nil {
			return b.isNull(c)
		}
	case *ir.In:
		return b.in(x)
	case *ir.Col:
		if f := b.field(x); f != nil && x.Col.Type.Kind == lang.KBool {
			return &node{kind: tag, field: f, t: x.Col.Type, values: []value{{slot: -1, fixed: true}}}
		}
	}
	return rest()
}

// negate is NOT, carried inwards until it stands before single attributes:
// servers give wrong answers where a NOT stands within another. A part that is
// not exact may match a document wrongly, which then must not be left out.
func negate(n *node) *node {
	switch n.kind {
	case all:
		if n.exact {
			return &node{kind: none}
		}
		return rest()
	case none:
		return &node{kind: all, exact: true}
	case not:
		return n.parts[0]
	case and, or:
		out := &node{kind: and}
		if n.kind == and {
			out.kind = or
		}
		for _, p := range n.parts {
			x := negate(p)
			if x.kind == all && !x.exact && out.kind == or {
				return rest()
			}
			out.parts = append(out.parts, x)
		}
		return out
	}
	if !n.sure() {
		return rest()
	}
	return &node{kind: not, parts: []*node{n}}
}

// and joins parts; ranges of one attribute become one.
func (b *builder) and(x *ir.Binary) *node {
	out := &node{kind: and}
	for _, p := range flatten(x, lang.OpAnd, nil) {
		n := b.cond(p)
		if n.kind == num {
			if was := sameRange(out.parts, n); was != nil {
				was.bounds = append(was.bounds, n.bounds...)
				continue
			}
		}
		if n.kind == and {
			out.parts = append(out.parts, n.parts...)
			continue
		}
		out.parts = append(out.parts, n)
	}
	return out
}

// sameRange finds the range that n makes narrower: of an attribute with one value a document.
func sameRange(parts []*node, n *node) *node {
	if n.field.Col.Type.Kind == lang.KList {
		return nil
	}
	for _, p := range parts {
		if p.kind == num && p.field == n.field {
			return p
		}
	}
	return nil
}

// or joins alternatives: one that is left to the predicate leaves all of it.
func (b *builder) or(x *ir.Binary) *node {
	out := &node{kind: or}
	for _, p := range flatten(x, lang.OpOr, nil) {
		n := b.cond(p)
		if n.kind == all {
			return rest()
		}
		out.parts = append(out.parts, n)
	}
	return out
}

// flatten lists the operands of a chain of one operator.
func flatten(x ir.Expr, op lang.Op, out []ir.Expr) []ir.Expr {
	if b, ok := x.(*ir.Binary); ok && b.Op == op {
		return flatten(b.R, op, flatten(b.L, op, out))
	}
	return append(out, x)
}

// column is the column of the statement's own document that x is, or nil.
func column(x ir.Expr) *ir.Column {
	switch x := x.(type) {
	case *ir.Convert:
		if from := x.X.Type().Kind; x.T.Kind == from || x.T.Kind == lang.KFloat && from == lang.KInt {
			return column(x.X)
		}
	case *ir.Col:
		if _, own := x.X.(*ir.Row); own {
			return x.Col
		}
	}
	return nil
}

// field is the attribute over the column that x is, or nil.
func (b *builder) field(x ir.Expr) *ir.SearchField {
	c := column(x)
	if c == nil || c.Fill != nil { // while a default is being written, absence means that default
		return nil
	}
	return b.index.Field(c)
}

// flipped is the operator with its sides changed.
func flipped(op lang.Op) (lang.Op, bool) {
	switch op {
	case lang.OpEq:
		return op, true
	case lang.OpLt:
		return lang.OpGt, true
	case lang.OpLe:
		return lang.OpGe, true
	case lang.OpGt:
		return lang.OpLt, true
	case lang.OpGe:
		return lang.OpLe, true
	}
	return op, false
}

// relation makes the node of a comparison.
func (b *builder) relation(x *ir.Binary) *node {
	op, l, r := x.Op, x.L, x.R
	if n := b.circle(x); n != nil {
		return n
	}
	if column(l) == nil {
		var ok bool
		if op, ok = flipped(op); !ok {
			return rest()
		}
		l, r = r, l
	}
	f := b.field(l)
	if f == nil || !closed(r) {
		return rest()
	}
	t := f.Col.Stored()
	switch op {
	case lang.OpSearch:
		if f.Kind == ir.SearchText {
			return &node{kind: text, field: f, t: t, values: []value{b.slot(r)}}
		}
	case lang.OpContains:
		if t.Kind != lang.KList || r.Type().Null || !agree(*t.Elem, r.Type()) {
			return rest()
		}
		return b.equal(f, t.Elem.InJSON(), r, false)
	case lang.OpEq:
		if t.Kind == lang.KList || !agree(t, r.Type()) {
			return rest()
		}
		return b.equal(f, t, r, false)
	case lang.OpLt, lang.OpLe, lang.OpGt, lang.OpGe:
		if t.Kind == lang.KList || f.Kind != ir.SearchNumeric || !agree(t, r.Type()) {
			return rest()
		}
		return &node{kind: num, field: f, t: t, bounds: []bound{{op: op, v: b.slot(r)}}}
	}
	return rest()
}

// circle makes the node of distance(place, p) < r and r > distance(p, place); nil for anything else.
func (b *builder) circle(x *ir.Binary) *node {
	op, l, r := x.Op, x.L, x.R
	if _, isCall := l.(*ir.Call); !isCall {
		op, _ = flipped(op)
		l, r = r, l
	}
	c, isCall := l.(*ir.Call)
	if !isCall || c.Fn != "distance" || len(c.Args) != 2 || op != lang.OpLt && op != lang.OpLe || !closed(r) {
		return nil
	}
	for i, place := range c.Args {
		f := b.field(place)
		if at := c.Args[1-i]; f != nil && f.Kind == ir.SearchGeo && closed(at) {
			return &node{kind: geo, field: f, t: f.Col.Stored(), values: []value{b.slot(at), b.slot(r)}}
		}
	}
	return nil
}

// equal is the node of an attribute that equals x, or with many one of the elements of x.
func (b *builder) equal(f *ir.SearchField, t lang.Type, x ir.Expr, many bool) *node {
	v := b.slot(x)
	v.many = many
	switch f.Kind {
	case ir.SearchTag:
		return &node{kind: tag, field: f, t: t, values: []value{v}}
	case ir.SearchNumeric:
		return &node{kind: num, field: f, t: t, bounds: []bound{{op: lang.OpEq, v: v}}}
	}
	return rest()
}

// in makes the node of IN.
func (b *builder) in(x *ir.In) *node {
	if x.List != nil {
		if f := b.field(x.List); f != nil && f.Col.Type.Kind == lang.KList { // 'x' IN tags
			if !closed(x.X) || x.X.Type().Null || !agree(*f.Col.Type.Elem, x.X.Type()) {
				return rest()
			}
			return b.equal(f, f.Col.Type.Elem.InJSON(), x.X, false)
		}
	}
	f := b.field(x.X)
	if f == nil || f.Col.Type.Kind == lang.KList {
		return rest()
	}
	t := f.Col.Stored()
	if x.List != nil {
		e := x.List.Type().Elem
		if e == nil || !closed(x.List) || !agree(t, *e) {
			return rest()
		}
		return b.equal(f, t, x.List, true)
	}
	out := &node{kind: or}
	var tags *node
	for _, it := range x.Items {
		if !closed(it) || !agree(t, it.Type()) {
			return rest()
		}
		n := b.equal(f, t, it, false)
		switch {
		case n.kind == all:
			return rest()
		case n.kind == tag && tags != nil:
			tags.values = append(tags.values, n.values...)
			continue
		case n.kind == tag:
			tags = n
		}
		out.parts = append(out.parts, n)
	}
	if len(out.parts) == 1 {
		return out.parts[0]
	}
	return out
}

// isNull is the node of IS NULL.
func (b *builder) isNull(c *ir.Column) *node {
	if !c.Type.Null {
		return &node{kind: none}
	}
	f := b.index.Field(c)
	if f == nil || c.Fill != nil || c.Type.Kind == lang.KList || f.Kind != ir.SearchNumeric && f.Kind != ir.SearchTag {
		return rest()
	}
	return &node{kind: null, field: f, t: c.Stored()}
}

// closed reports a value that is known before the statement is sent; now() is the instant of the statement.
func closed(x ir.Expr) bool {
	ok := true
	ir.Walk(x, func(x ir.Expr) bool {
		switch x := x.(type) {
		case *ir.Row, *ir.Old, *ir.Deref, *ir.Elem, *ir.GroupKey, *ir.AggRef, *ir.Output:
			ok = false
		case *ir.Var:
			ok = ok && x.V.Top
		case *ir.Call:
			ok = ok && x.Fn != "uuid" && x.Fn != "ttl"
		}
		return ok
	})
	return ok
}

// agree reports that a value of type v can be written as one of a column of type c.
func agree(c, v lang.Type) bool {
	if v.Kind == lang.KNull {
		return true
	}
	a, b := c.Scalar(), v.Scalar()
	switch a.Kind {
	case lang.KInt, lang.KFloat:
		return b.IsNumber()
	case lang.KInt64:
		return b.Kind == lang.KInt || b.Kind == lang.KInt64
	}
	return a.Kind == b.Kind
}

// Bounds reports that the query asks about a column, for equality or, where equal
// is not set, for a range.
func (q *Query) Bounds(c *ir.Column, equal bool) bool {
	for _, f := range q.Bounded {
		if f.Col == c {
			return equal || f.Kind == ir.SearchNumeric
		}
	}
	return false
}
