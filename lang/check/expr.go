package check

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// expr gives an expression its type.
func (c *checker) expr(x lang.Expr) ir.Expr {
	c.countExpr(x)
	if c.sc.group != nil || c.sc.out != nil {
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
		return c.member(x)
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
		return c.subquery(x, false)
	case *lang.Method:
		return c.method(x)
	}
	return c.unknown(lang.Span{})
}

// method refuses an operation outside SET; what was meant may be a function.
func (c *checker) method(x *lang.Method) ir.Expr {
	d := c.errorf(lang.CodeMisplacedOperation, x.NameSp, "%s() is an operation and stands only after SET", x.Name)
	if lang.FindFunction(x.Name) != nil {
		d.WithHint("as a function it is %s(%s)", x.Name, c.src.Slice(x.X.Span()))
	}
	return c.unknown(x.Sp)
}

func (c *checker) literal(x *lang.Literal) ir.Expr {
	k := &ir.Const{Base: c.base(literalType(x.Value), x.Sp), Value: x.Value, Raw: x.Value, Ord: x.Ord}
	if c.pinned {
		k.Ord = -1
	}
	if x.Unit != "" {
		return c.metres(k, x.Unit)
	}
	return k
}

// metres is a distance written with its unit.
func (c *checker) metres(k *ir.Const, unit string) ir.Expr {
	n := c.coerceConst(k, lang.TypeFloat)
	factor := map[string]float64{"km": 1000, "mi": 1609.34, "ft": 0.3048}[unit]
	if factor == 0 {
		return n
	}
	by := &ir.Const{Base: ir.Base{T: lang.TypeFloat, Sp: k.Sp}, Value: factor, Raw: factor, Ord: -1}
	return &ir.Binary{Base: ir.Base{T: lang.TypeFloat, Sp: k.Sp}, Op: lang.OpMul, L: n, R: by}
}

func literalType(v any) lang.Type {
	switch v := v.(type) {
	case bool:
		return lang.TypeBool
	case int64:
		if v > lang.MaxInt || v < -lang.MaxInt {
			return lang.TypeInt64
		}
		return lang.TypeInt
	case float64:
		return lang.TypeFloat
	case string:
		return lang.TypeString
	case lang.Duration:
		return lang.TypeDuration
	case nil:
		return lang.TypeNull
	}
	return lang.TypeUnknown
}

// param is $name with the type of the value that was given.
func (c *checker) param(x *lang.Param) ir.Expr {
	if c.sc.rule != "" {
		c.errorf(lang.CodeNotAllowed, x.Sp, "a model is kept without the values of a call, so $%s cannot stand in %s", x.Name, c.sc.rule)
		return c.unknown(x.Sp)
	}
	if c.frame != nil {
		return c.parameterValue(x)
	}
	t := lang.TypeUnknown
	if !c.opts.NoParams {
		given := false
		if t, given = c.opts.Params[x.Name]; !given {
			c.missing(x)
			t = lang.TypeUnknown
		}
	}
	return &ir.Param{Base: c.base(t, x.Sp), Name: x.Name, Index: c.paramIndex(x.Name)}
}

