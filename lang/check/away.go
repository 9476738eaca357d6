package check

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// away replaces the parts of a condition that read documents elsewhere, through far refs, by conditions on the refs: their keys are read
// first, by queries of their own.
func (c *checker) away(x ir.Expr) ir.Expr {
	if x == nil || !ir.ReadsAway(x) {
		return x
	}
	if ref := farRef(x); ref != nil {
		return c.awayOf(x, ref)
	}
	if of := referrersIn(x); of != nil {
		return c.awayReferrers(x, of)
	}
	switch x := x.(type) {
	case *ir.Unary:
		if x.Op == lang.OpNot {
			return &ir.Unary{Base: x.Base, Op: x.Op, X: c.away(x.X)}
		}
	case *ir.Binary:
		if x.Op == lang.OpAnd || x.Op == lang.OpOr {
			return c.awayParts(x)
		}
	}
	c.Errorf(lang.CodeOtherPartition, x.Span(), "this condition compares a document that is not in the partition with others, so its keys cannot be found first").
		WithHint("copy the field into the document, or compare it with a literal or a parameter")
	return c.Unknown(x.Span())
}

// awayParts is away for the operands of AND or OR. Those that read the documents of one ref are one query.
func (c *checker) awayParts(x *ir.Binary) ir.Expr {
	var refs []*ir.Deref
	var parts []ir.Expr
	join := func(l, r ir.Expr) ir.Expr {
		return &ir.Binary{Base: ir.Base{T: lang.TypeBool, Sp: l.Span().To(r.Span())}, Op: x.Op, L: l, R: r}
	}
	for _, y := range operandsOf(x, x.Op, nil) {
		ref := farRef(y)
		same := -1
		for i := range refs {
			if ref != nil && refs[i] != nil && ir.LeafPath(refs[i].X) == ir.LeafPath(ref.X) {
				same = i
			}
		}
		if same >= 0 {
			parts[same] = join(parts[same], y)
			continue
		}
		refs, parts = append(refs, ref), append(parts, y)
	}
	var out ir.Expr
	for i, y := range parts {
		if refs[i] != nil {
			y = c.awayOf(y, refs[i])
		} else {
			y = c.away(y)
		}
		if out == nil {
			out = y
		} else {
			out = join(out, y)
		}
	}
	return out
}

// operandsOf appends the operands of op in x, in order.
func operandsOf(x ir.Expr, op lang.Op, out []ir.Expr) []ir.Expr {
	if b, ok := x.(*ir.Binary); ok && b.Op == op {
		return operandsOf(b.R, op, operandsOf(b.L, op, out))
	}
	return append(out, x)
}

// farRef returns the far ref whose document a condition reads, if it reads no other; otherwise nil.
func farRef(x ir.Expr) *ir.Deref {
	var ref *ir.Deref
	alone := true
	var visit func(ir.Expr)
	visit = func(x ir.Expr) {
		switch y := x.(type) {
		case *ir.Deref:
			if y.Far && !ir.ReadsAway(y.X) {
				path := ir.LeafPath(y.X)
				alone = alone && path != "" && (ref == nil || ir.LeafPath(ref.X) == path)
				ref = y
				return
			}
		case *ir.Row, *ir.Old:
			alone = false
		}
		for _, y := range ir.Children(x) {
			visit(y)
		}
	}
	if visit(x); !alone {
		return nil
	}
	return ref
}

