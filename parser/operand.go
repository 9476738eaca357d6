package parser

import (
	"math"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// signed reads an operand with an optional minus.
func (c *cursor) signed() (lang.Expr, error) {
	t := c.Peek()
	if !isSign(t, "-") {
		return c.operand()
	}
	if x := c.least(); x != nil {
		return x, nil
	}
	c.Next()
	x, err := c.operand()
	if err != nil {
		return nil, err
	}
	return &lang.Unary{Sp: c.from(t.Pos.Offset), Op: lang.OpSub, X: x}, nil
}

// key reads the key of a document: an operand, or (a, b).
func (c *cursor) key() (lang.Expr, error) {
	t := c.Peek()
	if is(t, "WHERE") || is(t, "ALL") || is(t, "SET") || is(t, "RETURN") || is(t, "SKIP") || t.EOF() || isSign(t, ";") {
		return nil, unexpected(t, c.prev(), "a key")
	}
	if !isSign(t, "(") || c.queryAhead(1) {
		return c.signed()
	}
	l, err := c.list("(", ")", false)
	if err != nil {
		return nil, err
	}
	if len(l.Items) == 1 {
		return c.postfix(l.Items[0], t.Pos.Offset)
	}
	l.Paren = true
	return l, nil
}

// operand reads a literal, a parameter, a name, a call, a list, an object or a
// parenthesized expression, and its suffixes: .name [i] .operation(…).
func (c *cursor) operand() (lang.Expr, error) {
	t := c.Peek()
	start := t.Pos.Offset
	if t.Type == tokSign {
		return c.bracketed(t)
	}
	if is(t, "NOT") {
		return nil, fail(t, notNeedsParens(spanOf(t)))
	}
	if x := literal(t); x != nil {
		if t.Type == tokInt && isLeast(t.Value) {
			return nil, fail(t, badNumber(spanOf(t), t.Value, whyTooLarge))
		}
		c.Next()
		c.unit(t, x)
		return c.postfix(x, start)
	}
	switch t.Type {
	case tokParam:
		c.Next()
		optional := c.takeSign("?")
		return c.postfix(&lang.Param{Sp: c.from(start), Name: t.Value[1:], Optional: optional}, start)
	case tokQuoted, tokWord:
		c.Next()
		if t.Type == tokWord && isSign(c.Peek(), "(") && !c.onNewLine() {
			x, err := c.call(t)
			if err != nil {
				return nil, err
			}
			return c.postfix(x, start)
		}
		id := identOf(t)
		return c.postfix(&lang.Name{Sp: id.Sp, Name: id.Name}, start)
	}
	return nil, unexpected(t, c.prev(), "a value")
}

// literal returns the node of a literal token, or nil.
func literal(t *lexer.Token) lang.Expr {
	x := &lang.Literal{Sp: spanOf(t), Ord: literalOrd(t)}
	switch t.Type {
	case tokInt, tokFloat, tokDuration, tokString:
		x.Value = tokenValue(t.Type, t.Value)
		return x
	case tokWord:
		x.Ord = -1
		switch {
		case is(t, "NULL"):
			return x
		case is(t, "TRUE"):
			x.Value = true
			return x
		case is(t, "FALSE"):
			x.Value = false
			return x
		}
	}
	return nil
}

// unit reads the unit of a distance after a number.
func (c *cursor) unit(number *lexer.Token, x lang.Expr) {
	if number.Type != tokInt && number.Type != tokFloat || c.onNewLine() || c.plain {
		return
	}
	t := c.Peek()
	if t.Type != tokWord {
		return
	}
	switch t.Value {
	case "m", "km", "mi", "ft":
		c.Next()
		l := x.(*lang.Literal)
		l.Unit, l.Sp = t.Value, c.from(number.Pos.Offset)
	}
}

// tokenValue returns the value of a literal token.
func tokenValue(kind lexer.TokenType, text string) any {
	switch kind {
	case tokInt:
		n, ok := intValue(text)
		if !ok { // the scanner accepts no other beyond 64 bits
			return int64(math.MinInt64)
		}
		return n
	case tokFloat:
		f, _ := floatValue(text)
		return f
	case tokDuration:
		return durationValue(text)
	default:
		return stringValue(text)
	}
}

// bracketed reads an operand that begins with a sign.
func (c *cursor) bracketed(t *lexer.Token) (x lang.Expr, err error) {
	switch {
	case isSign(t, "("):
		x, err = c.parenthesised(t)
	case isSign(t, "["):
		x, err = c.list("[", "]", true)
	case isSign(t, "{"):
		x, err = c.object()
	default:
		return nil, unexpected(t, c.prev(), "a value")
	}
	if err != nil {
		return nil, err
	}
	return c.postfix(x, t.Pos.Offset)
}

func (c *cursor) parenthesised(open *lexer.Token) (x lang.Expr, err error) {
	isQuery := c.queryAhead(1)
	c.Next()
	err = c.inside(open, func() error {
		if !isQuery {
			x, err = c.expr()
			return err
		}
		q, err := c.query()
		x = &lang.Subquery{Query: q}
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := c.wantClose(open, ")", ""); err != nil {
		return nil, err
	}
	if q, ok := x.(*lang.Subquery); ok && isQuery {
		q.Sp = c.from(open.Pos.Offset)
	}
	return x, nil
}

// queryAhead reports whether the token after skip more begins a query: FIND,
// GET, COUNT or EXISTS, followed by a name that is not an operator.
func (c *cursor) queryAhead(skip int) bool {
	if !heads().queries.has(c.peekAt(skip)) {
		return false
	}
	t := c.peekAt(skip + 1)
	return t.Type == tokQuoted || t.Type == tokWord && !operatorWords.has(t)
}

// list reads open expr, … close.
func (c *cursor) list(open, end string, emptyOK bool) (*lang.List, error) {
	t := c.Peek()
	if err := c.wantSign(open); err != nil {
		return nil, err
	}
	l := &lang.List{}
	err := c.inside(t, func() (err error) {
		l.Items, err = c.exprs(t, end, emptyOK, open == "[")
		return err
	})
	l.Sp = c.from(t.Pos.Offset)
	return l, err
}

// exprs reads expr, … and the bracket that closes open.
func (c *cursor) exprs(open *lexer.Token, end string, emptyOK, lastComma bool) (xs []lang.Expr, err error) {
	if emptyOK && c.takeSign(end) {
		return nil, nil
	}
	for {
		x, err := c.expr()
		if err != nil {
			return nil, lostBracket(err, open, end)
		}
		xs = append(xs, x)
		if !c.takeSign(",") || lastComma && isSign(c.Peek(), end) {
			return xs, c.wantClose(open, end, "`,` or ")
		}
	}
}

// call reads name(args); the name has been consumed.
func (c *cursor) call(name *lexer.Token) (lang.Expr, error) {
	open := c.Next()
	x := &lang.Call{Name: name.Value, NameSp: spanOf(name)}
	err := c.inside(open, func() (err error) {
		if isSign(c.Peek(), "*") && isSign(c.peekAt(1), ")") {
			x.Star = true
			c.Next()
			c.Next()
			return nil
		}
		if c.distinctAhead() {
			c.Next()
			x.Distinct = true
		}
		if !x.Distinct && c.takeSign(")") {
			return nil
		}
		return c.arguments(x, open)
	})
	x.Sp = c.from(name.Pos.Offset)
	return x, err
}

// arguments reads expr, … or expr WHERE condition, and the closing parenthesis.
func (c *cursor) arguments(x *lang.Call, open *lexer.Token) error {
	for {
		arg, err := c.expr()
		if err != nil {
			return lostBracket(err, open, ")")
		}
		x.Args = append(x.Args, arg)
		if len(x.Args) == 1 && c.take("WHERE") {
			if x.Where, err = c.expr(); err != nil {
				return lostBracket(err, open, ")")
			}
			return c.wantClose(open, ")", "")
		}
		if !c.takeSign(",") {
			return c.wantClose(open, ")", "`,` or ")
		}
	}
}

// distinctAhead reports whether DISTINCT comes next as a keyword: an argument
// follows it.
func (c *cursor) distinctAhead() bool {
	if !is(c.Peek(), "DISTINCT") {
		return false
	}
	switch t := c.peekAt(1); t.Type {
	case tokEOF, tokClose:
		return false
	case tokSign:
		return strings.Contains("([{-*", t.Value)
	case tokWord:
		return !is(t, "AS")
	}
	return true
}

// postfix reads .name, [i] and .operation(…) after x, which began at start.
func (c *cursor) postfix(x lang.Expr, start int) (lang.Expr, error) {
	for n := 0; ; n++ {
		t := c.Peek()
		if t.Type != tokSign || t.Value != "." && t.Value != "[" || c.onNewLine() {
			return x, nil
		}
		if n == lang.MaxDepth {
			return nil, failFatal(t, tooDeep(spanOf(t), "names of a path", lang.MaxDepth))
		}
		c.Next()
		var err error
		if t.Value == "." {
			x, err = c.member(x, start)
		} else {
			x, err = c.index(x, start, t)
		}
		if err != nil {
			return nil, err
		}
	}
}

func (c *cursor) member(x lang.Expr, start int) (lang.Expr, error) {
	t := c.Peek()
	if !isName(t) {
		return nil, unexpected(t, c.prev(), "a name")
	}
	c.Next()
	id := identOf(t)
	open := c.Peek()
	if !isSign(open, "(") || c.onNewLine() {
		return &lang.Member{Sp: c.from(start), X: x, Name: id.Name, NameSp: id.Sp}, nil
	}
	l, err := c.list("(", ")", true)
	if err != nil {
		return nil, err
	}
	return &lang.Method{Sp: c.from(start), X: x, Name: id.Name, NameSp: id.Sp, Args: l.Items}, nil
}

func (c *cursor) index(x lang.Expr, start int, open *lexer.Token) (i lang.Expr, err error) {
	err = c.inside(open, func() error {
		i, err = c.expr()
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := c.wantClose(open, "]", ""); err != nil {
		return nil, err
	}
	return &lang.Index{Sp: c.from(start), X: x, I: i}, nil
}

// object reads { name: value, … }.
func (c *cursor) object() (*lang.Object, error) {
	open := c.Peek()
	if err := c.wantSign("{"); err != nil {
		return nil, err
	}
	o := &lang.Object{}
	err := c.inside(open, func() error {
		for !c.takeSign("}") {
			e, err := c.entry(open)
			if err != nil {
				return err
			}
			o.Entries = append(o.Entries, e)
			if !c.takeSign(",") {
				return c.wantClose(open, "}", "`,` or ")
			}
		}
		return nil
	})
	o.Sp = c.from(open.Pos.Offset)
	return o, err
}

func (c *cursor) entry(open *lexer.Token) (e lang.Entry, err error) {
	t := c.Peek()
	switch {
	case t.Type == tokString:
		e.Name, e.NameSp = stringValue(t.Value), spanOf(t)
	case isName(t):
		id := identOf(t)
		e.Name, e.NameSp = id.Name, id.Sp
	default:
		return e, lostBracket(unexpected(t, c.prev(), "a field or `}`"), open, "}")
	}
	c.Next()
	if err := c.wantSign(":"); err != nil {
		return e, lostBracket(err, open, "}")
	}
	if e.Value, err = c.expr(); err != nil {
		return e, lostBracket(err, open, "}")
	}
	return e, nil
}
