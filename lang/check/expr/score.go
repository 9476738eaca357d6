package expr

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check/types"
	"github.com/rql-lang/rql/lang/ir"
)

// checkDistance is distance(a, b) of two places or two vectors, and distance() of a row of NEAREST.
func checkDistance(c *Checker, fn string, x *lang.Call) ir.Expr {
	switch len(x.Args) {
	case 0:
		if c.Scope.Near == nil {
			c.Errorf(lang.CodeMisplacedFunction, x.Sp, "distance() without arguments is the distance of a row in FIND … NEAREST").WithHint("distance(a, b) is of two places or two vectors")
			return c.Unknown(x.Sp)
		}
		// The vector is read as if it were written, so that it is visible where fields are.
		names := strings.Split(c.Scope.Near.Col.Name, ".")
		var path lang.Expr = &lang.Name{Sp: x.Sp, Name: names[0]}
		for _, n := range names[1:] {
			path = &lang.Member{Sp: x.Sp, X: path, Name: n, NameSp: x.Sp}
		}
		v := c.Expr(path)
		return c.callOf(fn, types.NullIf(lang.TypeFloat, v.Type().Null || c.Scope.Near.To.Type().Null), []ir.Expr{v, c.Scope.Near.To}, x.Sp)
	case 1:
		c.Errorf(lang.CodeWrongArguments, x.Sp, "distance takes 2 arguments, not 1").WithHint("distance(a, b) is of two places or two vectors")
		c.Exprs(x.Args)
		return c.Unknown(x.Sp)
	}
	args := c.Exprs(x.Args)
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

// Searches lists every SEARCH of a condition that is not under a NOT.
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

// checkScore is score(): of each SEARCH in WHERE how much its text is about the query, all together.
func checkScore(c *Checker, fn string, x *lang.Call) ir.Expr {
	switch sc := c.Scope; {
	case len(sc.Found) == 0:
		c.Errorf(lang.CodeMisplacedFunction, x.Sp, "score() is of what SEARCH in the WHERE of a FIND has found")
		return c.Unknown(x.Sp)
	case sc.Group != nil && !sc.Group.inside:
		c.Errorf(lang.CodeNotGrouped, x.Sp, "score() is neither a key of GROUP BY nor inside an aggregate")
		return c.Unknown(x.Sp)
	case sc.Out != nil && sc.Out.Only:
		c.Errorf(lang.CodeNotReturned, x.Sp, "after %s, ORDER BY sees only what is returned; score() is not", sc.Out.Why)
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
