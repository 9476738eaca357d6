package report

import (
	"context"

	"github.com/rql-lang/rql/lang"
)

// Reporter collects the diagnostics of one text, and enforces the limits of a check.
type Reporter struct {
	Ctx     context.Context // nil: the check cannot be cancelled
	Source  *lang.Source
	Ord     int                                       // index of the top-level statement
	Loading bool                                      // a definition of the catalog, to which the limits do not apply
	Within  func(lang.Span) (lang.Span, *lang.Within) // inside a called procedure: the position for an error; nil elsewhere

	Diags  lang.Diags
	Muted  int // if above 0, nothing is reported; failed says whether something would have been
	failed bool
	work   work
}

// Errorf reports an error, once for each position and code. It ends the check when the limit of reported errors is exceeded.
func (c *Reporter) Errorf(code lang.Code, sp lang.Span, format string, args ...any) *lang.Diag {
	if c.Muted == 0 && len(c.Diags) == lang.MaxDiags {
		panic(stopped{})
	}
	d := lang.Errorf(code, sp, format, args...)
	d.Stmt = c.Ord
	if c.Within != nil {
		d.Span, d.Within = c.Within(sp)
	}
	c.failed = true
	if c.Muted > 0 {
		return d
	}
	for _, old := range c.Diags {
		if old.Code == code && old.Span == d.Span && old.Message == d.Message && (d.Within == nil || old.Within != nil && *old.Within == *d.Within) {
			return d
		}
	}
	c.Diags.Add(d)
	return d
}

// Mute runs f without reporting, and reports whether there was no error.
func (c *Reporter) Mute(f func()) bool {
	was := c.failed
	c.failed = false
	c.Muted++
	f()
	c.Muted--
	ok := !c.failed
	c.failed = was
	return ok
}

// DidYouMean proposes the right name in place of the wrong one at sp.
func (c *Reporter) DidYouMean(d *lang.Diag, sp lang.Span, wrong, right string) {
	d.WithHint("did you mean %s?", right)
	if d.Within == nil && c.Source.Slice(sp) == wrong { // not in a procedure's text, and not written as @name
		d.Fix = &lang.Fix{Span: sp, Text: right, Else: d.Hint}
	}
}

// Wrong reports whether an error was just found in a part of the text.
func (c *Reporter) Wrong(sp lang.Span) bool {
	if len(c.Diags) == 0 {
		return false
	}
	last := c.Diags[len(c.Diags)-1].Span
	return sp.Start <= last.Start && last.End <= sp.End
}

// work counts what the check of one text has done, against the limits of package lang.
type work struct {
	exprs  int // expressions checked
	stmts  int // statements, including subqueries and those of procedures
	fields int // fields and columns declared and returned
}

// stopped is the panic that ends a check early. It never leaves the package.
type stopped struct{}

// Run calls f. It returns false if the check ended early: by a limit on the text, by the limit of reported errors, or by the
// context.
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

// over reports that the text exceeds a limit, and ends the check.
func (c *Reporter) over(sp lang.Span, format string, args ...any) {
	c.Muted = 0
	c.Errorf(lang.CodeTooLarge, sp, format, args...).WithHint("split it into several texts, or pass large values as parameters")
	panic(stopped{})
}

// CountExpr counts one expression, and checks the context from time to time.
func (c *Reporter) CountExpr(x lang.Expr) {
	c.work.exprs++
	if c.work.exprs&1023 == 0 {
		c.Alive()
	}
	if c.work.exprs > lang.MaxExprs && !c.Loading {
		c.over(x.Span(), "this text and the procedures it calls have more than %d expressions", lang.MaxExprs)
	}
}

// Alive ends the check if its context has ended.
func (c *Reporter) Alive() {
	if c.Ctx != nil && c.Ctx.Err() != nil {
		panic(stopped{})
	}
}

// CountFilled counts values that are filled in rather than written.
func (c *Reporter) CountFilled(n int, sp lang.Span) {
	if c.work.exprs += n; c.work.exprs > lang.MaxExprs && !c.Loading {
		c.over(sp, "this text and the values it leaves to be filled in have more than %d expressions", lang.MaxExprs)
	}
}

// CountStmt counts one statement.
func (c *Reporter) CountStmt(sp lang.Span) {
	if c.work.stmts++; c.work.stmts > lang.MaxStatements && !c.Loading {
		c.over(sp, "this text, its queries in parentheses and the procedures it calls have more than %d statements", lang.MaxStatements)
	}
	c.Alive()
}

// CountFields counts fields that are declared, or columns that are returned.
func (c *Reporter) CountFields(n int, sp lang.Span) {
	if c.work.fields += n; c.work.fields > lang.MaxTotalFields && !c.Loading {
		c.over(sp, "this text declares and returns more than %d fields in total", lang.MaxTotalFields)
	}
}

// TooMany reports whether a list exceeds its limit.
func (c *Reporter) TooMany(n, limit int, sp lang.Span, what string) bool {
	if n <= limit || c.Loading {
		return false
	}
	c.Errorf(lang.CodeTooLarge, sp, "%s takes at most %d, but %d were given", what, limit, n)
	return true
}
