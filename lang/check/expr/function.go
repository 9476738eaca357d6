package expr

import (
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// rule types a call x with arguments args, for a function whose arguments or result have no fixed types.
type rule func(c *Checker, fn string, args []ir.Expr, x *lang.Call) ir.Expr

// shapeArg returns the index of the argument that is part of the statement's shape, or -1.
func shapeArg(f *lang.Function) int {
	switch {
	case f.Cast:
		return 1 // the format of datetime()
	case f.Name == "date_trunc":
		return 0
	}
	return -1
}

// ruleOf returns the rule of a function; nil if the table of functions is sufficient.
func ruleOf(f *lang.Function) rule {
	if f.Cast {
		return checkConversion
	}
	switch f.Name {
	case "len":
		return checkLen
	case "abs", "floor", "ceil", "round":
		return checkRounding
	case "min", "max":
		return checkPick
	case "now", "uuid":
		return checkChanging
	case "date_trunc":
		return checkDateTrunc
	case "coalesce":
		return checkCoalesce
	case "when":
		return checkWhen
	case "key":
		return checkKey
	case "exists":
		return checkExists
	case ir.OpTTL, ir.OpEnd:
		return checkEnd
	case "peek":
		return checkPeek
	case "union", "intersect", "difference":
		return checkSets
	case "score":
		return checkScore
	case "distance":
		return checkDistance
	case "range":
		return checkRange
	}
	return nil
}

// typed types a call whose argument and result types are in the table, with bytes in place of strings if the function accepts
// them.
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

// checkDistance checks distance(a, b) of two places or two vectors, and distance() of a row of NEAREST.
func checkDistance(c *Checker, fn string, args []ir.Expr, x *lang.Call) ir.Expr {
	switch len(args) {
	case 0:
		if c.Scope.Near == nil {
			c.Errorf(lang.CodeMisplacedFunction, x.Sp, "distance() without arguments is allowed only in FIND … NEAREST").WithHint("distance(a, b) takes two places or two vectors")
			return c.Unknown(x.Sp)
		}
		v := c.nearColumn(x.Sp)
		return c.callOf(fn, types.NullIf(lang.TypeFloat, v.Type().Null || c.Scope.Near.To.Type().Null), []ir.Expr{v, c.Scope.Near.To}, x.Sp)
	case 1:
		c.Errorf(lang.CodeWrongArguments, x.Sp, "distance takes 2 arguments, not 1").WithHint("distance(a, b) takes two places or two vectors")
		return c.Unknown(x.Sp)
	}
	to := lang.TypeGeo
	for _, a := range args {
		if a.Type().Kind == lang.KVector {
			to = a.Type().NotNull()
		}
	}
	t := lang.TypeFloat
	for i := range args {
		args[i] = c.Coerce(args[i], to)
		t.Null = t.Null || args[i].Type().Null
	}
	return c.callOf(fn, t, args, x.Sp)
}

// nearColumn returns the vector of NEAREST, as if it were written at sp, so that it is visible where fields are.
func (c *Checker) nearColumn(sp lang.Span) ir.Expr {
	names := strings.Split(c.Scope.Near.Col.Name, ".")
	v := c.name(&lang.Name{Sp: sp, Name: names[0]})
	for _, n := range names[1:] {
		v = c.Step(v, n, sp, sp)
	}
	return v
}

// Searches appends every SEARCH of a condition that is not under a NOT.
func Searches(x ir.Expr, out []*ir.Binary) []*ir.Binary {
	b, ok := x.(*ir.Binary)
	switch {
	case !ok:
	case b.Op == lang.OpAnd || b.Op == lang.OpOr:
		return Searches(b.R, Searches(b.L, out))
	case b.Op == lang.OpSearch:
		return append(out, b)
	}
	return out
}

// checkScore checks score(): the sum of the relevance of the text for each SEARCH in WHERE.
func checkScore(c *Checker, fn string, _ []ir.Expr, x *lang.Call) ir.Expr {
	switch sc := c.Scope; {
	case len(sc.Found) == 0:
		c.Errorf(lang.CodeMisplacedFunction, x.Sp, "score() requires SEARCH in the WHERE of a FIND")
		return c.Unknown(x.Sp)
	case sc.Group != nil && !sc.Group.inside:
		c.Errorf(lang.CodeNotGrouped, x.Sp, "score() is neither a key of GROUP BY nor inside an aggregate")
		return c.Unknown(x.Sp)
	case sc.Out != nil && sc.Out.Only:
		c.Errorf(lang.CodeNotReturned, x.Sp, "after %s, ORDER BY can use only what is returned; score() is not", sc.Out.Why)
		return c.Unknown(x.Sp)
	}
	var sum ir.Expr
	for _, b := range c.Scope.Found {
		one := c.callOf(fn, lang.TypeFloat, []ir.Expr{b.L, b.R}, x.Sp)
		if sum == nil {
			sum = one
			continue
		}
		sum = &ir.Binary{Base: c.Base(lang.TypeFloat, x.Sp), Op: lang.OpAdd, L: sum, R: one}
	}
	return sum
}

// checkChanging checks now() and uuid(), which CHECK must not use.
func checkChanging(c *Checker, fn string, _ []ir.Expr, x *lang.Call) ir.Expr {
	if c.Scope.Rule == "CHECK" {
		c.Errorf(lang.CodeMisplacedFunction, x.Sp, "CHECK can read only its own document, so it cannot contain %s()", fn)
	}
	if fn == "now" {
		return c.callOf(fn, lang.TypeDateTime, nil, x.Sp)
	}
	return c.callOf(fn, lang.TypeString, nil, x.Sp)
}

func checkLen(c *Checker, fn string, args []ir.Expr, x *lang.Call) ir.Expr {
	a := args[0]
	if of := Items(a); of != nil {
		return c.size(of, x.Sp)
	}
	switch t := a.Type(); types.KeyType(t).Kind {
	case lang.KString, lang.KBytes, lang.KList, lang.KMap, lang.KNull, lang.KUnknown:
	default:
		d := c.Errorf(lang.CodeTypeMismatch, a.Span(), "len() takes a string, bytes, a list or a map, but this is %s", types.Describe(t))
		if h := types.Conversion(t, lang.TypeString, c.Source.Slice(a.Span())); h != "" {
			d.WithHint("%s", h)
		}
	}
	return c.callOf(fn, types.NullIf(lang.TypeInt, a.Type().Null), []ir.Expr{a}, x.Sp)
}

// takes reports whether a function converts values of a kind. It converts null to null.
func takes(fn string, k lang.Kind) bool {
	ok, _ := k.Info().Cast(fn)
	return ok || k == lang.KNull || k == lang.KUnknown
}

func checkConversion(c *Checker, fn string, args []ir.Expr, x *lang.Call) ir.Expr {
	a := args[0]
	to, _ := lang.FindKind(fn)
	if !takes(fn, types.KeyType(a.Type()).Kind) {
		d := c.Errorf(lang.CodeTypeMismatch, a.Span(), "%s() does not accept %s", fn, types.Describe(a.Type()))
		if (fn == "int" || fn == "int64") && a.Type().Kind == lang.KFloat {
			d.WithHint("%s", types.Conversion(a.Type(), lang.TypeInt, c.Source.Slice(a.Span())))
		}
	}
	if len(args) == 2 {
		args[1] = c.literalText(args[1], "the format of datetime()")
	}
	t := types.NullIf(lang.Type{Kind: to}, a.Type().Null || a.Type().Kind == lang.KJSON)
	return c.callOf(fn, t, args, x.Sp)
}

// literalText checks an argument that is part of the statement's shape: a string literal.
func (c *Checker) literalText(a ir.Expr, what string) ir.Expr {
	a = c.Coerce(a, lang.TypeString)
	if _, ok := a.(*ir.Const); !ok {
		c.Errorf(lang.CodeNotAllowed, a.Span(), "%s must be a literal", what)
	}
	return a
}

// checkRounding checks abs, round, floor and ceil.
func checkRounding(c *Checker, fn string, args []ir.Expr, x *lang.Call) ir.Expr {
	a := args[0]
	t := a.Type()
	switch t.Kind {
	case lang.KInt, lang.KFloat:
	case lang.KUnknown:
		a = c.Coerce(a, lang.TypeFloat)
		t = lang.TypeFloat
	case lang.KNull:
		t = lang.TypeInt.OrNull()
	case lang.KInt64:
		c.Errorf(lang.CodeTypeMismatch, a.Span(), "%s() does not accept int64", fn).WithHint("%s", types.Conversion(t, lang.TypeInt, c.Source.Slice(a.Span())))
		return c.Unknown(x.Sp)
	default:
		c.mismatch(a, lang.TypeFloat)
		return c.Unknown(x.Sp)
	}
	args[0] = a
	if len(args) == 2 {
		args[1] = c.Coerce(args[1], lang.TypeInt)
		t.Null = t.Null || args[1].Type().Null
	} else if fn != "abs" {
		t = types.NullIf(lang.TypeInt, t.Null)
	}
	return c.callOf(fn, t, args, x.Sp)
}

// checkPick checks min and max of several arguments.
func checkPick(c *Checker, fn string, args []ir.Expr, x *lang.Call) ir.Expr {
	t, ok := c.agreeAll(fn, args)
	if !ok {
		return c.Unknown(x.Sp)
	}
	if !types.Ordered(t) {
		c.Errorf(lang.CodeTypeMismatch, x.Sp, "%s has no order, so %s does not accept it", types.Describe(t), fn)
	}
	return c.callOf(fn, t, args, x.Sp)
}

// agreeAll converts arguments to their common type, or reports the first that does not fit.
func (c *Checker) agreeAll(fn string, args []ir.Expr) (lang.Type, bool) {
	t, ok := c.Agree(args...)
	if !ok {
		for _, a := range args[1:] {
			if _, ok := c.Agree(args[0], a); !ok {
				c.Errorf(lang.CodeTypeMismatch, a.Span(), "the arguments of %s must have one type, but these are %s and %s", fn, types.Describe(args[0].Type()), types.Describe(a.Type()))
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

func checkCoalesce(c *Checker, fn string, args []ir.Expr, x *lang.Call) ir.Expr {
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

// checkWhen checks when(c1, v1, …, else). Without a last value, the default is null.
func checkWhen(c *Checker, fn string, args []ir.Expr, x *lang.Call) ir.Expr {
	values := make([]ir.Expr, 0, len(args)/2+1)
	for i, a := range args {
		if i%2 == 0 && i < len(args)-1 {
			args[i] = c.condition(a)
		} else {
			values, args[i] = append(values, a), nil
		}
	}
	if len(args)%2 == 0 {
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

func checkKey(c *Checker, fn string, args []ir.Expr, x *lang.Call) ir.Expr {
	a := args[0]
	t := a.Type()
	switch t.Kind {
	case lang.KRef:
		return &ir.Key{Base: c.Base(t.Scalar(), x.Sp), X: a}
	case lang.KRow:
		if m := c.DocOf(a); m != nil && m.Key != nil {
			if m.Celled() && ir.Closed(a) && !c.Above.InBlock() {
				in, key := c.Step(a, m.Part.Name, x.Sp, x.Sp), c.Step(a, m.Key.Name, x.Sp, x.Sp)
				return &ir.FullKey{Base: c.Base(types.NullIf(lang.TypeString, t.Null), x.Sp), Part: in, Key: key}
			}
			return &ir.Key{Base: c.Base(types.NullIf(m.Key.Type, t.Null), x.Sp), X: a}
		}
		return c.Unknown(x.Sp)
	case lang.KNull, lang.KUnknown:
		return c.Unknown(x.Sp)
	}
	d := c.Errorf(lang.CodeTypeMismatch, a.Span(), "%s() takes a document or a ref, but this is %s", fn, types.Describe(t))
	if t.Kind == lang.KRecord {
		d.WithHint("return the key field and read it by its name")
	}
	return c.Unknown(x.Sp)
}

func checkRange(c *Checker, fn string, args []ir.Expr, x *lang.Call) ir.Expr {
	if x != c.ForRange {
		c.Errorf(lang.CodeMisplacedFunction, x.Sp, "range() is allowed only after FOR … IN")
	}
	for i := range args {
		args[i] = c.needed(args[i], lang.TypeInt, "an end of range()")
	}
	return c.callOf(fn, lang.ListOf(lang.TypeInt), args, x.Sp)
}

func checkDateTrunc(c *Checker, fn string, args []ir.Expr, x *lang.Call) ir.Expr {
	unit := c.literalText(args[0], "the unit of date_trunc()")
	if k, ok := unit.(*ir.Const); ok {
		if s, _ := k.Raw.(string); !slices.Contains(truncUnits(), s) {
			d := c.Errorf(lang.CodeBadArgument, unit.Span(), "%s is not a unit of date_trunc()", lang.Quote(s))
			if n := lang.Nearest(s, truncUnits()); n != "" {
				d.WithHint("did you mean %s?", lang.Quote(n))
			} else {
				d.WithHint("one of %s", types.QuotedList(truncUnits()))
			}
		}
	}
	at := c.Coerce(args[1], lang.TypeDateTime)
	return c.callOf(fn, types.NullIf(lang.TypeDateTime, at.Type().Null), []ir.Expr{unit, at}, x.Sp)
}

func truncUnits() []string {
	return []string{"year", "month", "week", "day", "hour", "minute", "second"}
}

// checkPeek checks peek(pqueue), the value that pop would return.
func checkPeek(c *Checker, _ string, args []ir.Expr, x *lang.Call) ir.Expr {
	a := args[0]
	of := Items(a)
	switch {
	case of != nil && of.Col.Field.Type.Kind == lang.KPQueue:
		return c.ask(of, "peek", nil, of.Col.Field.Type.Elem.OrNull(), x.Sp)
	case a.Type().Kind != lang.KUnknown:
		c.Errorf(lang.CodeTypeMismatch, a.Span(), "peek() takes a pqueue, but this is %s", types.Describe(a.Type()))
	}
	return c.Unknown(x.Sp)
}

// checkSets checks union(a, b), intersect(a, b) and difference(a, b) of two lists or sets.
func checkSets(c *Checker, fn string, args []ir.Expr, x *lang.Call) ir.Expr {
	a, b := c.Values(args[0]), c.Values(args[1])
	t, ok := c.Agree(a, b)
	switch {
	case t.Kind == lang.KUnknown && ok:
		return c.Unknown(x.Sp)
	case !ok, t.Kind != lang.KList:
		c.Errorf(lang.CodeTypeMismatch, x.Sp, "%s() takes two lists or sets of one type, but these are %s and %s", fn, types.Describe(a.Type()), types.Describe(b.Type()))
		return c.Unknown(x.Sp)
	case t.Elem.Kind == lang.KUnknown, t.Elem.Kind == lang.KNull: // both are []
		t.Elem = &lang.Type{Kind: lang.KString}
	case !t.Elem.Kind.Info().Member:
		c.Errorf(lang.CodeTypeMismatch, x.Sp, "%s() takes lists of single values, not of %s", fn, types.Describe(*t.Elem))
		return c.Unknown(x.Sp)
	}
	out := lang.ListOf(t.Elem.NotNull())
	out.Null = a.Type().Null || b.Type().Null
	return c.callOf(fn, out, []ir.Expr{c.Coerce(a, t), c.Coerce(b, t)}, x.Sp)
}
