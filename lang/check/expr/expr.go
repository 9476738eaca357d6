package expr

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// Expr checks and types an expression.
func (c *Checker) Expr(x lang.Expr) ir.Expr {
	c.CountExpr(x)
	if c.Scope.Group != nil || c.Scope.Out != nil {
		if y := c.computed(x); y != nil {
			return y
		}
	}
	switch x := x.(type) {
	case *lang.Name:
		return c.name(x)
	case *lang.Literal:
		return c.literal(x)
	case *lang.Param:
		return c.param(x)
	case *lang.Member:
		return c.Step(c.Expr(x.X), x.Name, x.NameSp, x.Sp)
	case *lang.Index:
		return c.index(x)
	case *lang.Call:
		return c.call(x)
	case *lang.Unary:
		return c.unary(x)
	case *lang.Binary:
		return c.binary(x)
	case *lang.Between:
		return c.between(x)
	case *lang.IsNull:
		return negateIf(x.Not, c.isNull(x.X, x.Sp))
	case *lang.List:
		return c.list(x)
	case *lang.Object:
		return c.object(x)
	case *lang.Subquery:
		return c.query(x, false)
	case *lang.Method:
		return c.method(x)
	}
	return c.Unknown(lang.Span{})
}

// query checks a query in parentheses.
func (c *Checker) query(x *lang.Subquery, values bool) ir.Expr {
	if c.Scope.Rule != "" {
		c.Errorf(lang.CodeNotAllowed, x.Sp, "%s can read only its own document, so it cannot contain a query", c.Scope.Rule)
		return c.Unknown(x.Sp)
	}
	return c.Above.Subquery(x, values)
}

// method rejects an operation outside SET, and suggests a function if one may be meant.
func (c *Checker) method(x *lang.Method) ir.Expr {
	d := c.Errorf(lang.CodeMisplacedOperation, x.NameSp, "%s() is an operation, which is allowed only in SET", x.Name)
	if lang.FindFunction(x.Name) != nil {
		d.WithHint("as a function it is %s(%s)", x.Name, c.Source.Slice(x.X.Span()))
	}
	return c.Unknown(x.Sp)
}

func (c *Checker) literal(x *lang.Literal) ir.Expr {
	k := &ir.Const{Base: c.Base(types.LiteralType(x.Value), x.Sp), Value: x.Value, Raw: x.Value, Ord: x.Ord}
	if c.Pinned {
		k.Ord = -1
	}
	if x.Unit != "" {
		return c.metres(k, x.Unit)
	}
	return k
}

// metres converts a distance with a unit.
func (c *Checker) metres(k *ir.Const, unit string) ir.Expr {
	n := c.coerceConst(k, lang.TypeFloat)
	factor := map[string]float64{"km": 1000, "mi": 1609.34, "ft": 0.3048}[unit]
	if factor == 0 {
		return n
	}
	by := &ir.Const{Base: ir.Base{T: lang.TypeFloat, Sp: k.Sp}, Value: factor, Raw: factor, Ord: -1}
	return &ir.Binary{Base: ir.Base{T: lang.TypeFloat, Sp: k.Sp}, Op: lang.OpMul, L: n, R: by}
}

func (c *Checker) unary(x *lang.Unary) ir.Expr {
	if x.Op == lang.OpNot {
		return not(c.Cond(x.X), x.Sp)
	}
	v := c.Expr(x.X)
	t := v.Type()
	switch {
	case t.Kind.Info().Negative, t.Kind == lang.KNull, t.Kind == lang.KUnknown:
	case t.Kind == lang.KInt64:
		if !isLong(v) { // a literal with its sign is a value, not arithmetic
			c.Errorf(lang.CodeTypeMismatch, x.Sp, "`-` does not accept int64").WithHint("the only arithmetic of int64 is += and -= in SET; for more, convert with int(x)")
			t = lang.TypeUnknown
		}
	case t.Kind == lang.KJSON:
		c.Errorf(lang.CodeTypeMismatch, x.Sp, "`-` does not accept json").WithHint("convert it: int(x) or float(x)")
		t = lang.TypeUnknown
	default:
		c.Errorf(lang.CodeTypeMismatch, x.Sp, "`-` does not accept %s", types.Describe(t))
		t = lang.TypeUnknown
	}
	return c.constant(&ir.Unary{Base: c.Base(t, x.Sp), Op: lang.OpSub, X: v})
}

