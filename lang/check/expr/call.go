package expr

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/report"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// call is a function called in an expression.
func (c *Checker) call(x *lang.Call) ir.Expr {
	fn := strings.ToLower(x.Name)
	if x.Star {
		c.Errorf(lang.CodeNotRQL, x.Sp, "%s(*) is not RQL", x.Name).Propose(lang.Fix{Span: x.Sp, Text: strings.ToLower(x.Name) + "()", Else: "count() counts rows"})
		return c.Unknown(x.Sp)
	}
	f := lang.FindFunction(fn)
	if f != nil && f.IsAggregate(len(x.Args)) {
		return c.aggregate(f, x)
	}
	if x.Distinct {
		c.Errorf(lang.CodeNotAllowed, x.Sp, "DISTINCT stands only in count(DISTINCT x)")
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
	case f.Params == nil:
		return ruleOf(f)(c, fn, x)
	}
	return c.typed(f, c.Exprs(x.Args), x.Sp)
}

// typed is a call whose arguments and result have the types that the table
// says, with bytes in the place of strings where the function takes them.
func (c *Checker) typed(f *lang.Function, args []ir.Expr, sp lang.Span) ir.Expr {
	text := lang.TypeString
	if f.Bytes && args[0].Type().Kind == lang.KBytes {
		text = lang.TypeBytes
	}
	as := func(t lang.Type) lang.Type {
		if t.Kind == lang.KString {
			return text
		}
		return t
	}
	t := as(f.Result)
	for i := range args {
		want := as(f.Params[i])
		args[i] = c.Coerce(args[i], want)
		t.Null = t.Null || args[i].Type().Null
	}
	return c.callOf(f.Name, t, args, sp)
}

func (c *Checker) callOf(fn string, t lang.Type, args []ir.Expr, sp lang.Span) ir.Expr {
	return c.constant(&ir.Call{Base: c.Base(t, sp), Fn: fn, Args: args})
}

// checkChanging is now() and uuid(), whose value CHECK cannot have.
func checkChanging(c *Checker, fn string, x *lang.Call) ir.Expr {
	if c.Scope.Rule == "CHECK" {
		c.Errorf(lang.CodeMisplacedFunction, x.Sp, "CHECK sees its document only, so %s() cannot stand in it", fn)
	}
	if fn == "now" {
		return c.callOf(fn, lang.TypeDateTime, nil, x.Sp)
	}
	return c.callOf(fn, lang.TypeString, nil, x.Sp)
}

func checkLen(c *Checker, fn string, x *lang.Call) ir.Expr {
	a := c.Expr(x.Args[0])
	if of := Items(a); of != nil {
		return c.size(of, x.Sp)
	}
	switch t := a.Type(); types.KeyType(t).Kind {
	case lang.KString, lang.KBytes, lang.KList, lang.KMap, lang.KNull, lang.KUnknown:
	default:
		d := c.Errorf(lang.CodeTypeMismatch, a.Span(), "len counts a string, bytes, a list or a map, and this is %s", types.Describe(t))
		if h := types.Conversion(t, lang.TypeString, c.Source.Slice(a.Span())); h != "" {
			d.WithHint("%s", h)
		}
	}
	return c.callOf(fn, types.NullIf(lang.TypeInt, a.Type().Null), []ir.Expr{a}, x.Sp)
}

// takes reports whether a function converts values of a kind; of a null it gives null.
func takes(fn string, k lang.Kind) bool {
	ok, _ := k.Info().Cast(fn)
	return ok || k == lang.KNull || k == lang.KUnknown
}

