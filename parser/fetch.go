package parser

import "github.com/rql-lang/rql/lang"

// fetch reads a path of FETCH, and the clauses in parentheses after it.
func (c *cursor) fetch() (f lang.Fetch, err error) {
	if f.Path, err = c.path(); err != nil {
		return f, err
	}
	open := c.Peek()
	if !isSign(open, "(") || c.onNewLine() {
		return f, nil
	}
	c.Next()
	f.Of = &lang.FindStmt{}
	err = c.inside(open, func() error {
		if err := c.fetchClauses(f.Of); err != nil {
			return lostBracket(err, open, ")")
		}
		return c.wantClose(open, ")", "WHERE, FETCH, RETURN, ORDER BY, LIMIT, OFFSET or ")
	})
	f.Of.Sp = c.from(open.Pos.Offset)
	return f, err
}

// fetchClauses reads WHERE, FETCH, RETURN, ORDER BY, LIMIT and OFFSET, all of them optional, in this order.
func (c *cursor) fetchClauses(s *lang.FindStmt) (err error) {
	if c.take("WHERE") {
		if s.Where, err = c.expr(); err != nil {
			return err
		}
	}
	if c.take("FETCH") {
		if s.Fetch, err = listOf(c, c.fetch); err != nil {
			return err
		}
	}
	if c.take("RETURN") {
		r, err := c.returns()
		if err != nil {
			return err
		}
		s.Return = &r
	}
	if is(c.Peek(), "ORDER") {
		c.Next()
		if err := c.want("BY"); err != nil {
			return err
		}
		if s.OrderBy, err = listOf(c, c.order); err != nil {
			return err
		}
	}
	if c.take("LIMIT") {
		if s.Limit, err = c.signed(); err != nil {
			return err
		}
	}
	if c.take("OFFSET") {
		s.Offset, err = c.signed()
	}
	return err
}

// listOf reads one or more items, separated by commas.
func listOf[T any](c *cursor, read func() (T, error)) (out []T, err error) {
	for {
		x, err := read()
		if err != nil {
			return nil, err
		}
		out = append(out, x)
		if !c.takeSign(",") {
			return out, nil
		}
	}
}

// order reads one term of ORDER BY.
func (c *cursor) order() (o lang.Order, err error) {
	if o.X, err = c.expr(); err != nil {
		return o, err
	}
	if o.Desc = c.take("DESC"); !o.Desc {
		c.take("ASC")
	}
	return o, nil
}
