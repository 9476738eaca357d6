package planner

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/planner/plan"
)

// sarg is a search argument: a conjunct that bounds one column by a value that does not depend on the document.
type sarg struct {
	src   ir.Expr
	col   *ir.Column
	kind  plan.BoundKind
	op    lang.Op // of plan.Range: < <= > >=
	x     ir.Expr // the centre of a plan.Circle
	hi    ir.Expr // the radius of a plan.Circle
	items []ir.Expr
	list  ir.Expr
	elem  bool // membership in the list column
	exact bool
	like  bool
}

// comp returns the sarg as a bound of its column.
func (s *sarg) comp() plan.Bound {
	t := s.col.Type
	switch {
	case s.col.Coll != nil: // nothing is entered for null, which is no member
		t = s.col.RefKey().OrNull()
	case s.elem:
		t = *t.Elem
	}
	return plan.Bound{Kind: s.kind, T: t, X: s.x, Items: s.items, List: s.list, Like: s.like, Hi: s.hi}
}

// sargs returns the search arguments among conjuncts.
func sargs(cs []ir.Expr) []sarg {
	var out []sarg
	for _, x := range cs {
		if s, ok := sargOf(x); ok {
			out = append(out, s)
		}
	}
	return out
}

// sargOf analyzes one conjunct.
func sargOf(x ir.Expr) (sarg, bool) {
	switch x := x.(type) {
	case *ir.Binary:
		return sargBinary(x)
	case *ir.In:
		return sargIn(x)
	case *ir.IsNull:
		if c := ownColumn(x.X); c != nil {
			return sarg{src: x, col: c, kind: plan.Eq, x: null(x), exact: true}, true
		}
	case *ir.Col:
		if s, ok := sargMember(x); ok {
			return s, true
		}
		if c := ownColumn(x); c != nil && c.Type.Kind == lang.KBool {
			return sarg{src: x, col: c, kind: plan.Eq, x: boolean(x, true), exact: true}, true
		}
	case *ir.Unary:
		return sargNot(x)
	}
	return sarg{}, false
}

// sargMember analyzes the test whether a collection with an index of its members has one. It is not exact: the entry of a document is
// not compared, but the collection asked.
func sargMember(x *ir.Col) (sarg, bool) {
	c := ownColumn(x)
	if c == nil || c.Coll == nil || c.Coll.Op != "has" || c.Field.OnDelete == "" || !free(c.Coll.Arg) {
		return sarg{}, false
	}
	items := c.Field.Items
	return sarg{src: x, col: items, kind: plan.Eq, x: c.Coll.Arg, elem: true}, indexable(items.RefKey(), c.Coll.Arg.Type())
}

// sargNot analyzes NOT flag, NOT x IS NULL, and x != 1 and x NOT IN (1, 2), which are NOT around = and IN.
func sargNot(x *ir.Unary) (sarg, bool) {
	if x.Op != lang.OpNot {
		return sarg{}, false
	}
	switch n := x.X.(type) {
	case *ir.IsNull:
		if c := ownColumn(n.X); c != nil {
			return sarg{src: x, col: c, kind: plan.NotNull, exact: true}, true
		}
	case *ir.Binary, *ir.In:
		return sargOther(x)
	}
	c := ownColumn(x.X)
	if c == nil || c.Type.Kind != lang.KBool {
		return sarg{}, false
	}
	s := sarg{src: x, col: c, kind: plan.Eq, x: boolean(x, false), exact: true}
	if c.Type.Null { // NOT null is true
		s.kind, s.x, s.items = plan.In, nil, []ir.Expr{s.x, null(x)}
	}
	return s, true
}

// sargOther analyzes a column that is none of some values. The values of a list would have to be counted before they are ranges.
func sargOther(x *ir.Unary) (sarg, bool) {
	s, ok := sargOf(x.X)
	if !ok || s.elem || !s.exact || s.list != nil {
		return sarg{}, false
	}
	switch s.kind {
	case plan.Eq:
		s.items, s.x = []ir.Expr{s.x}, nil
	case plan.In:
	default:
		return sarg{}, false
	}
	for _, v := range s.items {
		if !ir.Closed(v) || ir.MayFail(v) {
			return sarg{}, false
		}
	}
	s.src, s.kind = x, plan.NotIn
	return s, true
}

