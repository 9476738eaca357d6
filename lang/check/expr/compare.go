package expr

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// compare checks an equality or an ordering of two operands with a common type.
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
			c.Errorf(lang.CodeTypeMismatch, sp, "documents cannot be compared").WithHint("compare their keys: key(x) = key(y)")
		}
	} else if !types.Ordered(t) {
		c.Errorf(lang.CodeTypeMismatch, sp, "%s has no order, so `%s` does not accept it", types.Describe(t), op)
	}
	return &ir.Binary{Base: c.Base(lang.TypeBool, sp), Op: op, L: c.Coerce(l, t), R: c.Coerce(r, t)}
}

// inItems checks l IN (items).
func (c *Checker) inItems(l ir.Expr, items []ir.Expr, sp lang.Span) ir.Expr {
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
		return c.Unknown(sp)
	}
	in := &ir.In{Base: c.Base(lang.TypeBool, sp), X: c.Coerce(l, t), Items: items}
	for i, it := range items {
		items[i] = c.Coerce(it, t)
	}
	return in
}

// inList checks l IN list, or list CONTAINS l.
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
	if elem.Kind != lang.KRef || t.Kind != elem.Kind { // a list of refs is a list of keys already
		list = c.Coerce(list, lang.ListOf(t.OrNull())) // null matches null in the list
	}
	return &ir.In{Base: c.Base(lang.TypeBool, sp), X: c.Coerce(l, t), List: list}
}

// contains checks CONTAINS: for a part of a string, a key of a map, or an element of a list.
func (c *Checker) contains(op lang.Op, l, r ir.Expr, sp lang.Span) ir.Expr {
	l = c.Values(l)
	switch t := l.Type(); t.Kind {
	case lang.KList:
		return c.inList(r, c.listOf(l, r), sp)
	case lang.KString, lang.KMap, lang.KNull, lang.KUnknown:
		k := r.Type().Kind
		if t.Kind == lang.KUnknown && k != lang.KString {
			return &ir.Binary{Base: c.Base(lang.TypeBool, sp), Op: op, L: l, R: r}
		}
		if k != lang.KString && k != lang.KNull && k != lang.KUnknown {
			c.Clash("CONTAINS", t, r.Type(), sp)
			return c.Unknown(sp)
		}
		return &ir.Binary{Base: c.Base(lang.TypeBool, sp), Op: op, L: l, R: c.Coerce(r, lang.TypeString)}
	case lang.KBytes:
		if b, ok := c.partOf(op, l, r, sp); ok {
			return b
		}
		c.Clash("CONTAINS", t, r.Type(), sp)
	case lang.KJSON:
		c.Errorf(lang.CodeTypeMismatch, sp, "CONTAINS does not accept json").WithHint("convert it: string(x)")
	default:
		c.Clash("CONTAINS", t, r.Type(), sp)
	}
	return c.Unknown(sp)
}

// partOf checks for a part of bytes, which may be given as text.
func (c *Checker) partOf(op lang.Op, l, r ir.Expr, sp lang.Span) (ir.Expr, bool) {
	switch k := r.Type().Kind; {
	case k == lang.KBytes, k == lang.KNull, k == lang.KUnknown, k == lang.KString && soft(r):
		return &ir.Binary{Base: c.Base(lang.TypeBool, sp), Op: op, L: l, R: c.Coerce(r, lang.TypeBytes)}, true
	}
	return nil, false
}

// textTest checks LIKE, MATCHES, SEARCH, STARTS WITH or ENDS WITH. A pattern must be known before the statement runs.
func (c *Checker) textTest(op lang.Op, l, r ir.Expr, sp lang.Span) ir.Expr {
	if l.Type().Kind == lang.KBytes && (op == lang.OpStarts || op == lang.OpEnds) {
		if b, ok := c.partOf(op, l, r, sp); ok {
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
			c.clashing(string(op), l, r, sp)
			return c.Unknown(sp)
		}
	}
	b := &ir.Binary{Base: c.Base(lang.TypeBool, sp), Op: op, L: c.Coerce(l, lang.TypeString), R: c.Coerce(r, lang.TypeString)}
	if op != lang.OpLike && op != lang.OpMatches && op != lang.OpSearch {
		return b
	}
	if !ir.Closed(b.R) {
		c.Errorf(lang.CodeNotAllowed, r.Span(), "the right side of %s must be known before the statement runs: a literal, a parameter or a LET name", op).
			WithHint("CONTAINS, STARTS WITH and ENDS WITH take any string")
		return b
	}
	if k, ok := b.R.(*ir.Const); ok && op != lang.OpSearch {
		c.pattern(op, k)
	}
	return b
}

// condition checks that a value can be a condition.
func (c *Checker) condition(y ir.Expr) ir.Expr {
	t := y.Type()
	switch t.Kind {
	case lang.KBool, lang.KNull:
		return y
	case lang.KUnknown:
		return c.Coerce(y, lang.TypeBool.OrNull())
	}
	d := c.Errorf(lang.CodeTypeMismatch, y.Span(), "a condition is required here, but this is %s", types.Describe(t))
	switch {
	case t.Kind == lang.KJSON:
		d.WithHint("compare it: %s = true", c.Source.Slice(y.Span()))
	case t.Kind.Info().Number:
		d.WithHint("compare it: %s != 0", c.Source.Slice(y.Span()))
	}
	return y
}