func not(x ir.Expr, sp lang.Span) ir.Expr {
	return &ir.Unary{Base: ir.Base{T: lang.TypeBool, Sp: sp}, Op: lang.OpNot, X: x}
}

// negateIf returns NOT x if the operator was written with NOT.
func negateIf(neg bool, x ir.Expr) ir.Expr {
	if neg {
		return not(x, x.Span())
	}
	return x
}

// Cond checks an expression that is used as a condition.
func (c *Checker) Cond(x lang.Expr) ir.Expr { return c.condition(c.Expr(x)) }

func (c *Checker) isNull(x lang.Expr, sp lang.Span) ir.Expr {
	return &ir.IsNull{Base: c.Base(lang.TypeBool, sp), X: c.Expr(x)}
}

func (c *Checker) binary(x *lang.Binary) ir.Expr {
	switch x.Op {
	case lang.OpAnd, lang.OpOr:
		return &ir.Binary{Base: c.Base(lang.TypeBool, x.Sp), Op: x.Op, L: c.Cond(x.L), R: c.Cond(x.R)}
	case lang.OpEq, lang.OpNe:
		return negateIf(x.Op == lang.OpNe, c.equal(x))
	case lang.OpLt, lang.OpLe, lang.OpGt, lang.OpGe:
		return c.compare(x.Op, c.Expr(x.L), c.Expr(x.R), x.Sp)
	case lang.OpIn:
		return negateIf(x.Not, c.in(x))
	case lang.OpContains:
		return negateIf(x.Not, c.contains(x.Op, c.Expr(x.L), c.Expr(x.R), x.Sp))
	case lang.OpStarts, lang.OpEnds, lang.OpLike, lang.OpMatches, lang.OpSearch:
		return negateIf(x.Not, c.textTest(x.Op, c.Expr(x.L), c.Expr(x.R), x.Sp))
	}
	return c.arith(x.Op, c.Expr(x.L), c.Expr(x.R), x.Sp)
}

func (c *Checker) list(x *lang.List) ir.Expr {
	items := c.Exprs(x.Items)
	t, ok := c.Agree(items...)
	if !ok || len(items) == 0 || !c.allFit(items, t) {
		return &ir.List{Base: c.Base(lang.ListOf(lang.TypeUnknown), x.Sp), Items: items}
	}
	for i := range items {
		items[i] = c.Coerce(items[i], t)
	}
	return &ir.List{Base: c.Base(lang.ListOf(t), x.Sp), Items: items}
}

// allFit reports whether every item whose type depends on its neighbours can be of type t.
func (c *Checker) allFit(items []ir.Expr, t lang.Type) bool {
	for _, it := range items {
		if soft(it) && !types.Plain(it.Type(), t) && !c.Quietly(func() { c.Coerce(it, t) }) {
			return false
		}
	}
	return true
}

func (c *Checker) object(x *lang.Object) ir.Expr {
	o := &ir.Object{Names: make([]string, len(x.Entries)), Items: make([]ir.Expr, len(x.Entries))}
	cols := make([]lang.Col, len(x.Entries))
	for i, e := range x.Entries {
		c.FirstIn(x, i)
		v := c.Expr(e.Value)
		o.Names[i], o.Items[i], cols[i] = e.Name, v, lang.Col{Name: e.Name, Type: v.Type()}
	}
	o.Base = c.Base(lang.Type{Kind: lang.KRecord, Cols: cols}, x.Sp)
	if c.objects == nil {
		c.objects = map[*ir.Object]*lang.Object{}
	}
	c.objects[o] = x
	return o
}

