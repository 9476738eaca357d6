package check

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// referrersIn returns the backlink to documents elsewhere whose number, or existence, a condition compares with values that are known
// before, if it reads no other document; otherwise nil.
func referrersIn(x ir.Expr) *ir.Referrers {
	var found *ir.Referrers
	alone := true
	ir.Walk(x, func(y ir.Expr) bool {
		r, is := y.(*ir.Referrers)
		if !is {
			return true
		}
		_, list := r.Col.Coll.Query.(*ir.Find)
		alone = alone && !list && (found == nil || found.Col == r.Col && ir.LeafPath(found.Key) == ir.LeafPath(r.Key))
		found = r
		return false
	})
	if found == nil || !alone || !ir.Closed(numbered(x, 0)) {
		return nil
	}
	return found
}

// numbered returns a condition on documents elsewhere with what it is if so many refer.
func numbered(x ir.Expr, n int64) ir.Expr {
	return ir.Replace(x, func(y ir.Expr) ir.Expr {
		r, is := y.(*ir.Referrers)
		switch {
		case !is:
			return nil
		case r.Col.Type.Kind == lang.KBool:
			return truth(n > 0, y)
		}
		return &ir.Const{Base: ir.Base{T: lang.TypeInt, Sp: y.Span()}, Value: n, Raw: n, Ord: -1}
	})
}

// awayReferrers replaces a condition on the documents elsewhere that refer to a document: the keys are read to which so many refer that it
// holds. Where it holds for none, those are read for which it does not.
func (c *checker) awayReferrers(x ir.Expr, of *ir.Referrers) ir.Expr {
	if ir.Has(x, ir.Faults|ir.IsVolatile) {
		c.Errorf(lang.CodeOtherPartition, x.Span(), "this condition counts documents elsewhere, and its value may not be computed, so the keys for which it holds cannot be found first").
			WithHint("compare the number with a literal or a parameter")
		return c.Unknown(x.Span())
	}
	out := &ir.Away{Base: ir.Base{T: lang.TypeBool, Sp: x.Span()}, Cond: x}
	none := numbered(x, 0)
	switch v, known := c.Literal(none); {
	case !known:
		out.In = or(and(not(none), c.keysReferred(x, of, not(none), x)), and(none, not(c.keysReferred(x, of, none, not(x)))))
	case v == true:
		out.In = not(c.keysReferred(x, of, nil, not(pinned(x))))
	default:
		out.In = c.keysReferred(x, of, nil, pinned(x))
	}
	if of.Key.Type().Null { // there is no document
		null := ir.Replace(x, func(y ir.Expr) ir.Expr {
			if _, is := y.(*ir.Referrers); is {
				return &ir.Const{Base: ir.Base{T: y.Type().OrNull(), Sp: y.Span()}, Ord: -1}
			}
			return nil
		})
		gone := &ir.IsNull{Base: ir.Base{T: lang.TypeBool, Sp: x.Span()}, X: of.Key}
		out.In = or(and(gone, null), and(not(gone), out.In))
	}
	return out
}

// pinned returns x with literals that are part of the shape of the statement.
func pinned(x ir.Expr) ir.Expr {
	return ir.Replace(x, func(y ir.Expr) ir.Expr {
		k, is := y.(*ir.Const)
		if !is {
			return nil
		}
		shape := *k
		shape.Ord = -1
		return &shape
	})
}

// keysReferred returns the condition that the key of a document is one of those to which so many documents refer that having holds. They
// are read before the statement, unless only does not hold.
func (c *checker) keysReferred(x ir.Expr, of *ir.Referrers, only, having ir.Expr) ir.Expr {
	q := of.Col.Coll
	h := *q.Query.Info()
	h.Ord = c.Ord
	ref := q.Apart.Ref(q.Link)
	there := not(&ir.IsNull{Base: ir.Base{T: lang.TypeBool, Sp: x.Span()}, X: ref})
	where := both(there, q.Apart.Where)
	if only != nil {
		where = both(only, where)
	}
	f := q.Apart.Counted(q.Link, h, where)
	if _, exists := having.(*ir.Referrers); !exists {
		f.Having = ir.Replace(having, func(y ir.Expr) ir.Expr {
			r, is := y.(*ir.Referrers)
			switch {
			case !is:
				return nil
			case r.Col.Type.Kind == lang.KBool:
				return truth(true, y)
			}
			return f.Items[1].X
		})
	}
	f.Items = f.Items[:1]
	key := q.Of.Type
	in := c.inKeys(of.Key, f, q.Apart.From, key)
	if q.Apart.To.Celled() {
		v := in.List.(*ir.Var)
		v.V.Within, v.T = q.Apart.To, lang.ListOf(q.Apart.To.Key.Type.NotNull())
	}
	return in
}