func checkConversion(c *Checker, fn string, x *lang.Call) ir.Expr {
	a := c.Expr(x.Args[0])
	to, _ := lang.FindKind(fn)
	if !takes(fn, types.KeyType(a.Type()).Kind) {
		d := c.Errorf(lang.CodeTypeMismatch, a.Span(), "%s() does not take %s", fn, types.Describe(a.Type()))
		if (fn == "int" || fn == "int64") && a.Type().Kind == lang.KFloat {
			d.WithHint("%s", types.Conversion(a.Type(), lang.TypeInt, c.Source.Slice(a.Span())))
		}
	}
	args := []ir.Expr{a}
	if len(x.Args) == 2 {
		args = append(args, c.shape(x.Args[1], "the format of datetime()"))
	}
	t := types.NullIf(lang.Type{Kind: to}, a.Type().Null || a.Type().Kind == lang.KJSON)
	return c.callOf(fn, t, args, x.Sp)
}

// shape is an argument that belongs to the shape of a statement: a string literal.
func (c *Checker) shape(x lang.Expr, what string) ir.Expr {
	was := c.Pinned
	c.Pinned = true
	a := c.Coerce(c.Expr(x), lang.TypeString)
	c.Pinned = was
	if _, ok := a.(*ir.Const); !ok {
		c.Errorf(lang.CodeNotAllowed, a.Span(), "%s is a literal", what)
	}
	return a
}

// checkRounding is abs, round, floor and ceil.
func checkRounding(c *Checker, fn string, x *lang.Call) ir.Expr {
	a := c.Expr(x.Args[0])
	t := a.Type()
	switch t.Kind {
	case lang.KInt, lang.KFloat:
	case lang.KUnknown:
		a = c.Coerce(a, lang.TypeFloat)
		t = lang.TypeFloat
	case lang.KNull:
		t = lang.TypeInt.OrNull()
	case lang.KInt64:
		c.Errorf(lang.CodeTypeMismatch, a.Span(), "%s() does not take int64", fn).WithHint("%s", types.Conversion(t, lang.TypeInt, c.Source.Slice(a.Span())))
		return c.Unknown(x.Sp)
	default:
		c.mismatch(a, lang.TypeFloat)
		return c.Unknown(x.Sp)
	}
	args := []ir.Expr{a}
	if len(x.Args) == 2 {
		args = append(args, c.Coerce(c.Expr(x.Args[1]), lang.TypeInt))
		t.Null = t.Null || args[1].Type().Null
	} else if fn != "abs" {
		t = types.NullIf(lang.TypeInt, t.Null)
	}
	return c.callOf(fn, t, args, x.Sp)
}

// checkPick is min and max of several arguments.
func checkPick(c *Checker, fn string, x *lang.Call) ir.Expr {
	args := c.Exprs(x.Args)
	t, ok := c.agreeAll(fn, args)
	if !ok {
		return c.Unknown(x.Sp)
	}
	if !types.Ordered(t) {
		c.Errorf(lang.CodeTypeMismatch, x.Sp, "%s has no order, so %s does not take it", types.Describe(t), fn)
	}
	return c.callOf(fn, t, args, x.Sp)
}

// agreeAll brings arguments to their common type, or reports the first that does not fit.
func (c *Checker) agreeAll(fn string, args []ir.Expr) (lang.Type, bool) {
	t, ok := c.Agree(args...)
	if !ok {
		for _, a := range args[1:] {
			if _, ok := c.Agree(args[0], a); !ok {
				c.Errorf(lang.CodeTypeMismatch, a.Span(), "the arguments of %s are of one type: %s and %s are not", fn, types.Describe(args[0].Type()), types.Describe(a.Type()))
				break
			}
		}
		return t, false
	}
	for i := range args {
		args[i] = c.Coerce(args[i], t)
	}
	return types.KeyType(t), true
}

func checkCoalesce(c *Checker, fn string, x *lang.Call) ir.Expr {
	args := c.Exprs(x.Args)
	null := true
	for _, a := range args {
		null = null && a.Type().Null
	}
	t, ok := c.agreeAll(fn, args)
	if !ok {
		return c.Unknown(x.Sp)
	}
	t.Null = null
	return c.callOf(fn, t, args, x.Sp)
}