func null(at ir.Expr) ir.Expr {
	return &ir.Const{Base: ir.Base{T: lang.TypeNull, Sp: at.Span()}, Ord: -1}
}

func boolean(at ir.Expr, v bool) ir.Expr {
	return &ir.Const{Base: ir.Base{T: lang.TypeBool, Sp: at.Span()}, Value: v, Ord: -1}
}

// flipped maps an operator to the one for exchanged sides.
var flipped = map[lang.Op]lang.Op{lang.OpEq: lang.OpEq, lang.OpLt: lang.OpGt, lang.OpLe: lang.OpGe, lang.OpGt: lang.OpLt, lang.OpGe: lang.OpLe}

// sargBinary analyzes comparisons.
func sargBinary(x *ir.Binary) (sarg, bool) {
	op, l, r := x.Op, x.L, x.R
	if s, ok := sargNear(x); ok {
		return s, true
	}
	if s, ok := sargCommon(x); ok {
		return s, true
	}
	if ownColumn(l) == nil && flipped[op] != "" {
		op, l, r = flipped[op], r, l
	}
	c := ownColumn(l)
	if c == nil || !free(r) {
		return sarg{}, false
	}
	s := sarg{src: x, col: c, x: r, op: op, exact: true}
	switch op {
	case lang.OpEq:
		s.kind = plan.Eq
	case lang.OpLt, lang.OpLe, lang.OpGt, lang.OpGe:
		s.kind = plan.Range
	case lang.OpStarts:
		s.kind = plan.Prefix
		return s, c.Type.Kind == lang.KString && ir.Closed(r)
	case lang.OpLike:
		s.kind, s.like, s.exact = plan.Prefix, true, false
		return s, c.Type.Kind == lang.KString && ir.Closed(r)
	case lang.OpContains:
		if c.Type.Kind != lang.KList {
			return sarg{}, false
		}
		s.kind, s.elem = plan.Eq, true
		return s, indexable(*c.Type.Elem, r.Type()) && r.Type().Kind != lang.KNull && !r.Type().Null
	default:
		return sarg{}, false
	}
	return s, indexable(c.Type, r.Type())
}

// sargNear analyzes distance(place, p) < r and r > distance(p, place), where p and r are known before the statement is sent.
func sargNear(x *ir.Binary) (sarg, bool) {
	call, r := x.L, x.R
	switch x.Op {
	case lang.OpLt, lang.OpLe:
	case lang.OpGt, lang.OpGe:
		call, r = x.R, x.L
	default:
		return sarg{}, false
	}
	d, ok := call.(*ir.Call)
	if !ok || d.Fn != "distance" || len(d.Args) != 2 || !ir.Closed(r) {
		return sarg{}, false
	}
	for i, a := range d.Args {
		if c := ownColumn(a); c != nil && ir.Closed(d.Args[1-i]) {
			return sarg{src: x, col: c, kind: plan.Circle, x: d.Args[1-i], hi: r}, true
		}
	}
	return sarg{}, false
}

// sargCommon analyzes len(intersect(tags, list)) > 0: the list column has one of some values.
func sargCommon(x *ir.Binary) (sarg, bool) {
	zero, known := x.R.(*ir.Const)
	if x.Op != lang.OpGt || !known || zero.Ord >= 0 || zero.Value != int64(0) {
		return sarg{}, false
	}
	n, ok := x.L.(*ir.Call)
	if !ok || n.Fn != "len" {
		return sarg{}, false
	}
	both, ok := n.Args[0].(*ir.Call)
	if !ok || both.Fn != "intersect" {
		return sarg{}, false
	}
	c, list := ownColumn(both.Args[0]), both.Args[1]
	if c == nil || c.Type.Kind != lang.KList || !free(list) || !indexable(*c.Type.Elem, *list.Type().Elem) {
		return sarg{}, false
	}
	return sarg{src: x, col: c, kind: plan.In, list: list, elem: true, exact: true}, true
}