// awayOf replaces a condition on the document of a ref. Where there is no such document, it may hold too, as `plan.level IS NULL` does:
// then the keys of those are read for which it does not hold.
func (c *checker) awayOf(x ir.Expr, ref *ir.Deref) ir.Expr {
	row := &ir.Row{Base: ir.Base{T: types.RowType(ref.Target), Sp: x.Span()}}
	in := ir.Replace(x, func(y ir.Expr) ir.Expr {
		if d, ok := y.(*ir.Deref); ok && ir.LeafPath(d.X) == ir.LeafPath(ref.X) {
			return row
		}
		return nil
	})
	missing := absent(x)
	if missing == nil || ir.Has(x, ir.Faults|ir.IsVolatile) {
		c.Errorf(lang.CodeOtherPartition, x.Span(), "this condition on %s is not in the partition, and has no query of its own: where the ref leads to no document, or its value cannot be computed, its result is not known beforehand", ref.Target.Name).
			WithHint("compare fields with literals and parameters; or FIND the keys first: … IN (FIND %s WHERE … RETURN %s)", ref.Target.Name, ref.Target.Key.Name)
		return c.Unknown(x.Span())
	}
	out := &ir.Away{Base: ir.Base{T: lang.TypeBool, Sp: x.Span()}, Cond: x}
	known, fixed := missing.(*ir.Const)
	switch {
	case !fixed:
		out.In = or(and(not(missing), c.keysWhere(ref, and(not(missing), in))), and(missing, not(c.keysWhere(ref, and(missing, not(in))))))
	case known.Value == true:
		out.In = not(c.keysWhere(ref, not(in)))
	default:
		out.In = c.keysWhere(ref, in)
	}
	return out
}

// keysWhere returns the condition that a ref is one of the keys of the documents that satisfy a condition. They are read before the
// statement.
func (c *checker) keysWhere(ref *ir.Deref, where ir.Expr) ir.Expr {
	m, sp := ref.Target, where.Span()
	f := &ir.Find{Model: m, Where: where}
	prev := c.Begin(&f.Head, sp)
	c.Use(m)
	ir.Walk(where, func(x ir.Expr) bool {
		if d, ok := x.(*ir.Deref); ok {
			c.Use(d.Target)
		}
		return true
	})
	c.Head = prev
	key := m.Key.Type.NotNull()
	row := &ir.Row{Base: ir.Base{T: types.RowType(m), Sp: sp}}
	f.Items = []ir.Item{{Name: m.Key.Name, X: &ir.Col{Base: ir.Base{T: key, Sp: sp}, X: row, Col: m.KeyColumn()}}}
	return c.inKeys(ref.X, f, m, key)
}

// inKeys returns the condition that x is one of the keys that a query finds before the statement, MaxAway at most. of is the model whose
// documents they are.
func (c *checker) inKeys(x ir.Expr, f *ir.Find, of *ir.Model, key lang.Type) *ir.In {
	l := &ir.Let{Stmt: f, Pluck: true, Of: of, Head: ir.Head{Sp: f.Sp, Ord: c.Ord, Uses: f.Uses}}
	l.Var = c.Variable("", lang.ListOf(key), true)
	c.Head.Pre = append(c.Head.Pre, l)
	f.Limit = &ir.Const{Base: ir.Base{T: lang.TypeInt}, Value: int64(ir.MaxAway + 1), Raw: int64(ir.MaxAway + 1), Ord: -1}
	return &ir.In{Base: ir.Base{T: lang.TypeBool, Sp: f.Sp}, X: x, List: &ir.Var{Base: ir.Base{T: l.Var.Type}, V: l.Var}}
}

// absent returns what a condition on a far document is where there is none, as a condition that is known before the statement runs; nil
// if that cannot be said.
func absent(x ir.Expr) ir.Expr {
	switch x := x.(type) {
	case *ir.Unary:
		if in := absent(x.X); x.Op == lang.OpNot && in != nil {
			return not(in)
		}
	case *ir.Binary:
		switch x.Op {
		case lang.OpAnd, lang.OpOr:
			l, r := absent(x.L), absent(x.R)
			switch {
			case l == nil || r == nil:
				return nil
			case x.Op == lang.OpAnd:
				return and(l, r)
			}
			return or(l, r)
		case lang.OpEq:
			switch {
			case nullWithout(x.L) && nullWithout(x.R):
				return truth(true, x)
			case nullWithout(x.L) && !ir.ReadsAway(x.R):
				return isNull(x.R)
			case nullWithout(x.R) && !ir.ReadsAway(x.L):
				return isNull(x.L)
			}
			return nil
		}
		if nullWithout(x.L) || nullWithout(x.R) {
			return truth(false, x)
		}
	case *ir.IsNull:
		if nullWithout(x.X) {
			return truth(true, x)
		}
	case *ir.In:
		if x.List != nil && nullWithout(x.List) {
			return truth(false, x)
		}
		if !nullWithout(x.X) || x.List != nil && ir.ReadsAway(x.List) {
			return nil
		}
		if x.List != nil {
			if e := x.List.Type().Elem; e != nil && !e.Null {
				return truth(false, x)
			}
			null := &ir.Const{Base: ir.Base{T: x.X.Type().Scalar().OrNull(), Sp: x.Sp}, Ord: -1}
			return &ir.In{Base: x.Base, X: null, List: x.List}
		}
		var any ir.Expr = truth(false, x)
		for _, it := range x.Items {
			if ir.ReadsAway(it) {
				return nil
			}
			any = or(any, isNull(it))
		}
		return any
	default:
		if nullWithout(x) {
			return truth(false, x)
		}
		if !ir.ReadsAway(x) {
			return x
		}
	}
	return nil
}

