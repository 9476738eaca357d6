package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rql-lang/rql/lang"
)

// Operator precedence, from loosest to tightest.
const (
	precOr = iota + 1
	precAnd
	precNot
	precCompare
	precSum
	precProduct
	precNegate
	precPower
)

// infix is a binary operator, or a postfix operator such as IS NULL.
type infix struct {
	op    lang.Op // opBetween and opIsNull for the two that are not a lang.Binary
	prec  int
	words int // number of tokens
	not   bool
}

const (
	opBetween lang.Op = "BETWEEN"
	opIsNull  lang.Op = "IS NULL"
)

func (c *cursor) expr() (lang.Expr, error) { return c.climb(precOr) }

// climb reads an expression whose operators bind at least as tightly as least.
func (c *cursor) climb(least int) (lang.Expr, error) {
	t := c.Peek()
	switch {
	case is(t, "NOT"):
		if least > precNot {
			return nil, fail(t, notNeedsParens(spanOf(t)))
		}
		return c.prefix(t, lang.OpNot, precNot, least)
	case isSign(t, "-"):
		if x := c.least(); x != nil {
			return c.infixes(x, least)
		}
		return c.prefix(t, lang.OpSub, precNegate, least)
	}
	left, err := c.operand()
	if err != nil {
		return nil, err
	}
	return c.infixes(left, least)
}

func (c *cursor) prefix(t *lexer.Token, op lang.Op, prec, least int) (x lang.Expr, err error) {
	c.Next()
	err = c.nested(t, func() error {
		x, err = c.climb(prec)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.infixes(&lang.Unary{Sp: c.from(t.Pos.Offset), Op: op, X: x}, least)
}

// infixes reads the operators that follow left.
func (c *cursor) infixes(left lang.Expr, least int) (lang.Expr, error) {
	for n := 0; ; n++ {
		in, ok := c.infix()
		if !ok || in.prec < least {
			return left, nil
		}
		at := c.Peek()
		if n == lang.MaxChain {
			return nil, failFatal(at, tooDeep(spanOf(at), "operators in a row", lang.MaxChain))
		}
		for range in.words {
			c.Next()
		}
		var err error
		if left, err = c.operation(left, in, c.from(at.Pos.Offset)); err != nil {
			return nil, err
		}
		if in.prec == precCompare {
			if err := c.noChain(left); err != nil {
				return nil, err
			}
		}
	}
}

// operation reads the right side of an operator and returns the node.
func (c *cursor) operation(left lang.Expr, in infix, opSp lang.Span) (lang.Expr, error) {
	start := left.Span().Start
	switch in.op {
	case opIsNull:
		return &lang.IsNull{Sp: c.from(start), Not: in.not, X: left}, nil
	case opBetween:
		lo, err := c.climb(precSum)
		if err != nil {
			return nil, err
		}
		if err := c.want("AND"); err != nil {
			return nil, err
		}
		hi, err := c.climb(precSum)
		if err != nil {
			return nil, err
		}
		return &lang.Between{Sp: c.from(start), Not: in.not, X: left, Lo: lo, Hi: hi}, nil
	}
	var right lang.Expr
	var err error
	switch {
	case in.op == lang.OpIn:
		right, err = c.inList()
	case in.op == lang.OpPow: // right associative, and 2 ** -1 is allowed
		err = c.nested(c.prev(), func() error {
			right, err = c.climb(precNegate)
			return err
		})
	default:
		right, err = c.climb(in.prec + 1)
	}
	if err != nil {
		return nil, err
	}
	return &lang.Binary{Sp: c.from(start), Op: in.op, OpSp: opSp, Not: in.not, L: left, R: right}, nil
}

// noChain rejects a second comparison after left and suggests what to write.
func (c *cursor) noChain(left lang.Expr) error {
	in, ok := c.infix()
	if !ok || in.prec != precCompare {
		return nil
	}
	at := c.Peek()
	first, isBinary := left.(*lang.Binary)
	if !isBinary || in.op == opIsNull || in.op == opBetween || in.not {
		return fail(at, chained(spanOf(at), ""))
	}
	for range in.words {
		c.Next()
	}
	sp := c.from(at.Pos.Offset)
	right, err := c.climb(precSum)
	if err != nil {
		return fail(at, chained(sp, ""))
	}
	return fail(at, chained(sp, lang.Print(&lang.Binary{Op: lang.OpAnd, L: first, R: &lang.Binary{Op: in.op, L: first.R, R: right}})))
}

// infix returns the operator at the next token, if there is one.
func (c *cursor) infix() (in infix, ok bool) {
	t := c.Peek()
	switch t.Type {
	case tokSign:
		p := signPrec(t.Value)
		return infix{op: lang.Op(t.Value), prec: p, words: 1}, p > 0
	case tokWord:
		return c.wordInfix(t)
	}
	return in, false
}

func signPrec(sign string) int {
	switch sign {
	case "=", "!=", "<", "<=", ">", ">=":
		return precCompare
	case "+", "-":
		return precSum
	case "*", "/", "//", "%":
		return precProduct
	case "**":
		return precPower
	}
	return 0
}

func (c *cursor) wordInfix(t *lexer.Token) (in infix, ok bool) {
	if !operatorWords.has(t) {
		return in, false
	}
	switch {
	case is(t, "AND"):
		return infix{op: lang.OpAnd, prec: precAnd, words: 1}, true
	case is(t, "OR"):
		return infix{op: lang.OpOr, prec: precOr, words: 1}, true
	case c.onNewLine():
		return in, false
	}
	in = infix{prec: precCompare, words: 1}
	if is(t, "NOT") {
		in.not = true
		in.words++
		t = c.peekAt(1)
	}
	switch {
	case is(t, "IN"), is(t, "BETWEEN"), is(t, "CONTAINS"), is(t, "LIKE"), is(t, "MATCHES"), is(t, "SEARCH"):
		in.op = lang.Op(strings.ToUpper(t.Value))
	case is(t, "STARTS"), is(t, "ENDS"):
		if !is(c.peekAt(in.words), "WITH") {
			return in, false
		}
		in.op = lang.Op(strings.ToUpper(t.Value) + " WITH")
		in.words++
	case is(t, "IS") && !in.not:
		in.op = opIsNull
		if is(c.peekAt(1), "NOT") {
			in.not = true
			in.words++
		}
		if !is(c.peekAt(in.words), "NULL") {
			return in, false
		}
		in.words++
	default:
		return in, false
	}
	return in, true
}

// inList reads the right side of IN: a list in parentheses, or an operand. If
// the list has one item and an operator follows it, the parentheses belong to
// an expression.
func (c *cursor) inList() (lang.Expr, error) {
	open := c.Peek()
	if !isSign(open, "(") || c.queryAhead(1) {
		return c.climb(precSum)
	}
	l, err := c.list("(", ")", false)
	if err != nil {
		return nil, err
	}
	if len(l.Items) == 1 {
		if in, ok := c.infix(); ok && in.prec > precCompare || isSign(c.Peek(), ".") || isSign(c.Peek(), "[") {
			x, err := c.postfix(l.Items[0], open.Pos.Offset)
			if err != nil {
				return nil, err
			}
			return c.infixes(x, precSum)
		}
	}
	l.Paren = true
	return l, nil
}