// checkWhen is when(c1, v1, …, else); without a last value it is null.
func checkWhen(c *Checker, fn string, x *lang.Call) ir.Expr {
	args := make([]ir.Expr, len(x.Args), len(x.Args)+1)
	values := make([]ir.Expr, 0, len(x.Args)/2+1)
	for i, a := range x.Args {
		if i%2 == 0 && i < len(args)-1 {
			args[i] = c.Cond(a)
		} else {
			values = append(values, c.Expr(a))
		}
	}
	if len(x.Args)%2 == 0 {
		args = append(args, nil)
		values = append(values, &ir.Const{Base: c.Base(lang.TypeNull, x.Sp), Ord: -1})
	}
	t, ok := c.agreeAll(fn, values)
	if !ok {
		return c.Unknown(x.Sp)
	}
	for i, n := 0, 0; i < len(args); i++ {
		if args[i] == nil {
			args[i] = values[n]
			n++
		}
	}
	return c.callOf(fn, t, args, x.Sp)
}

func checkKey(c *Checker, fn string, x *lang.Call) ir.Expr {
	a := c.Expr(x.Args[0])
	t := a.Type()
	switch t.Kind {
	case lang.KRef:
		return &ir.Key{Base: c.Base(t.Scalar(), x.Sp), X: a}
	case lang.KRow:
		if m := c.DocOf(a); m != nil && m.Key != nil {
			return &ir.Key{Base: c.Base(types.NullIf(m.Key.Type, t.Null), x.Sp), X: a}
		}
		return c.Unknown(x.Sp)
	case lang.KNull, lang.KUnknown:
		return c.Unknown(x.Sp)
	}
	d := c.Errorf(lang.CodeTypeMismatch, a.Span(), "%s() takes a document or a ref, and this is %s", fn, types.Describe(t))
	if t.Kind == lang.KRecord {
		d.WithHint("return the key field and read it by its name")
	}
	return c.Unknown(x.Sp)
}

func checkTTL(c *Checker, _ string, x *lang.Call) ir.Expr {
	c.Expr(x.Args[0])
	c.NotBuilt(report.FeatTTL, x.Sp)
	return c.Unknown(x.Sp)
}

func checkRange(c *Checker, fn string, x *lang.Call) ir.Expr {
	if x != c.ForRange {
		c.Errorf(lang.CodeMisplacedFunction, x.Sp, "range() stands only after FOR … IN")
	}
	args := []ir.Expr{c.MustBe(x.Args[0], lang.TypeInt, "an end of range()"), c.MustBe(x.Args[1], lang.TypeInt, "an end of range()")}
	return c.callOf(fn, lang.ListOf(lang.TypeInt), args, x.Sp)
}

func checkDateTrunc(c *Checker, fn string, x *lang.Call) ir.Expr {
	unit := c.shape(x.Args[0], "the unit of date_trunc()")
	if k, ok := unit.(*ir.Const); ok {
		if s, _ := k.Raw.(string); !isUnit(s) {
			d := c.Errorf(lang.CodeBadArgument, unit.Span(), "%s is not a unit of date_trunc()", lang.Quote(s))
			if n := lang.Nearest(s, truncUnits()); n != "" {
				d.WithHint("did you mean %s?", lang.Quote(n))
			} else {
				d.WithHint("one of %s", types.QuotedList(truncUnits()))
			}
		}
	}
	at := c.Coerce(c.Expr(x.Args[1]), lang.TypeDateTime)
	return c.callOf(fn, types.NullIf(lang.TypeDateTime, at.Type().Null), []ir.Expr{unit, at}, x.Sp)
}

func truncUnits() []string {
	return []string{"year", "month", "week", "day", "hour", "minute", "second"}
}

func isUnit(s string) bool {
	for _, u := range truncUnits() {
		if u == s {
			return true
		}
	}
	return false
}