// nullWithout reports whether a value is null where there is no far document.
func nullWithout(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Deref:
		return x.Far || nullWithout(x.X)
	case *ir.Col:
		return nullWithout(x.X)
	case *ir.Emb:
		return nullWithout(x.X)
	case *ir.Member:
		return nullWithout(x.X)
	case *ir.Key:
		return nullWithout(x.X)
	case *ir.Convert:
		return nullWithout(x.X)
	case *ir.Pluck:
		return nullWithout(x.X)
	case *ir.At:
		return nullWithout(x.X) || nullWithout(x.I)
	case *ir.Unary:
		return x.Op == lang.OpSub && nullWithout(x.X)
	case *ir.Binary:
		switch x.Op {
		case lang.OpAdd, lang.OpSub, lang.OpMul, lang.OpDiv, lang.OpFloorDiv, lang.OpMod, lang.OpPow:
			return nullWithout(x.L) || nullWithout(x.R)
		}
	case *ir.Call:
		if f := lang.FindFunction(x.Fn); !f.Nulls && x.Fn != "min" && x.Fn != "max" {
			return slices.ContainsFunc(x.Args, nullWithout)
		}
	}
	return false
}

// isNull returns the condition that a value is null, as far as its type tells.
func isNull(x ir.Expr) ir.Expr {
	switch y := x.(type) {
	case *ir.Const:
		return truth(y.Value == nil, x)
	case *ir.Param:
		if y.Null {
			return truth(true, x)
		}
	}
	if !x.Type().Null {
		return truth(false, x)
	}
	return &ir.IsNull{Base: ir.Base{T: lang.TypeBool, Sp: x.Span()}, X: x}
}

func truth(v bool, at ir.Expr) ir.Expr {
	return &ir.Const{Base: ir.Base{T: lang.TypeBool, Sp: at.Span()}, Value: v, Raw: v, Ord: -1}
}

func not(x ir.Expr) ir.Expr {
	switch k := x.(type) {
	case *ir.Const:
		return truth(k.Value != true, x)
	case *ir.Unary:
		if k.Op == lang.OpNot {
			return k.X
		}
	}
	return &ir.Unary{Base: ir.Base{T: lang.TypeBool, Sp: x.Span()}, Op: lang.OpNot, X: x}
}

// and joins two conditions of which either may be constant.
func and(l, r ir.Expr) ir.Expr { return joined(lang.OpAnd, l, r) }

func or(l, r ir.Expr) ir.Expr { return joined(lang.OpOr, l, r) }

func joined(op lang.Op, l, r ir.Expr) ir.Expr {
	decides := op == lang.OpOr
	for _, side := range [][2]ir.Expr{{l, r}, {r, l}} {
		if k, ok := side[0].(*ir.Const); ok && k.T.Kind == lang.KBool {
			if (k.Value == true) == decides {
				return k
			}
			return side[1]
		}
	}
	return &ir.Binary{Base: ir.Base{T: lang.TypeBool, Sp: r.Span()}, Op: op, L: l, R: r}
}
