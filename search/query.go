package search

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// builder builds a Query.
type builder struct {
	q     *plan.SearchQuery
	index *ir.SearchIndex
}

// New returns the template for a predicate over a model with a Search index;
// for a nil predicate, the one that matches every document.
func New(m *ir.Model, where ir.Expr) *plan.SearchQuery {
	b := &builder{q: &plan.SearchQuery{Model: m}, index: m.Search}
	if where == nil {
		b.q.Exact = true
		return b.q
	}
	n := b.cond(where)
	b.q.Exact = Sure(n)
	if n.Kind != plan.SearchAll || !n.Exact {
		b.q.Root = n
	}
	b.bounded(n)
	return b.q
}

// Within makes a query one within partitions, whose values are known when it runs.
func Within(q *plan.SearchQuery) {
	m := q.Model
	i := slices.IndexFunc(m.Search.Fields, func(f *ir.SearchField) bool { return f.Col.Leaf == m.Part })
	if i < 0 {
		return // the index is older
	}
	f := m.Search.Fields[i]
	q.Part = (&builder{}).equal(f, f.Col.Stored(), plan.SearchValue{Slot: len(q.Slots), Many: true})
}

// rest returns the node for a part that the index cannot answer.
func rest() *plan.SearchNode { return &plan.SearchNode{Kind: plan.SearchAll} }

// Sure reports whether a node matches exactly the documents that satisfy its condition, provided its values are stored exactly.
func Sure(n *plan.SearchNode) bool {
	if n.Kind == plan.SearchAll {
		return n.Exact
	}
	if n.Kind == plan.SearchTag && !exactTag(n.T) || n.Kind == plan.SearchNum && n.T.Scalar().Kind == lang.KInt64 || n.Kind == plan.SearchText || n.Kind == plan.SearchGeo {
		return false
	}
	if n.Kind == plan.SearchNull && n.Field.Kind != ir.SearchNumeric && !n.Field.Missing {
		return false
	}
	for _, p := range n.Parts {
		if !Sure(p) {
			return false
		}
	}
	return true
}

// exactTag reports whether a TAG keeps the stored text of the type exactly, whatever the value.
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

// bounded records the attributes of a node.
func (b *builder) bounded(n *plan.SearchNode) {
	if n.Field != nil {
		for _, f := range b.q.Bounded {
			if f == n.Field {
				return
			}
		}
		b.q.Bounded = append(b.q.Bounded, n.Field)
	}
	for _, p := range n.Parts {
		b.bounded(p)
	}
}

// slot assigns an expression its place among the values of a run.
func (b *builder) slot(x ir.Expr) plan.SearchValue {
	if c, ok := x.(*ir.Const); ok && c.Ord < 0 {
		return plan.SearchValue{Slot: -1, Fixed: c.Value}
	}
	for i, s := range b.q.Slots {
		if s == x {
			return plan.SearchValue{Slot: i}
		}
	}
	b.q.Slots = append(b.q.Slots, x)
	return plan.SearchValue{Slot: len(b.q.Slots) - 1}
}

// cond returns the node of a condition.
func (b *builder) cond(x ir.Expr) *plan.SearchNode {
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
			return &plan.SearchNode{Kind: plan.SearchTag, Field: f, T: x.Col.Type, Values: []plan.SearchValue{{Slot: -1, Fixed: true}}}
		}
	}
	return rest()
}

// negate applies NOT, pushed inwards until it applies to single attributes:
// servers give wrong results for a NOT nested in another. A part that is not
// exact may match a document wrongly, and negating it must not lose that
// document.
func negate(n *plan.SearchNode) *plan.SearchNode {
	switch n.Kind {
	case plan.SearchAll:
		if n.Exact {
			return &plan.SearchNode{Kind: plan.SearchNone}
		}
		return rest()
	case plan.SearchNone:
		return &plan.SearchNode{Kind: plan.SearchAll, Exact: true}
	case plan.SearchNot:
		return n.Parts[0]
	case plan.SearchAnd, plan.SearchOr:
		out := &plan.SearchNode{Kind: plan.SearchAnd}
		if n.Kind == plan.SearchAnd {
			out.Kind = plan.SearchOr
		}
		for _, p := range n.Parts {
			x := negate(p)
			if x.Kind == plan.SearchAll && !x.Exact && out.Kind == plan.SearchOr {
				return rest()
			}
			out.Parts = append(out.Parts, x)
		}
		return out
	}
	if !Sure(n) {
		return rest()
	}
	return &plan.SearchNode{Kind: plan.SearchNot, Parts: []*plan.SearchNode{n}}
}

// and conjoins parts; ranges of one attribute are merged.
func (b *builder) and(x *ir.Binary) *plan.SearchNode {
	out := &plan.SearchNode{Kind: plan.SearchAnd}
	for _, p := range flatten(x, lang.OpAnd, nil) {
		n := b.cond(p)
		if n.Kind == plan.SearchNum {
			if was := sameRange(out.Parts, n); was != nil {
				was.Ends = append(was.Ends, n.Ends...)
				continue
			}
		}
		if n.Kind == plan.SearchAnd {
			out.Parts = append(out.Parts, n.Parts...)
			continue
		}
		out.Parts = append(out.Parts, n)
	}
	return out
}

