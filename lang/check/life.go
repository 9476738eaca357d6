package check

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// mayKeep records the models affected by CASCADE TTL when a statement sets an expiration on documents of m, or a refresh extends
// it.
func (c *checker) mayKeep(m *ir.Model, l *ir.Life, sp lang.Span) {
	if l != nil || m.TTL > 0 {
		c.UseKept(m, sp)
	}
}

// life checks the TTL of CREATE, PUT and COPY. many says that the statement may have a list of documents and a list of TTLs.
func (c *checker) life(m *ir.Model, l *lang.Life, many bool) *ir.Life {
	if l == nil {
		return nil
	}
	c.Mortal(m, l.Sp)
	t, what := lang.TypeDuration.OrNull(), "TTL"
	if l.At {
		t, what = lang.TypeDateTime.OrNull(), "TTL AT"
	}
	c.Scope.In(what, false)
	x := c.Expr(l.X)
	out := &ir.Life{At: l.At}
	if x.Type().Kind == lang.KList {
		if !many {
			c.Errorf(lang.CodeTypeMismatch, l.X.Span(), "one document has one %s, not a list", what)
		}
		t, out.Each = lang.ListOf(t), true
	}
	out.X = c.Coerce(x, t)
	return out
}

// expire checks EXPIRE and, without an expiration, PERSIST.
func (c *checker) expire(name lang.Ident, target *lang.Target, after, at lang.Expr, sp lang.Span) ir.Stmt {
	m := c.Model(name)
	if m == nil {
		return nil
	}
	if after != nil || at != nil {
		c.Mortal(m, sp)
	}
	e := &ir.Expire{Model: m}
	prev := c.Begin(&e.Head, sp)
	defer c.End(prev)
	place := c.on(m, sp)
	outer := c.Enter(c.RowScope(m, sp))
	defer c.Enter(outer)
	e.Target = c.target(target, m)
	c.placed(place, steps(&e.Target))
	switch {
	case after != nil:
		c.Scope.In("AFTER", false)
		e.End = &ir.Life{X: c.MustBe(after, lang.TypeDuration, "AFTER")}
	case at != nil:
		c.Scope.In("AT", false)
		e.End = &ir.Life{X: c.MustBe(at, lang.TypeDateTime, "AT"), At: true}
	}
	if e.End != nil {
		c.UseKept(m, sp)
	}
	return e
}
