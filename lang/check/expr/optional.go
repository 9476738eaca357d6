package expr

import (
	"slices"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Mixed reports parameters that are written both with and without a question mark.
func (c *Checker) Mixed() {
	if len(c.File.Optional) == 0 {
		return
	}
	lang.WalkFile(c.File, func(n lang.Node) bool {
		if p, ok := n.(*lang.Param); ok && !p.Optional && c.File.Optional[p.Name] {
			c.Errorf(lang.CodeOptionalParameter, p.Sp, "$%s is optional elsewhere in this text, so it may have no value here", p.Name).
				WithHint("write $%s? in all places, or $%s in all", p.Name, p.Name)
		}
		_, proc := n.(*lang.ProcedureStmt)
		return !proc
	})
}

// Present returns the condition of a WHERE without the comparisons that hold an optional parameter whose value is absent; nil if
// nothing is left. What is left out is checked nonetheless.
func (c *Checker) Present(x lang.Expr) lang.Expr {
	if c.Frame != nil || len(c.File.Optional) == 0 {
		return x
	}
	switch y := x.(type) {
	case *lang.Binary:
		switch {
		case y.Op == lang.OpAnd, y.Op == lang.OpOr:
			return c.presentPair(y)
		case y.Op.Compares():
			return c.presentComparison(y)
		}
	case *lang.Between:
		return c.presentBetween(y)
	case *lang.Unary:
		if y.Op != lang.OpNot {
			return x
		}
		in := c.Present(y.X)
		if in == nil || in == y.X {
			return orNil(in, x)
		}
		return &lang.Unary{Sp: y.Sp, Op: y.Op, X: in}
	}
	return x
}

// orNil returns x, or nil if what is left of its operand is nil.
func orNil(left, x lang.Expr) lang.Expr {
	if left == nil {
		return nil
	}
	return x
}

func (c *Checker) presentPair(x *lang.Binary) lang.Expr {
	l, r := c.Present(x.L), c.Present(x.R)
	switch {
	case l == nil:
		return r
	case r == nil:
		return l
	case l == x.L && r == x.R:
		return x
	}
	both := *x
	both.L, both.R = l, r
	return &both
}

func (c *Checker) presentComparison(x *lang.Binary) lang.Expr {
	l, r := c.absent(x.L), c.absent(x.R)
	if !l && !r {
		return x
	}
	c.leaveOut("WHERE", x, func() { c.Cond(x) })
	return nil
}

// presentBetween leaves out one end of BETWEEN, or both.
func (c *Checker) presentBetween(x *lang.Between) lang.Expr {
	all, lo, hi := c.absent(x.X), c.absent(x.Lo), c.absent(x.Hi)
	end := func(op lang.Op, to lang.Expr) *lang.Binary {
		return &lang.Binary{Sp: x.Sp, Op: op, OpSp: x.Sp, L: x.X, R: to}
	}
	var out lang.Expr
	switch {
	case all || lo && hi:
		c.leaveOut("WHERE", x, func() { c.Cond(x) })
		return nil
	case !lo && !hi:
		return x
	case lo:
		gone := end(lang.OpGe, x.Lo)
		c.leaveOut("WHERE", gone, func() { c.Cond(gone) })
		out = end(lang.OpLe, x.Hi)
	default:
		gone := end(lang.OpLe, x.Hi)
		c.leaveOut("WHERE", gone, func() { c.Cond(gone) })
		out = end(lang.OpGe, x.Lo)
	}
	if x.Not {
		out = &lang.Unary{Sp: x.Sp, Op: lang.OpNot, X: out}
	}
	return out
}

// PresentOperand returns the operand of LIMIT, OFFSET or AFTER; nil if it holds an optional parameter whose value is absent.
func (c *Checker) PresentOperand(clause string, x lang.Expr, check func()) lang.Expr {
	if x == nil || c.Frame != nil || len(c.File.Optional) == 0 || !c.absent(x) {
		return x
	}
	c.leaveOut(clause, x, check)
	return nil
}

// absent allows the optional parameters in an operand, and reports whether one of them has no value. A query in the operand has
// its own.
func (c *Checker) absent(x lang.Expr) (is bool) {
	lang.Walk(x, func(n lang.Node) bool {
		switch n := n.(type) {
		case *lang.Param:
			if !n.Optional {
				break
			}
			if c.optional == nil {
				c.optional = map[*lang.Param]bool{}
			}
			c.optional[n] = true
			is = is || c.noValue(n.Name)
		case *lang.Call:
			if n.Where != nil {
				for _, a := range n.Args {
					is = c.absent(a) || is
				}
				return false
			}
		case *lang.Binary:
			return n.Op != lang.OpAnd && n.Op != lang.OpOr && !n.Op.Compares()
		case *lang.Unary:
			return n.Op != lang.OpNot
		case *lang.Between, *lang.IsNull, *lang.Subquery:
			return false
		}
		return true
	})
	return is
}

// noValue reports whether an optional parameter has no value.
func (c *Checker) noValue(name string) bool {
	if c.Options.NoParams {
		return false
	}
	t, given := c.Options.Params[name]
	return !given || t.Kind == lang.KNull
}

// leaveOut records a part that is left out, and checks it without keeping anything of it.
func (c *Checker) leaveOut(clause string, x lang.Expr, check func()) {
	c.Head.Left = append(c.Head.Left, ir.LeftOut{Clause: clause, Text: lang.Print(x)})
	c.apart(check)
}

// misplaced reports an optional parameter where no comparison or clause can be left out.
func (c *Checker) misplaced(x *lang.Param) ir.Expr {
	if c.Frame != nil {
		c.Errorf(lang.CodeOptionalParameter, x.Sp, "a procedure is stored for all of its calls, so $%s cannot be optional in it", x.Name).
			WithHint("declare the parameter with a nullable type, and write ($%s IS NULL OR … = $%s)", x.Name, x.Name)
		return c.Unknown(x.Sp)
	}
	c.Errorf(lang.CodeOptionalParameter, x.Sp, "$%s? is allowed only in a comparison that is a condition of WHERE, and after LIMIT, OFFSET and AFTER", x.Name).
		WithHint("$%s without ? always has a value, which may be null", x.Name)
	return c.Unknown(x.Sp)
}

// addLeft adds what inner statements leave out.
func addLeft(to *[]ir.LeftOut, of []ir.LeftOut) {
	for _, l := range of {
		if !slices.Contains(*to, l) {
			*to = append(*to, l)
		}
	}
}