// sameRange finds the range that n narrows: of an attribute with one value per
// document.
func sameRange(parts []*plan.SearchNode, n *plan.SearchNode) *plan.SearchNode {
	if n.Field.Col.Type.Kind == lang.KList {
		return nil
	}
	for _, p := range parts {
		if p.Kind == plan.SearchNum && p.Field == n.Field {
			return p
		}
	}
	return nil
}

// or joins alternatives: if one is left to the recheck, all of them are.
func (b *builder) or(x *ir.Binary) *plan.SearchNode {
	out := &plan.SearchNode{Kind: plan.SearchOr}
	for _, p := range flatten(x, lang.OpOr, nil) {
		n := b.cond(p)
		if n.Kind == plan.SearchAll {
			return rest()
		}
		out.Parts = append(out.Parts, n)
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

// column returns the column of the statement's own document that x is, or nil.
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

// field returns the attribute over the column that x is, or nil.
func (b *builder) field(x ir.Expr) *ir.SearchField {
	c := column(x)
	if c == nil || c.Fill != nil { // until a default is filled, an absent field means that default
		return nil
	}
	return b.index.Field(c)
}

// flipped returns the operator with its sides exchanged.
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

// relation returns the node of a comparison.
func (b *builder) relation(x *ir.Binary) *plan.SearchNode {
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
			return &plan.SearchNode{Kind: plan.SearchText, Field: f, T: t, Values: []plan.SearchValue{b.slot(r)}}
		}
	case lang.OpContains:
		if t.Kind != lang.KList || r.Type().Null || !agree(*t.Elem, r.Type()) {
			return rest()
		}
		return b.equal(f, t.Elem.InJSON(), b.slot(r))
	case lang.OpEq:
		if t.Kind == lang.KList || !agree(t, r.Type()) {
			return rest()
		}
		return b.equal(f, t, b.slot(r))
	case lang.OpLt, lang.OpLe, lang.OpGt, lang.OpGe:
		if t.Kind == lang.KList || f.Kind != ir.SearchNumeric || !agree(t, r.Type()) {
			return rest()
		}
		return &plan.SearchNode{Kind: plan.SearchNum, Field: f, T: t, Ends: []plan.SearchEnd{{Op: op, V: b.slot(r)}}}
	}
	return rest()
}

// circle returns the node of distance(place, p) < r and r > distance(p, place);
// nil for anything else.
func (b *builder) circle(x *ir.Binary) *plan.SearchNode {
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
			return &plan.SearchNode{Kind: plan.SearchGeo, Field: f, T: f.Col.Stored(), Values: []plan.SearchValue{b.slot(at), b.slot(r)}}
		}
	}
	return nil
}

// equal returns the node for an attribute that equals a value or, with Many, one of them.
func (b *builder) equal(f *ir.SearchField, t lang.Type, v plan.SearchValue) *plan.SearchNode {
	switch f.Kind {
	case ir.SearchTag:
		return &plan.SearchNode{Kind: plan.SearchTag, Field: f, T: t, Values: []plan.SearchValue{v}}
	case ir.SearchNumeric:
		return &plan.SearchNode{Kind: plan.SearchNum, Field: f, T: t, Ends: []plan.SearchEnd{{Op: lang.OpEq, V: v}}}
	}
	return rest()
}

// in returns the node of IN.
func (b *builder) in(x *ir.In) *plan.SearchNode {
	if x.List != nil {
		if f := b.field(x.List); f != nil && f.Col.Type.Kind == lang.KList { // 'x' IN tags
			if !closed(x.X) || x.X.Type().Null || !agree(*f.Col.Type.Elem, x.X.Type()) {
				return rest()
			}
			return b.equal(f, f.Col.Type.Elem.InJSON(), b.slot(x.X))
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
		v := b.slot(x.List)
		v.Many = true
		return b.equal(f, t, v)
	}
	out := &plan.SearchNode{Kind: plan.SearchOr}
	var tags *plan.SearchNode
	for _, it := range x.Items {
		if !closed(it) || !agree(t, it.Type()) {
			return rest()
		}
		n := b.equal(f, t, b.slot(it))
		switch {
		case n.Kind == plan.SearchAll:
			return rest()
		case n.Kind == plan.SearchTag && tags != nil:
			tags.Values = append(tags.Values, n.Values...)
			continue
		case n.Kind == plan.SearchTag:
			tags = n
		}
		out.Parts = append(out.Parts, n)
	}
	if len(out.Parts) == 1 {
		return out.Parts[0]
	}
	return out
}

// isNull returns the node of IS NULL.
func (b *builder) isNull(c *ir.Column) *plan.SearchNode {
	if !c.Type.Null {
		return &plan.SearchNode{Kind: plan.SearchNone}
	}
	f := b.index.Field(c)
	if f == nil || c.Fill != nil || c.Type.Kind == lang.KList || f.Kind != ir.SearchNumeric && f.Kind != ir.SearchTag {
		return rest()
	}
	return &plan.SearchNode{Kind: plan.SearchNull, Field: f, T: c.Stored()}
}

// agree reports whether a value of type v can be written as a value of a column
// of type c.
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

// closed reports whether a value is known before the statement is sent; now()
// is the instant of the statement.
func closed(x ir.Expr) bool { return ir.Fixed(x) && !ir.Has(x, ir.ReadsLocal) }
