package expr

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// Coerce converts x to the type of its place if the language does so implicitly, and otherwise reports a type error. It does not
// check for null: see NotNull.
func (c *Checker) Coerce(x ir.Expr, to lang.Type) ir.Expr {
	from := x.Type()
	if to.Kind == lang.KUnknown {
		return x
	}
	if y := c.fromGiven(x, to); y != nil {
		return y
	}
	switch x := x.(type) {
	case *ir.Const:
		return c.coerceConst(x, to)
	case *ir.Param:
		return c.coerceParam(x, to)
	case *ir.List:
		if y := c.CoerceList(x, to); y != nil {
			return y
		}
	case *ir.Object:
		if y := c.coerceObject(x, to); y != nil {
			return y
		}
	case *ir.Call:
		if adapts(x.Fn) && !types.Plain(from, to) {
			return c.coerceChoice(x, to)
		}
	case *ir.Unary:
		_, literal := x.X.(*ir.Const)
		if as := types.KeyType(to).Kind; literal && x.Op == lang.OpSub && from.Kind == lang.KInt && (as == lang.KFloat || as == lang.KInt64) {
			return &ir.Unary{Base: ir.Base{T: lang.Type{Kind: as}, Sp: x.Sp}, Op: x.Op, X: c.Coerce(x.X, to)}
		}
	}
	if from.Kind == lang.KUnknown || from.Kind == lang.KNull || types.Plain(from, to) {
		return x
	}
	return c.convert(x, to)
}

// convert wraps x in a conversion if its type is converted implicitly.
func (c *Checker) convert(x ir.Expr, to lang.Type) ir.Expr {
	if !types.Converts(x.Type(), to) {
		c.mismatch(x, to)
		return x
	}
	return &ir.Convert{Base: ir.Base{T: types.NullIf(to, x.Type().Null), Sp: x.Span()}, X: x}
}

// coerceConst converts a literal to the type.
func (c *Checker) coerceConst(x *ir.Const, to lang.Type) ir.Expr {
	from := x.T
	if from.Kind == lang.KUnknown {
		return x
	}
	if x.Raw == nil {
		return &ir.Const{Base: ir.Base{T: types.KeyType(to).OrNull(), Sp: x.Sp}, Ord: x.Ord}
	}
	if types.Plain(from, to) {
		return x
	}
	to = types.KeyType(to).NotNull()
	v, ok := c.read(x, to)
	if !ok {
		return x
	}
	return &ir.Const{Base: ir.Base{T: to, Sp: x.Sp}, Value: v, Raw: x.Raw, Ord: x.Ord}
}

// read returns the value of a literal as type to. It reports an error.
func (c *Checker) read(x *ir.Const, to lang.Type) (any, bool) {
	if s, ok := x.Raw.(string); ok && to.Kind != lang.KJSON {
		return c.readString(x, s, to)
	}
	from := types.LiteralType(x.Raw)
	if types.Converts(from, to) {
		if v, err := codec.Convert(x.Raw, from, to); err == nil {
			return v, true
		}
	}
	c.mismatch(x, to)
	return nil, false
}

// readString converts a string literal to the type of what it is combined with.
func (c *Checker) readString(x *ir.Const, s string, to lang.Type) (any, bool) {
	switch to.Kind {
	case lang.KString, lang.KText:
		return s, true
	case lang.KBytes:
		return lang.Bytes(s), true
	case lang.KEnum:
		for _, v := range to.Values {
			if v == s {
				return s, true
			}
		}
		d := c.Errorf(lang.CodeBadConversion, x.Sp, "%s is not one of %s", lang.Quote(s), types.QuotedList(to.Values))
		if n := lang.Nearest(s, to.Values); n != "" {
			d.WithHint("did you mean %s?", lang.Quote(n))
		}
		return nil, false
	}
	if k := to.Kind.Info(); k.Reads != "" {
		v, err := codec.Convert(s, lang.TypeString, to)
		if err != nil {
			c.Errorf(lang.CodeBadConversion, x.Sp, "%s is not %s", lang.Quote(s), k.Reads).WithHint("%s", k.Sample)
		}
		return v, err == nil
	}
	c.mismatch(x, to)
	return nil, false
}

// coerceParam gives the parameter the type of its place: its value is converted when it is bound.
func (c *Checker) coerceParam(x *ir.Param, to lang.Type) ir.Expr {
	if !types.ParamFits(x.T, to) {
		c.mismatch(x, to)
		return x
	}
	t := types.KeyType(to)
	t.Null = x.T.Null && x.T.Kind != lang.KUnknown || to.Null && (c.Options.NoParams || types.MayBeNil(x.T))
	return &ir.Param{Base: ir.Base{T: t, Sp: x.Sp}, Name: x.Name, Index: x.Index, Null: x.Null}
}