// missing reports a parameter without a value, at its first use.
func (c *checker) missing(x *lang.Param) {
	if slices.Contains(c.missed, x.Name) {
		return
	}
	if c.muted == 0 {
		c.missed = append(c.missed, x.Name)
	}
	d := c.errorf(lang.CodeMissingParameter, x.Sp, "no value was given for $%s", x.Name)
	names := make([]string, 0, len(c.opts.Params))
	for name := range c.opts.Params {
		if c.paramIndex(name) < 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if n := lang.Nearest(x.Name, names); n != "" {
		d.WithHint("%s was given; did you mean $%s?", n, n)
	}
}

func (c *checker) unary(x *lang.Unary) ir.Expr {
	if x.Op == lang.OpNot {
		return not(c.cond(x.X), x.Sp)
	}
	v := c.expr(x.X)
	t := v.Type()
	switch {
	case t.Kind.Info().Negative, t.Kind == lang.KNull, t.Kind == lang.KUnknown:
	case t.Kind == lang.KInt64:
		if !isLong(v) { // a literal with its sign is a value, not arithmetic
			c.errorf(lang.CodeTypeMismatch, x.Sp, "`-` does not take int64").WithHint("an int64 has += and -= in SET and no other arithmetic: reckon with int(x)")
			t = lang.TypeUnknown
		}
	case t.Kind == lang.KJSON:
		c.errorf(lang.CodeTypeMismatch, x.Sp, "`-` does not take json").WithHint("say what it is: int(x) or float(x)")
		t = lang.TypeUnknown
	default:
		c.errorf(lang.CodeTypeMismatch, x.Sp, "`-` does not take %s", describe(t))
		t = lang.TypeUnknown
	}
	return c.constant(&ir.Unary{Base: c.base(t, x.Sp), Op: lang.OpSub, X: v})
}

func not(x ir.Expr, sp lang.Span) ir.Expr {
	return &ir.Unary{Base: ir.Base{T: lang.TypeBool, Sp: sp}, Op: lang.OpNot, X: x}
}

// negateIf is NOT x where the operator was written with NOT.
func negateIf(neg bool, x ir.Expr) ir.Expr {
	if neg {
		return not(x, x.Span())
	}
	return x
}

// cond is an expression that is asked for true.
func (c *checker) cond(x lang.Expr) ir.Expr {
	y := c.expr(x)
	t := y.Type()
	switch t.Kind {
	case lang.KBool, lang.KNull:
		return y
	case lang.KUnknown:
		return c.coerce(y, lang.TypeBool.OrNull())
	}
	d := c.errorf(lang.CodeTypeMismatch, y.Span(), "a condition is needed here, and this is %s", describe(t))
	switch {
	case t.Kind == lang.KJSON:
		d.WithHint("compare it: %s = true", c.src.Slice(y.Span()))
	case t.Kind.Info().Number:
		d.WithHint("compare it: %s != 0", c.src.Slice(y.Span()))
	}
	return y
}

func (c *checker) isNull(x lang.Expr, sp lang.Span) ir.Expr {
	return &ir.IsNull{Base: c.base(lang.TypeBool, sp), X: c.expr(x)}
}

func (c *checker) binary(x *lang.Binary) ir.Expr {
	switch x.Op {
	case lang.OpAnd, lang.OpOr:
		return &ir.Binary{Base: c.base(lang.TypeBool, x.Sp), Op: x.Op, L: c.cond(x.L), R: c.cond(x.R)}
	case lang.OpEq, lang.OpNe:
		return negateIf(x.Op == lang.OpNe, c.equal(x))
	case lang.OpLt, lang.OpLe, lang.OpGt, lang.OpGe:
		return c.compare(x.Op, c.expr(x.L), c.expr(x.R), x.Sp)
	case lang.OpIn:
		return negateIf(x.Not, c.in(x))
	case lang.OpContains:
		return negateIf(x.Not, c.contains(x))
	case lang.OpStarts, lang.OpEnds, lang.OpLike, lang.OpMatches, lang.OpSearch:
		return negateIf(x.Not, c.textTest(x))
	}
	return c.arith(x.Op, c.expr(x.L), c.expr(x.R), x.Sp)
}

// equal is l = r; with NULL written on one side it is IS NULL.
func (c *checker) equal(x *lang.Binary) ir.Expr {
	if isNullLiteral(x.R) {
		return c.isNull(x.L, x.Sp)
	}
	if isNullLiteral(x.L) {
		return c.isNull(x.R, x.Sp)
	}
	return c.compare(lang.OpEq, c.expr(x.L), c.expr(x.R), x.Sp)
}

func isNullLiteral(x lang.Expr) bool {
	l, ok := x.(*lang.Literal)
	return ok && l.Value == nil
}

// compare is an equality or an order of two operands of one type.
func (c *checker) compare(op lang.Op, l, r ir.Expr, sp lang.Span) ir.Expr {
	t, ok := c.agree(l, r)
	if !ok {
		if x := c.longBeside(l, r); x != nil {
			c.tooLong(x)
		} else {
			c.clashing(string(op), l, r, sp)
		}
		return c.unknown(sp)
	}
	if op == lang.OpEq {
		if t.Kind == lang.KRow {
			c.errorf(lang.CodeTypeMismatch, sp, "documents are not compared").WithHint("compare their keys: key(x) = key(y)")
		}
	} else if !ordered(t) {
		c.errorf(lang.CodeTypeMismatch, sp, "%s has no order, so `%s` does not take it", describe(t), op)
	}
	return &ir.Binary{Base: c.base(lang.TypeBool, sp), Op: op, L: c.coerce(l, t), R: c.coerce(r, t)}
}

// ordered: the types that < and > take.
func ordered(t lang.Type) bool {
	return t.Scalar().Kind.Info().Order == lang.Ordered
}

// sortable: the types that ORDER BY takes.
func sortable(t lang.Type) bool { return t.Scalar().Kind.Info().Order != lang.Unordered }

func (c *checker) between(x *lang.Between) ir.Expr {
	v := c.expr(x.X)
	lo := c.compare(lang.OpGe, v, c.expr(x.Lo), x.Sp)
	hi := c.compare(lang.OpLe, v, c.expr(x.Hi), x.Sp)
	return negateIf(x.Not, &ir.Binary{Base: c.base(lang.TypeBool, x.Sp), Op: lang.OpAnd, L: lo, R: hi})
}

// in is x IN (…), or x IN a list.
func (c *checker) in(x *lang.Binary) ir.Expr {
	l := c.expr(x.L)
	if list, ok := x.R.(*lang.List); ok && !(list.Paren && len(list.Items) == 1) {
		return c.inItems(l, c.exprs(list.Items), x)
	}
	r, paren := x.R, false
	if list, ok := r.(*lang.List); ok {
		r, paren = list.Items[0], true
	}
	if inner, ok := r.(*lang.List); ok && !inner.Paren {
		return c.inItems(l, c.exprs(inner.Items), x)
	}
	v := c.listExpr(r, l.Type())
	t := v.Type()
	switch {
	case t.Kind == lang.KList:
		return c.inList(l, v, x.Sp)
	case t.Kind == lang.KUnknown && !paren:
		if p, ok := v.(*ir.Param); ok && l.Type().Kind != lang.KUnknown {
			return c.inList(l, c.coerce(p, lang.ListOf(l.Type().Scalar().OrNull())), x.Sp)
		}
		return &ir.In{Base: c.base(lang.TypeBool, x.Sp), X: l, List: v}
	case paren:
		return c.inItems(l, []ir.Expr{v}, x)
	}
	d := c.errorf(lang.CodeTypeMismatch, v.Span(), "IN needs a list, and this is %s", describe(t))
	if t.Kind == lang.KString || t.Kind == lang.KMap {
		d.WithHint("write %s CONTAINS %s", c.src.Slice(v.Span()), c.src.Slice(l.Span()))
	} else {
		d.WithHint("write IN (%s)", c.src.Slice(v.Span()))
	}
	return c.unknown(x.Sp)
}

func (c *checker) inItems(l ir.Expr, items []ir.Expr, x *lang.Binary) ir.Expr {
	t, ok := c.agree(append([]ir.Expr{l}, items...)...)
	if !ok {
		for _, it := range items {
			if _, ok := c.agree(l, it); ok {
				continue
			}
			if x := c.longBeside(l, it); x != nil {
				c.tooLong(x)
			} else {
				c.clashing("IN", l, it, it.Span())
			}
		}
		return c.unknown(x.Sp)
	}
	in := &ir.In{Base: c.base(lang.TypeBool, x.Sp), X: c.coerce(l, t), Items: items}
	for i, it := range items {
		items[i] = c.coerce(it, t)
	}
	return in
}

// inList is l IN list, or list CONTAINS l.
func (c *checker) inList(l, list ir.Expr, sp lang.Span) ir.Expr {
	if of := items(list); of != nil {
		return c.has(of, l, sp)
	}
	elem := lang.TypeUnknown
	if e := list.Type().Elem; e != nil {
		elem = *e
	}
	t, ok := c.agree(l, &ir.Elem{Base: ir.Base{T: elem}})
	if !ok {
		c.clashing("IN", l, list, sp)
		return c.unknown(sp)
	}
	if t.Kind == lang.KUnknown {
		return &ir.In{Base: c.base(lang.TypeBool, sp), X: l, List: list}
	}
	if elem.Kind != lang.KRef || t.Kind != elem.Kind { // a list of refs is a list of keys as it stands
		list = c.coerce(list, lang.ListOf(t.OrNull())) // null is found if it is in the list
	}
	return &ir.In{Base: c.base(lang.TypeBool, sp), X: c.coerce(l, t), List: list}
}

// contains: a part of a string, a key of a map, or an element of a list.
func (c *checker) contains(x *lang.Binary) ir.Expr {
	l, r := c.values(c.expr(x.L)), c.expr(x.R)
	switch t := l.Type(); t.Kind {
	case lang.KList:
		return c.inList(r, l, x.Sp)
	case lang.KString, lang.KMap, lang.KNull, lang.KUnknown:
		k := r.Type().Kind
		if t.Kind == lang.KUnknown && k != lang.KString {
			return &ir.Binary{Base: c.base(lang.TypeBool, x.Sp), Op: x.Op, L: l, R: r}
		}
		if k != lang.KString && k != lang.KNull && k != lang.KUnknown {
			c.clash("CONTAINS", t, r.Type(), x.Sp)
			return c.unknown(x.Sp)
		}
		return &ir.Binary{Base: c.base(lang.TypeBool, x.Sp), Op: x.Op, L: l, R: c.coerce(r, lang.TypeString)}
	case lang.KBytes:
		if b, ok := c.partOf(x.Op, l, r, x.Sp); ok {
			return b
		}
		c.clash("CONTAINS", t, r.Type(), x.Sp)
	case lang.KJSON:
		c.errorf(lang.CodeTypeMismatch, x.Sp, "CONTAINS does not take json").WithHint("say what it is: string(x)")
	default:
		c.clash("CONTAINS", t, r.Type(), x.Sp)
	}
	return c.unknown(x.Sp)
}

// partOf asks bytes for a part, which a text may say.
func (c *checker) partOf(op lang.Op, l, r ir.Expr, sp lang.Span) (ir.Expr, bool) {
	switch k := r.Type().Kind; {
	case k == lang.KBytes, k == lang.KNull, k == lang.KUnknown, k == lang.KString && soft(r):
		return &ir.Binary{Base: c.base(lang.TypeBool, sp), Op: op, L: l, R: c.coerce(r, lang.TypeBytes)}, true
	}
	return nil, false
}

// textTest is LIKE, MATCHES, SEARCH, STARTS WITH or ENDS WITH. A pattern is known before the statement runs.
func (c *checker) textTest(x *lang.Binary) ir.Expr {
	l, r := c.expr(x.L), c.expr(x.R)
	if l.Type().Kind == lang.KBytes && (x.Op == lang.OpStarts || x.Op == lang.OpEnds) {
		if b, ok := c.partOf(x.Op, l, r, x.Sp); ok {
			return b
		}
	}
	for _, side := range []ir.Expr{l, r} {
		switch t := side.Type(); t.Scalar().Kind {
		case lang.KNull, lang.KUnknown:
		case lang.KString:
			if t.Kind != lang.KEnum {
				continue
			}
			fallthrough
		default:
			c.clashing(string(x.Op), l, r, x.Sp)
			return c.unknown(x.Sp)
		}
	}
	b := &ir.Binary{Base: c.base(lang.TypeBool, x.Sp), Op: x.Op, L: c.coerce(l, lang.TypeString), R: c.coerce(r, lang.TypeString)}
	if x.Op != lang.OpLike && x.Op != lang.OpMatches && x.Op != lang.OpSearch {
		return b
	}
	if !ir.Closed(b.R) {
		c.errorf(lang.CodeNotAllowed, r.Span(), "the right side of %s must be known before the statement runs: a literal, a parameter or a LET name", x.Op).
			WithHint("CONTAINS, STARTS WITH and ENDS WITH take any string")
		return b
	}
	if k, ok := b.R.(*ir.Const); ok && x.Op != lang.OpSearch {
		c.pattern(x.Op, k)
	}
	return b
}

func (c *checker) exprs(xs []lang.Expr) []ir.Expr {
	out := make([]ir.Expr, len(xs))
	for i, x := range xs {
		out[i] = c.expr(x)
	}
	return out
}

func (c *checker) list(x *lang.List) ir.Expr {
	items := c.exprs(x.Items)
	t, ok := c.agree(items...)
	if !ok || len(items) == 0 || !c.allFit(items, t) {
		return &ir.List{Base: c.base(lang.ListOf(lang.TypeUnknown), x.Sp), Items: items}
	}
	for i := range items {
		items[i] = c.coerce(items[i], t)
	}
	return &ir.List{Base: c.base(lang.ListOf(t), x.Sp), Items: items}
}

// allFit: every item that takes the type of its neighbours can take this one.
func (c *checker) allFit(items []ir.Expr, t lang.Type) bool {
	for _, it := range items {
		if soft(it) && !plain(it.Type(), t) && !c.quietly(func() { c.coerce(it, t) }) {
			return false
		}
	}
	return true
}

func (c *checker) object(x *lang.Object) ir.Expr {
	o := &ir.Object{Names: make([]string, len(x.Entries)), Items: make([]ir.Expr, len(x.Entries))}
	cols := make([]lang.Col, len(x.Entries))
	for i, e := range x.Entries {
		c.onceIn(x, i)
		v := c.expr(e.Value)
		o.Names[i], o.Items[i], cols[i] = e.Name, v, lang.Col{Name: e.Name, Type: v.Type()}
	}
	o.Base = c.base(lang.Type{Kind: lang.KRecord, Cols: cols}, x.Sp)
	if c.objects == nil {
		c.objects = map[*ir.Object]*lang.Object{}
	}
	c.objects[o] = x
	return o
}

// onceIn reports entry i of an object if its name stood before.
func (c *checker) onceIn(x *lang.Object, i int) bool {
	e := &x.Entries[i]
	if c.stands(x, e.Name) == i {
		return true
	}
	c.errorf(lang.CodeDuplicateField, e.NameSp, "%s stands twice in this object", e.Name)
	return false
}

// stands is the first entry of that name.
func (c *checker) stands(x *lang.Object, name string) int {
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
