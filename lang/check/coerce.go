package check

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// coerce gives x the type of its place where the language does so without
// being asked, and reports a type error where it does not. Null is no matter
// here: see required.
func (c *checker) coerce(x ir.Expr, to lang.Type) ir.Expr {
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
		if y := c.coerceList(x, to); y != nil {
			return y
		}
	case *ir.Object:
		if y := c.coerceObject(x, to); y != nil {
			return y
		}
	case *ir.Call:
		if adapts(x.Fn) && !plain(from, to) {
			return c.coerceChoice(x, to)
		}
	case *ir.Unary:
		_, literal := x.X.(*ir.Const)
		if as := keyType(to).Kind; literal && x.Op == lang.OpSub && from.Kind == lang.KInt && (as == lang.KFloat || as == lang.KInt64) {
			return &ir.Unary{Base: ir.Base{T: lang.Type{Kind: as}, Sp: x.Sp}, Op: x.Op, X: c.coerce(x.X, to)}
		}
	}
	if from.Kind == lang.KUnknown || from.Kind == lang.KNull || plain(from, to) {
		return x
	}
	return c.convert(x, to)
}

// identical reports two types of single values, or of lists of such, that differ in nothing.
func identical(a, b lang.Type) bool {
	for a.Kind == lang.KList && b.Kind == lang.KList && a.Null == b.Null && a.Elem != nil && b.Elem != nil {
		a, b = *a.Elem, *b.Elem
	}
	if info := a.Kind.Info(); a.Kind == lang.KUnknown || info.Bare && info.Repr != lang.ReprJSON && a.Kind != lang.KText {
		return a.Kind == b.Kind && a.Null == b.Null && a.Variant == b.Variant
	}
	return false
}

// plain: a value of type from is a value of type to as it stands.
func plain(from, to lang.Type) bool {
	if from.Kind == lang.KRef && to.Kind == lang.KRef {
		return from.Model == to.Model
	}
	from, to = keyType(from), keyType(to)
	if from.Kind != to.Kind {
		return false
	}
	switch from.Kind {
	case lang.KList, lang.KMap:
		return from.Elem == nil || to.Elem == nil || from.Elem.Kind == lang.KUnknown || to.Elem.Kind == lang.KUnknown ||
			from.Elem.Kind == lang.KNull || plain(*from.Elem, *to.Elem)
	case lang.KEnum, lang.KEmbedded, lang.KRow, lang.KVector:
		return from.Same(to)
	case lang.KRecord:
		if len(from.Cols) != len(to.Cols) {
			return false
		}
		for _, col := range from.Cols {
			if t, ok := column(to, col.Name); !ok || !plain(col.Type, t) {
				return false
			}
		}
	}
	return true
}

// keyType is the type of the key for a ref, string for a text, else the type itself.
func keyType(t lang.Type) lang.Type {
	if t.Kind == lang.KRef || t.Kind == lang.KText {
		return t.Scalar()
	}
	return t
}

// convert wraps x where its type turns into another one silently.
func (c *checker) convert(x ir.Expr, to lang.Type) ir.Expr {
	if !converts(x.Type(), to) {
		c.mismatch(x, to)
		return x
	}
	return &ir.Convert{Base: ir.Base{T: nullIf(to, x.Type().Null), Sp: x.Span()}, X: x}
}

func converts(from, to lang.Type) bool {
	if from.Kind == lang.KUnknown || from.Kind == lang.KNull || plain(from, to) {
		return true
	}
	switch keyType(to).Kind {
	case lang.KFloat:
		return from.Kind == lang.KInt
	case lang.KInt64:
		return keyType(from).Kind == lang.KInt
	case lang.KJSON:
		return jsonable(from)
	case lang.KList:
		return from.Kind == lang.KList && to.Elem != nil && from.Elem != nil && converts(*from.Elem, *to.Elem)
	case lang.KVector:
		return from.Kind == lang.KList && from.Elem != nil && (from.Elem.IsNumber() || from.Elem.Kind == lang.KUnknown)
	case lang.KMap:
		if from.Kind == lang.KRecord {
			for _, col := range from.Cols {
				if !converts(col.Type, *to.Elem) {
					return false
				}
			}
			return true
		}
		return from.Kind == lang.KMap && converts(*from.Elem, *to.Elem)
	case lang.KEmbedded:
		return from.Kind == lang.KRecord
	}
	return false
}