// FirstIn reports whether entry i of an object is the first with its name. Any other is an error.
func (c *Checker) FirstIn(x *lang.Object, i int) bool {
	e := &x.Entries[i]
	if c.firstNamed(x, e.Name) == i {
		return true
	}
	c.Errorf(lang.CodeDuplicateField, e.NameSp, "%s appears twice in this object", e.Name)
	return false
}

// firstNamed returns the index of the first entry with that name.
func (c *Checker) firstNamed(x *lang.Object, name string) int {
	if len(x.Entries) < 16 {
		return slices.IndexFunc(x.Entries, func(e lang.Entry) bool { return e.Name == name })
	}
	at := c.entries[x]
	if at == nil {
		at = make(map[string]int, len(x.Entries))
		for i := len(x.Entries) - 1; i >= 0; i-- {
			at[x.Entries[i].Name] = i
		}
		if c.entries == nil {
			c.entries = map[*lang.Object]map[string]int{}
		}
		c.entries[x] = at
	}
	return at[name]
}

// equal checks l = r. With a literal NULL on one side it is IS NULL.
func (c *Checker) equal(x *lang.Binary) ir.Expr {
	if isNullLiteral(x.R) {
		return c.isNull(x.L, x.Sp)
	}
	if isNullLiteral(x.L) {
		return c.isNull(x.R, x.Sp)
	}
	return c.compare(lang.OpEq, c.Expr(x.L), c.Expr(x.R), x.Sp)
}

func isNullLiteral(x lang.Expr) bool {
	l, ok := x.(*lang.Literal)
	return ok && l.Value == nil
}

func (c *Checker) between(x *lang.Between) ir.Expr {
	v := c.Expr(x.X)
	lo := c.compare(lang.OpGe, v, c.Expr(x.Lo), x.Sp)
	hi := c.compare(lang.OpLe, v, c.Expr(x.Hi), x.Sp)
	return negateIf(x.Not, &ir.Binary{Base: c.Base(lang.TypeBool, x.Sp), Op: lang.OpAnd, L: lo, R: hi})
}

// in checks x IN (…), or x IN a list.
func (c *Checker) in(x *lang.Binary) ir.Expr {
	l := c.Expr(x.L)
	if list, ok := x.R.(*lang.List); ok && !(list.Paren && len(list.Items) == 1) {
		return c.inItems(l, c.Exprs(list.Items), x.Sp)
	}
	r, paren := x.R, false
	if list, ok := r.(*lang.List); ok {
		r, paren = list.Items[0], true
	}
	if inner, ok := r.(*lang.List); ok && !inner.Paren {
		return c.inItems(l, c.Exprs(inner.Items), x.Sp)
	}
	v := c.ListExpr(r, l.Type())
	t := v.Type()
	switch {
	case t.Kind == lang.KList:
		return c.inList(l, c.listOf(v, l), x.Sp)
	case t.Kind == lang.KUnknown && !paren:
		if p, ok := v.(*ir.Param); ok && l.Type().Kind != lang.KUnknown {
			return c.inList(l, c.Coerce(p, lang.ListOf(like(l).OrNull())), x.Sp)
		}
		return &ir.In{Base: c.Base(lang.TypeBool, x.Sp), X: l, List: v}
	case paren:
		return c.inItems(l, []ir.Expr{v}, x.Sp)
	}
	d := c.Errorf(lang.CodeTypeMismatch, v.Span(), "IN requires a list, but this is %s", types.Describe(t))
	if t.Kind == lang.KString || t.Kind == lang.KMap {
		d.WithHint("write %s CONTAINS %s", c.Source.Slice(v.Span()), c.Source.Slice(l.Span()))
	} else {
		d.WithHint("write IN (%s)", c.Source.Slice(v.Span()))
	}
	return c.Unknown(x.Sp)
}

// listOf prepares a list to be compared with l: strings given as a parameter are converted to the type of l, as a single string
// would be.
func (c *Checker) listOf(v, l ir.Expr) ir.Expr {
	p, ok := v.(*ir.Param)
	if !ok || p.T.Elem == nil || p.T.Elem.Kind != lang.KString {
		return v
	}
	if to := like(l); to.Kind.Info().Literal && to.Kind != lang.KJSON {
		return c.Coerce(p, lang.ListOf(to.OrNull()))
	}
	return v
}

