package expr

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// MustBe is coerce where null is refused too.
func (c *Checker) MustBe(x lang.Expr, to lang.Type, what string) ir.Expr {
	y := c.Coerce(c.Expr(x), to)
	c.NotNull(y, what)
	return y
}

// Exprs is expr of each.
func (c *Checker) Exprs(xs []lang.Expr) []ir.Expr {
	out := make([]ir.Expr, len(xs))
	for i, x := range xs {
		out[i] = c.Expr(x)
	}
	return out
}

// ListExpr is an expression where a list of values is needed, to be compared with like.
func (c *Checker) ListExpr(x lang.Expr, like lang.Type) ir.Expr {
	if like.Kind == lang.KRecord || like.Kind == lang.KRow {
		return c.Expr(x)
	}
	if q, ok := x.(*lang.Subquery); ok {
		return c.query(q, true)
	}
	return c.Values(c.Expr(x))
}

// Values turns a list of rows with one column into the list of that column.
func (c *Checker) Values(x ir.Expr) ir.Expr {
	elem, ok := types.OneColumn(x.Type())
	if _, literal := x.(*ir.List); !ok || literal {
		return x
	}
	row := &ir.Elem{Base: ir.Base{T: *x.Type().Elem, Sp: x.Span()}}
	body := &ir.Member{Base: ir.Base{T: elem, Sp: x.Span()}, X: row, Name: row.T.Cols[0].Name}
	return &ir.Pluck{Base: ir.Base{T: types.NullIf(lang.ListOf(elem), x.Type().Null), Sp: x.Span()}, X: x, Body: body}
}