// coerceConst reads a literal as a value of the type.
func (c *checker) coerceConst(x *ir.Const, to lang.Type) ir.Expr {
	from := x.T
	if from.Kind == lang.KUnknown {
		return x
	}
	if x.Raw == nil {
		return &ir.Const{Base: ir.Base{T: keyType(to).OrNull(), Sp: x.Sp}, Ord: x.Ord}
	}
	if plain(from, to) {
		return x
	}
	to = keyType(to).NotNull()
	v, ok := c.read(x, to)
	if !ok {
		return x
	}
	return &ir.Const{Base: ir.Base{T: to, Sp: x.Sp}, Value: v, Raw: x.Raw, Ord: x.Ord}
}

// read is the value of a literal as type to, or a reported error.
func (c *checker) read(x *ir.Const, to lang.Type) (any, bool) {
	if s, ok := x.Raw.(string); ok && to.Kind != lang.KJSON {
		return c.readString(x, s, to)
	}
	from := literalType(x.Raw)
	if converts(from, to) {
		if v, err := codec.Convert(x.Raw, from, to); err == nil {
			return v, true
		}
	}
	c.mismatch(x, to)
	return nil, false
}

// readString reads a string literal as what stands beside it.
func (c *checker) readString(x *ir.Const, s string, to lang.Type) (any, bool) {
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
		d := c.errorf(lang.CodeBadConversion, x.Sp, "%s is not one of %s", lang.Quote(s), quotedList(to.Values))
		if n := lang.Nearest(s, to.Values); n != "" {
			d.WithHint("did you mean %s?", lang.Quote(n))
		}
		return nil, false
	}
	if k := to.Kind.Info(); k.Reads != "" {
		v, err := codec.Convert(s, lang.TypeString, to)
		if err != nil {
			c.errorf(lang.CodeBadConversion, x.Sp, "%s is not %s", lang.Quote(s), k.Reads).WithHint("%s", k.Sample)
		}
		return v, err == nil
	}
	c.mismatch(x, to)
	return nil, false
}

// coerceParam makes the type of its place that of the parameter: its value is
// converted when it is bound.
func (c *checker) coerceParam(x *ir.Param, to lang.Type) ir.Expr {
	if !paramFits(x.T, to) {
		c.mismatch(x, to)
		return x
	}
	t := keyType(to)
	t.Null = x.T.Null && x.T.Kind != lang.KUnknown || to.Null && (c.opts.NoParams || mayBeNil(x.T))
	return &ir.Param{Base: ir.Base{T: t, Sp: x.Sp}, Name: x.Name, Index: x.Index}
}

// mayBeNil: a parameter of type t may be a nil slice or map, which is null where that may be.
func mayBeNil(t lang.Type) bool {
	return t.Kind == lang.KList || t.Kind == lang.KObject || t.Kind == lang.KBytes
}

// paramFits: a value given as from can be bound as to.
func paramFits(from, to lang.Type) bool {
	from, to = keyType(from), keyType(to)
	switch from.Kind {
	case lang.KUnknown, lang.KNull:
		return true
	case lang.KString:
		return to.Kind.Info().Literal
	case lang.KObject:
		switch to.Kind {
		case lang.KObject, lang.KMap, lang.KEmbedded, lang.KJSON, lang.KRecord, lang.KRow, lang.KGeo:
			return true
		}
		return false
	case lang.KList:
		if to.Kind == lang.KGeo || to.Kind == lang.KVector {
			return from.Elem == nil || paramFits(*from.Elem, lang.TypeFloat)
		}
		return to.Kind == lang.KJSON || to.Kind == lang.KList && (from.Elem == nil || to.Elem == nil || paramFits(*from.Elem, *to.Elem))
	}
	return converts(from, to)
}