// like returns the element type for a list to be compared with x; for refs, that of their keys.
func like(x ir.Expr) lang.Type {
	t := x.Type()
	if t.Kind == lang.KRef {
		return t.Scalar()
	}
	return t
}

// MustBe is Coerce, but rejects null too.
func (c *Checker) MustBe(x lang.Expr, to lang.Type, what string) ir.Expr {
	return c.needed(c.Expr(x), to, what)
}

// Exprs checks each expression.
func (c *Checker) Exprs(xs []lang.Expr) []ir.Expr {
	out := make([]ir.Expr, len(xs))
	for i, x := range xs {
		out[i] = c.Expr(x)
	}
	return out
}

// ListExpr checks an expression where a list of values is required, to be compared with like.
func (c *Checker) ListExpr(x lang.Expr, like lang.Type) ir.Expr {
	if like.Kind == lang.KRecord || like.Kind == lang.KRow {
		return c.Expr(x)
	}
	if q, ok := x.(*lang.Subquery); ok {
		return c.query(q, true)
	}
	return c.Values(c.Expr(x))
}

// index checks X[I] in an expression. A literal subscript is part of the shape of the statement.
func (c *Checker) index(x *lang.Index) ir.Expr {
	l := c.Expr(x.X)
	was := c.Pinned
	c.Pinned = true
	i := c.Expr(x.I)
	c.Pinned = was
	return c.element(l, i, x.Sp)
}

// call checks a function call in an expression.
func (c *Checker) call(x *lang.Call) ir.Expr {
	fn := strings.ToLower(x.Name)
	if x.Star {
		c.Errorf(lang.CodeNotRQL, x.Sp, "%s(*) is not RQL", x.Name).Propose(lang.Fix{Span: x.Sp, Text: strings.ToLower(x.Name) + "()", Else: "count() counts rows"})
		return c.Unknown(x.Sp)
	}
	f := lang.FindFunction(fn)
	if y := c.ofLink(fn, x); y != nil {
		return y
	}
	if x.Where != nil {
		c.Errorf(lang.CodeNotAllowed, x.Where.Span(), "WHERE in %s(…) chooses among the documents of a backlink, and this is none", fn)
		return c.Unknown(x.Sp)
	}
	if f != nil && f.IsAggregate(len(x.Args)) {
		return c.aggregate(f, x)
	}
	if x.Distinct {
		c.Errorf(lang.CodeNotAllowed, x.Sp, "DISTINCT is allowed only in count(DISTINCT x)")
	}
	switch {
	case f == nil:
		d := c.Errorf(lang.CodeUnknownFunction, x.NameSp, "there is no function %s", x.Name)
		if n := lang.Nearest(x.Name, lang.FunctionNames()); n != "" {
			d.WithHint("did you mean %s()?", n)
		}
		c.Exprs(x.Args)
		return c.Unknown(x.Sp)
	case len(x.Args) < f.Min || f.Max >= 0 && len(x.Args) > f.Max:
		c.Errorf(lang.CodeWrongArguments, x.Sp, "%s takes %s, not %d", fn, types.Arguments(f.Min, f.Max), len(x.Args)).WithHint("%s", f.Usage())
		c.Exprs(x.Args)
		return c.Unknown(x.Sp)
	}
	args := c.arguments(f, x.Args)
	if f.Params == nil {
		return ruleOf(f)(c, fn, args, x)
	}
	return c.typed(f, args, x.Sp)
}

// arguments checks the arguments of a call of f.
func (c *Checker) arguments(f *lang.Function, xs []lang.Expr) []ir.Expr {
	out, shape, pinned := make([]ir.Expr, len(xs)), shapeArg(f), c.Pinned
	for i, x := range xs {
		c.Pinned = pinned || i == shape
		out[i] = c.Expr(x)
	}
	c.Pinned = pinned
	return out
}
