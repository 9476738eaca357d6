package expr

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// equal is l = r; with NULL written on one side it is IS NULL.
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

// compare is an equality or an order of two operands of one type.
func (c *Checker) compare(op lang.Op, l, r ir.Expr, sp lang.Span) ir.Expr {
	t, ok := c.Agree(l, r)
	if !ok {
		if x := c.longBeside(l, r); x != nil {
			c.tooLong(x)
		} else {
			c.clashing(string(op), l, r, sp)
		}
		return c.Unknown(sp)
	}
	if op == lang.OpEq {
		if t.Kind == lang.KRow {
			c.Errorf(lang.CodeTypeMismatch, sp, "documents are not compared").WithHint("compare their keys: key(x) = key(y)")
		}
	} else if !types.Ordered(t) {
		c.Errorf(lang.CodeTypeMismatch, sp, "%s has no order, so `%s` does not take it", types.Describe(t), op)
	}
	return &ir.Binary{Base: c.Base(lang.TypeBool, sp), Op: op, L: c.Coerce(l, t), R: c.Coerce(r, t)}
}

func (c *Checker) between(x *lang.Between) ir.Expr {
	v := c.Expr(x.X)
	lo := c.compare(lang.OpGe, v, c.Expr(x.Lo), x.Sp)
	hi := c.compare(lang.OpLe, v, c.Expr(x.Hi), x.Sp)
	return negateIf(x.Not, &ir.Binary{Base: c.Base(lang.TypeBool, x.Sp), Op: lang.OpAnd, L: lo, R: hi})
}

// in is x IN (…), or x IN a list.
func (c *Checker) in(x *lang.Binary) ir.Expr {
	l := c.Expr(x.L)
	if list, ok := x.R.(*lang.List); ok && !(list.Paren && len(list.Items) == 1) {
		return c.inItems(l, c.Exprs(list.Items), x)
	}
	r, paren := x.R, false
	if list, ok := r.(*lang.List); ok {
		r, paren = list.Items[0], true
	}
	if inner, ok := r.(*lang.List); ok && !inner.Paren {
		return c.inItems(l, c.Exprs(inner.Items), x)
	}
	v := c.ListExpr(r, l.Type())
	t := v.Type()
	switch {
	case t.Kind == lang.KList:
		return c.inList(l, v, x.Sp)
	case t.Kind == lang.KUnknown && !paren:
		if p, ok := v.(*ir.Param); ok && l.Type().Kind != lang.KUnknown {
			return c.inList(l, c.Coerce(p, lang.ListOf(l.Type().Scalar().OrNull())), x.Sp)
		}
		return &ir.In{Base: c.Base(lang.TypeBool, x.Sp), X: l, List: v}
	case paren:
		return c.inItems(l, []ir.Expr{v}, x)
	}
	d := c.Errorf(lang.CodeTypeMismatch, v.Span(), "IN needs a list, and this is %s", types.Describe(t))
	if t.Kind == lang.KString || t.Kind == lang.KMap {
		d.WithHint("write %s CONTAINS %s", c.Source.Slice(v.Span()), c.Source.Slice(l.Span()))
	} else {
		d.WithHint("write IN (%s)", c.Source.Slice(v.Span()))
	}
	return c.Unknown(x.Sp)
}

func (c *Checker) inItems(l ir.Expr, items []ir.Expr, x *lang.Binary) ir.Expr {
	t, ok := c.Agree(append([]ir.Expr{l}, items...)...)
	if !ok {
		for _, it := range items {
			if _, ok := c.Agree(l, it); ok {
				continue
			}
			if x := c.longBeside(l, it); x != nil {
				c.tooLong(x)
			} else {
				c.clashing("IN", l, it, it.Span())
			}
		}
		return c.Unknown(x.Sp)
	}
	in := &ir.In{Base: c.Base(lang.TypeBool, x.Sp), X: c.Coerce(l, t), Items: items}
	for i, it := range items {
		items[i] = c.Coerce(it, t)
	}
	return in
}

