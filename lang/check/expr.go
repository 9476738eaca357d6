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