// CoerceList converts the items of a list literal to the element type of its place; nil if a list cannot become a value of type
// to.
func (c *Checker) CoerceList(x *ir.List, to lang.Type) ir.Expr {
	switch to.Kind {
	case lang.KList:
		elem := lang.TypeUnknown
		if to.Elem != nil {
			elem = *to.Elem
		}
		made := x.T.Elem != nil && !elem.Null && types.Identical(*x.T.Elem, elem)
		items := make([]ir.Expr, len(x.Items))
		for i, it := range x.Items {
			if items[i] = it; !made { // otherwise it has been converted already; checking again at every level would take quadratic time
				items[i] = c.Coerce(it, elem)
			}
			if elem.Kind != lang.KUnknown && !elem.Null {
				c.NotNull(items[i], "an element of a list")
			}
		}
		return &ir.List{Base: ir.Base{T: lang.ListOf(types.KeyType(elem)), Sp: x.Sp}, Items: items}
	case lang.KVector:
		if len(x.Items) != to.N {
			c.Errorf(lang.CodeTypeMismatch, x.Sp, "%s is required here, but this list has %d numbers", types.Describe(to), len(x.Items))
			return x
		}
		l := c.CoerceList(x, lang.ListOf(lang.TypeFloat))
		return &ir.Convert{Base: ir.Base{T: to.NotNull(), Sp: x.Sp}, X: l}
	case lang.KGeo:
		return nil
	case lang.KJSON:
		items := make([]ir.Expr, len(x.Items))
		for i, it := range x.Items {
			items[i] = c.Coerce(it, lang.TypeJSON)
		}
		l := &ir.List{Base: ir.Base{T: lang.ListOf(lang.TypeJSON), Sp: x.Sp}, Items: items}
		return &ir.Convert{Base: ir.Base{T: lang.TypeJSON.NotNull(), Sp: x.Sp}, X: l}
	}
	return nil
}

func (c *Checker) coerceObject(x *ir.Object, to lang.Type) ir.Expr {
	switch to.Kind {
	case lang.KMap, lang.KJSON:
		elem := lang.TypeJSON
		if to.Kind == lang.KMap && to.Elem != nil {
			elem = *to.Elem
		}
		items := make([]ir.Expr, len(x.Items))
		for i, it := range x.Items {
			items[i] = c.Coerce(it, elem)
			if !elem.Null {
				c.NotNull(items[i], "a value of this map")
			}
		}
		return &ir.Object{Base: ir.Base{T: to.NotNull(), Sp: x.Sp}, Names: x.Names, Items: items}
	case lang.KRecord:
		return c.coerceRecord(x, to)
	case lang.KEmbedded:
		if x.T.Kind == lang.KEmbedded && x.T.Model == to.Model {
			return x
		}
		return c.embed(x, to)
	}
	return nil
}

// coerceChoice converts each value that when, coalesce, min or max may return.
func (c *Checker) coerceChoice(x *ir.Call, to lang.Type) ir.Expr {
	args := make([]ir.Expr, len(x.Args))
	for i, a := range x.Args {
		if args[i] = a; isValueArg(x, i) {
			args[i] = c.Coerce(a, to)
		}
	}
	return &ir.Call{Base: ir.Base{T: types.NullIf(types.KeyType(to).NotNull(), x.T.Null), Sp: x.Sp}, Fn: x.Fn, Args: args}
}

// needed is Coerce, but rejects null too.
func (c *Checker) needed(x ir.Expr, to lang.Type, what string) ir.Expr {
	x = c.Coerce(x, to)
	c.NotNull(x, what)
	return x
}

// NotNull reports null where a value is required, as far as this is known before running.
func (c *Checker) NotNull(x ir.Expr, what string) {
	if KnownNull(x) {
		c.Errorf(lang.CodeNullValue, x.Span(), "%s cannot be null", what)
	}
}

// KnownNull reports whether the value is null regardless of the data.
func KnownNull(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Const:
		return x.Raw == nil && x.T.Kind != lang.KUnknown
	case *ir.Param:
		return false // values are checked when they are bound
	}
	return x.Type().Kind == lang.KNull
}

// coerceRecord converts an object literal to a record type, such as an entry of a pqueue, if it has exactly its members;
// otherwise nil.
func (c *Checker) coerceRecord(x *ir.Object, to lang.Type) ir.Expr {
	if len(x.Names) != len(to.Cols) || types.Plain(x.T, to) {
		return nil
	}
	items := make([]ir.Expr, len(x.Items))
	for i, name := range x.Names {
		t, ok := types.Column(to, name)
		if !ok {
			return nil
		}
		items[i] = c.Coerce(x.Items[i], t)
		if !t.Null {
			c.NotNull(items[i], name)
		}
	}
	return &ir.Object{Base: ir.Base{T: to.NotNull(), Sp: x.Sp}, Names: x.Names, Items: items}
}