// inList is l IN list, or list CONTAINS l.
func (c *Checker) inList(l, list ir.Expr, sp lang.Span) ir.Expr {
	if of := Items(list); of != nil {
		return c.has(of, l, sp)
	}
	elem := lang.TypeUnknown
	if e := list.Type().Elem; e != nil {
		elem = *e
	}
	t, ok := c.Agree(l, &ir.Elem{Base: ir.Base{T: elem}})
	if !ok {
		c.clashing("IN", l, list, sp)
		return c.Unknown(sp)
	}
	if t.Kind == lang.KUnknown {
		return &ir.In{Base: c.Base(lang.TypeBool, sp), X: l, List: list}
	}
	if elem.Kind != lang.KRef || t.Kind != elem.Kind { // a list of refs is a list of keys as it stands
		list = c.Coerce(list, lang.ListOf(t.OrNull())) // null is found if it is in the list
	}
	return &ir.In{Base: c.Base(lang.TypeBool, sp), X: c.Coerce(l, t), List: list}
}

// contains: a part of a string, a key of a map, or an element of a list.
func (c *Checker) contains(x *lang.Binary) ir.Expr {
	l, r := c.Values(c.Expr(x.L)), c.Expr(x.R)
	switch t := l.Type(); t.Kind {
	case lang.KList:
		return c.inList(r, l, x.Sp)
	case lang.KString, lang.KMap, lang.KNull, lang.KUnknown:
		k := r.Type().Kind
		if t.Kind == lang.KUnknown && k != lang.KString {
			return &ir.Binary{Base: c.Base(lang.TypeBool, x.Sp), Op: x.Op, L: l, R: r}
		}
		if k != lang.KString && k != lang.KNull && k != lang.KUnknown {
			c.Clash("CONTAINS", t, r.Type(), x.Sp)
			return c.Unknown(x.Sp)
		}
		return &ir.Binary{Base: c.Base(lang.TypeBool, x.Sp), Op: x.Op, L: l, R: c.Coerce(r, lang.TypeString)}
	case lang.KBytes:
		if b, ok := c.partOf(x.Op, l, r, x.Sp); ok {
			return b
		}
		c.Clash("CONTAINS", t, r.Type(), x.Sp)
	case lang.KJSON:
		c.Errorf(lang.CodeTypeMismatch, x.Sp, "CONTAINS does not take json").WithHint("say what it is: string(x)")
	default:
		c.Clash("CONTAINS", t, r.Type(), x.Sp)
	}
	return c.Unknown(x.Sp)
}

// partOf asks bytes for a part, which a text may say.
func (c *Checker) partOf(op lang.Op, l, r ir.Expr, sp lang.Span) (ir.Expr, bool) {
	switch k := r.Type().Kind; {
	case k == lang.KBytes, k == lang.KNull, k == lang.KUnknown, k == lang.KString && soft(r):
		return &ir.Binary{Base: c.Base(lang.TypeBool, sp), Op: op, L: l, R: c.Coerce(r, lang.TypeBytes)}, true
	}
	return nil, false
}

// textTest is LIKE, MATCHES, SEARCH, STARTS WITH or ENDS WITH. A pattern is known before the statement runs.
func (c *Checker) textTest(x *lang.Binary) ir.Expr {
	l, r := c.Expr(x.L), c.Expr(x.R)
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
			return c.Unknown(x.Sp)
		}
	}
	b := &ir.Binary{Base: c.Base(lang.TypeBool, x.Sp), Op: x.Op, L: c.Coerce(l, lang.TypeString), R: c.Coerce(r, lang.TypeString)}
	if x.Op != lang.OpLike && x.Op != lang.OpMatches && x.Op != lang.OpSearch {
		return b
	}
	if !ir.Closed(b.R) {
		c.Errorf(lang.CodeNotAllowed, r.Span(), "the right side of %s must be known before the statement runs: a literal, a parameter or a LET name", x.Op).
			WithHint("CONTAINS, STARTS WITH and ENDS WITH take any string")
		return b
	}
	if k, ok := b.R.(*ir.Const); ok && x.Op != lang.OpSearch {
		c.pattern(x.Op, k)
	}
	return b
}