func (c *checker) coerceList(x *ir.List, to lang.Type) ir.Expr {
	switch to.Kind {
	case lang.KList:
		elem := lang.TypeUnknown
		if to.Elem != nil {
			elem = *to.Elem
		}
		made := x.T.Elem != nil && !elem.Null && identical(*x.T.Elem, elem)
		items := make([]ir.Expr, len(x.Items))
		for i, it := range x.Items {
			if items[i] = it; !made { // else it is so already; looking again at every level takes the depth squared
				items[i] = c.coerce(it, elem)
			}
			if elem.Kind != lang.KUnknown && !elem.Null {
				c.notNull(items[i], "an element of a list")
			}
		}
		return &ir.List{Base: ir.Base{T: lang.ListOf(keyType(elem)), Sp: x.Sp}, Items: items}
	case lang.KVector:
		if len(x.Items) != to.N {
			c.errorf(lang.CodeTypeMismatch, x.Sp, "%s is needed here, and this list has %d numbers", describe(to), len(x.Items))
			return x
		}
		l := c.coerceList(x, lang.ListOf(lang.TypeFloat))
		return &ir.Convert{Base: ir.Base{T: to.NotNull(), Sp: x.Sp}, X: l}
	case lang.KGeo:
		return nil
	case lang.KJSON:
		items := make([]ir.Expr, len(x.Items))
		for i, it := range x.Items {
			items[i] = c.coerce(it, lang.TypeJSON)
		}
		l := &ir.List{Base: ir.Base{T: lang.ListOf(lang.TypeJSON), Sp: x.Sp}, Items: items}
		return &ir.Convert{Base: ir.Base{T: lang.TypeJSON.NotNull(), Sp: x.Sp}, X: l}
	}
	return nil
}

func (c *checker) coerceObject(x *ir.Object, to lang.Type) ir.Expr {
	switch to.Kind {
	case lang.KMap, lang.KJSON:
		elem := lang.TypeJSON
		if to.Kind == lang.KMap && to.Elem != nil {
			elem = *to.Elem
		}
		items := make([]ir.Expr, len(x.Items))
		for i, it := range x.Items {
			items[i] = c.coerce(it, elem)
			if !elem.Null {
				c.notNull(items[i], "a value of this map")
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

// coerceChoice gives each value that when, coalesce, min or max may give the type.
func (c *checker) coerceChoice(x *ir.Call, to lang.Type) ir.Expr {
	args := make([]ir.Expr, len(x.Args))
	for i, a := range x.Args {
		if args[i] = a; isValueArg(x, i) {
			args[i] = c.coerce(a, to)
		}
	}
	return &ir.Call{Base: ir.Base{T: nullIf(keyType(to).NotNull(), x.T.Null), Sp: x.Sp}, Fn: x.Fn, Args: args}
}

// notNull reports null, as far as it is known before running, where a value is needed.
func (c *checker) notNull(x ir.Expr, what string) {
	if knownNull(x) {
		c.errorf(lang.CodeNullValue, x.Span(), "%s cannot be null", what)
	}
}

// knownNull: the value is null whatever the data.
func knownNull(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Const:
		return x.Raw == nil && x.T.Kind != lang.KUnknown
	case *ir.Param:
		return false // bound values are asked when they are bound
	}
	return x.Type().Kind == lang.KNull
}

// mustBe is coerce where null is refused too.
func (c *checker) mustBe(x lang.Expr, to lang.Type, what string) ir.Expr {
	y := c.coerce(c.expr(x), to)
	c.notNull(y, what)
	return y
}
