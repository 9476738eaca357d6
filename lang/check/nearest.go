package check

import (
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// nearest is NEAREST k field TO vector; nil after a mistake.
func (c *checker) nearest(s *lang.Near, m *ir.Model) *ir.Nearest {
	n := &ir.Nearest{Sp: s.Sp, Col: c.vectorColumn(s, m)}
	n.K = c.amount(s.K, "NEAREST")
	c.sc.in("NEAREST", false)
	n.To = c.expr(s.To)
	if n.Col == nil {
		return nil
	}
	n.To = c.coerce(n.To, n.Col.Type.NotNull())
	for _, x := range []ir.Expr{n.K, n.To} {
		if !ir.Closed(x) {
			c.errorf(lang.CodeNotAllowed, x.Span(), "what NEAREST is given must be known before the statement runs: a literal, a parameter or a LET name")
			return nil
		}
	}
	return n
}

// vectorColumn is the vector that is meant: the named one, or the only one of the model.
func (c *checker) vectorColumn(s *lang.Near, m *ir.Model) *ir.Column {
	var all []*ir.Column
	var names []string
	for _, col := range m.Columns {
		if col.Type.Kind == lang.KVector {
			all, names = append(all, col), append(names, col.Name)
		}
	}
	if len(s.Field) > 0 {
		name := s.Field.String()
		for _, col := range all {
			if col.Name == name {
				return col
			}
		}
		d := c.errorf(lang.CodeUnknownField, s.Field.Span(), "%s has no vector %s", m.Name, name)
		if near := lang.Nearest(name, names); near != "" {
			d.WithHint("did you mean %s?", near)
		}
		return nil
	}
	switch len(all) {
	case 0:
		c.errorf(lang.CodeUnknownField, s.Sp, "%s has no vector", m.Name).WithHint("declare one: embedding vector<768>")
		return nil
	case 1:
		return all[0]
	}
	c.errorf(lang.CodeAmbiguousName, s.Sp, "%s has the vectors %s", m.Name, strings.Join(names, ", ")).WithHint("NEAREST %s %s TO …", c.src.Slice(s.K.Span()), names[0])
	return nil
}

// checkDistance is distance(a, b) of two places or two vectors, and distance() of a row of NEAREST.
func checkDistance(c *checker, fn string, x *lang.Call) ir.Expr {
	switch len(x.Args) {
	case 0:
		if c.sc.near == nil {
			c.errorf(lang.CodeMisplacedFunction, x.Sp, "distance() without arguments is the distance of a row in FIND … NEAREST").WithHint("distance(a, b) is of two places or two vectors")
			return c.unknown(x.Sp)
		}
		// The vector is read as if it were written, so that it is visible where fields are.
		names := strings.Split(c.sc.near.Col.Name, ".")
		var path lang.Expr = &lang.Name{Sp: x.Sp, Name: names[0]}
		for _, n := range names[1:] {
			path = &lang.Member{Sp: x.Sp, X: path, Name: n, NameSp: x.Sp}
		}
		v := c.expr(path)
		return c.callOf(fn, nullIf(lang.TypeFloat, v.Type().Null || c.sc.near.To.Type().Null), []ir.Expr{v, c.sc.near.To}, x.Sp)
	case 1:
		c.errorf(lang.CodeWrongArguments, x.Sp, "distance takes 2 arguments, not 1").WithHint("distance(a, b) is of two places or two vectors")
		c.exprs(x.Args)
		return c.unknown(x.Sp)
	}
	args := c.exprs(x.Args)
	to := lang.TypeGeo
	for _, a := range args {
		if a.Type().Kind == lang.KVector {
			to = a.Type().NotNull()
		}
	}
	t := lang.TypeFloat
	for i := range args {
		args[i] = c.coerce(args[i], to)
		t.Null = t.Null || args[i].Type().Null
	}
	return c.callOf(fn, t, args, x.Sp)
}

// searches lists every SEARCH of a condition that is not under a NOT.
func searches(x ir.Expr, out []*ir.Binary) []*ir.Binary {
	b, ok := x.(*ir.Binary)
	switch {
	case !ok:
	case b.Op == lang.OpAnd || b.Op == lang.OpOr:
		return searches(b.R, searches(b.L, out))
	case b.Op == lang.OpSearch:
		return append(out, b)
	}
	return out
}

// checkScore is score(): of each SEARCH in WHERE how much its text is about the query, all together.
func checkScore(c *checker, fn string, x *lang.Call) ir.Expr {
	switch sc := c.sc; {
	case len(sc.found) == 0:
		c.errorf(lang.CodeMisplacedFunction, x.Sp, "score() is of what SEARCH in the WHERE of a FIND has found")
		return c.unknown(x.Sp)
	case sc.group != nil && !sc.group.inside:
		c.errorf(lang.CodeNotGrouped, x.Sp, "score() is neither a key of GROUP BY nor inside an aggregate")
		return c.unknown(x.Sp)
	case sc.out != nil && sc.out.only:
		c.errorf(lang.CodeNotReturned, x.Sp, "after %s, ORDER BY sees only what is returned; score() is not", sc.out.why)
		return c.unknown(x.Sp)
	}
	var sum ir.Expr
	for _, b := range c.sc.found {
		one := c.callOf(fn, lang.TypeFloat, []ir.Expr{b.L, b.R}, x.Sp)
		if sum == nil {
			sum = one
			continue
		}
		sum = &ir.Binary{Base: c.base(lang.TypeFloat, x.Sp), Op: lang.OpAdd, L: sum, R: one}
	}
	return sum
}
