package report

import (
	"github.com/rql-lang/rql/lang"
)

// work counts what the check of one text has done, against the limits of package lang.
type work struct {
	exprs  int // expressions checked
	stmts  int // statements, subqueries and those of procedures included
	fields int // fields and columns declared and returned
}

// stopped is the panic that ends a check early. It never leaves the package.
type stopped struct{}

// Run calls f. It is false where the check was ended early: by a limit of the
// whole text, by as many mistakes as are reported, or by the context.
func (c *Reporter) Run(f func()) (whole bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, early := r.(stopped); !early {
				panic(r)
			}
			whole = false
		}
	}()
	f()
	return true
}

// over reports that the text is too much to be checked, and ends the check.
func (c *Reporter) over(sp lang.Span, format string, args ...any) {
	c.Muted = 0
	c.Errorf(lang.CodeTooLarge, sp, format, args...).WithHint("split it into several texts, or give large values by parameter")
	panic(stopped{})
}

// CountExpr counts one expression, and now and then asks whether anybody waits for the answer.
func (c *Reporter) CountExpr(x lang.Expr) {
	c.work.exprs++
	if c.work.exprs&1023 == 0 {
		c.Alive()
	}
	if c.work.exprs > lang.MaxExprs && !c.Loading {
		c.over(x.Span(), "this text, with the procedures that it calls, has more than %d expressions", lang.MaxExprs)
	}
}

// Alive ends the check when its context has ended.
func (c *Reporter) Alive() {
	if c.Ctx != nil && c.Ctx.Err() != nil {
		panic(stopped{})
	}
}

// CountFilled counts values that nobody wrote and that are filled in.
func (c *Reporter) CountFilled(n int, sp lang.Span) {
	if c.work.exprs += n; c.work.exprs > lang.MaxExprs && !c.Loading {
		c.over(sp, "this text, with what it leaves to be filled in, has more than %d expressions", lang.MaxExprs)
	}
}

// CountStmt counts one statement.
func (c *Reporter) CountStmt(sp lang.Span) {
	if c.work.stmts++; c.work.stmts > lang.MaxStatements && !c.Loading {
		c.over(sp, "this text has more than %d statements, with its queries in parentheses and the procedures that it calls", lang.MaxStatements)
	}
	c.Alive()
}

// CountFields counts fields that are declared, or columns that are returned.
func (c *Reporter) CountFields(n int, sp lang.Span) {
	if c.work.fields += n; c.work.fields > lang.MaxTotalFields && !c.Loading {
		c.over(sp, "what this text declares and returns has more than %d fields", lang.MaxTotalFields)
	}
}

// TooMany reports a list that is longer than its limit.
func (c *Reporter) TooMany(n, limit int, sp lang.Span, what string) bool {
	if n <= limit || c.Loading {
		return false
	}
	c.Errorf(lang.CodeTooLarge, sp, "%s takes at most %d, and here are %d", what, limit, n)
	return true
}