// sargIn analyzes IN.
func sargIn(x *ir.In) (sarg, bool) {
	if c := ownColumn(x.X); c != nil {
		s := sarg{src: x, col: c, kind: plan.In, items: x.Items, list: x.List, exact: true}
		if x.List != nil {
			t := x.List.Type()
			return s, free(x.List) && t.Elem != nil && indexable(c.Type, *t.Elem)
		}
		for _, it := range x.Items {
			if !free(it) || !indexable(c.Type, it.Type()) {
				return sarg{}, false
			}
		}
		return s, true
	}
	// 'x' IN tags
	if x.List != nil {
		if c := ownColumn(x.List); c != nil && c.Type.Kind == lang.KList && free(x.X) && indexable(*c.Type.Elem, x.X.Type()) && !x.X.Type().Null {
			return sarg{src: x, col: c, kind: plan.Eq, x: x.X, elem: true, exact: true}, true
		}
	}
	return sarg{}, false
}

// indexable reports whether a value of type v can bound a column of type c: its
// encoding is that of the column. A float compared with an int column has none.
func indexable(c, v lang.Type) bool {
	if v.Kind == lang.KNull {
		return true
	}
	a, b := c.Scalar(), v.Scalar()
	if a.Kind == lang.KFloat {
		return b.IsNumber()
	}
	return a.Single() && a.Kind.Info().Order != lang.Unordered && a.Kind == b.Kind
}

// ownColumn returns the column of the statement's own document that x is, or nil.
func ownColumn(x ir.Expr) *ir.Column {
	c, ok := x.(*ir.Col)
	if !ok {
		if v, isConv := x.(*ir.Convert); isConv && v.T.Kind == v.X.Type().Kind {
			return ownColumn(v.X)
		}
		return nil
	}
	if _, own := c.X.(*ir.Row); !own {
		return nil
	}
	return c.Col
}

// free reports whether x does not depend on the document and has no fault. Parts that may have one were evaluated before.
func free(x ir.Expr) bool {
	return ir.Fixed(x) || !ir.Has(x, ir.ReadsRow|ir.ReadsElem|ir.IsVolatile|ir.Faults)
}

// equality returns the equality on a column.
func equality(col *ir.Column, ss []sarg) *sarg {
	for i := range ss {
		if s := &ss[i]; s.col == col && s.kind == plan.Eq && !s.elem {
			return s
		}
	}
	return nil
}

// member returns an equality or IN on a column, or the membership in a list column.
func member(col *ir.Column, ss []sarg, list bool) *sarg {
	if !list {
		if s := equality(col, ss); s != nil {
			return s
		}
	}
	for i := range ss {
		s := &ss[i]
		if s.col == col && s.elem == list && (s.kind == plan.In || s.kind == plan.Eq) {
			return s
		}
	}
	return nil
}

// bound merges the ranges on a column, or else the values that it is not, and returns the number of conjuncts it used.
func bound(col *ir.Column, ss []sarg) (c *plan.Bound, used int, exact bool) {
	exact = true
	for i := range ss {
		s := &ss[i]
		if s.col != col || s.elem {
			continue
		}
		switch s.kind {
		case plan.Prefix, plan.NotNull, plan.Circle:
			if c == nil || c.Kind == plan.NotIn {
				x := s.comp()
				c, used, exact = &x, 1, s.exact
				return c, used, exact
			}
		case plan.NotIn:
			if c == nil {
				c = &plan.Bound{Kind: plan.NotIn, T: col.Type}
			}
			if c.Kind == plan.NotIn {
				c.Items = append(c.Items, s.items...)
				used++
			}
		case plan.Range:
			if c == nil || c.Kind == plan.NotIn { // which is less exact
				c, used = &plan.Bound{Kind: plan.Range, T: col.Type}, 0
			}
			switch {
			case (s.op == lang.OpGt || s.op == lang.OpGe) && c.Lo == nil:
				c.Lo, c.LoInc = s.x, s.op == lang.OpGe
				used++
			case (s.op == lang.OpLt || s.op == lang.OpLe) && c.Hi == nil:
				c.Hi, c.HiInc = s.x, s.op == lang.OpLe
				used++
			}
		}
	}
	return c, used, exact
}
