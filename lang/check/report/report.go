package report

import (
	"context"

	"github.com/rql-lang/rql/lang"
)

// Reporter gathers the diagnostics of one text, and ends its check where it is too much.
type Reporter struct {
	Ctx     context.Context // nil: nobody can end the check
	Source  *lang.Source
	Ord     int                                       // ordinal of the top-level statement
	Loading bool                                      // a definition of the catalog: it is taken as it is, however large
	Within  func(lang.Span) (lang.Span, *lang.Within) // inside a procedure that is called: where a mistake is shown; nil elsewhere

	Diags  lang.Diags
	Muted  int // above 0 nothing is reported; failed says whether something would have been
	failed bool
	work   work
}

// Errorf reports an error, once for each place and code. When as many are
// reported as there may be, the check ends with the next.
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

// Mute runs f without reporting, and says whether it found no mistake.
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
	if d.Within == nil && c.Source.Slice(sp) == wrong { // not in a procedure's text, not written @name
		d.Fix = &lang.Fix{Span: sp, Text: right, Else: d.Hint}
	}
}

// Wrong reports that a mistake was just found in a part of the text.
func (c *Reporter) Wrong(sp lang.Span) bool {
	if len(c.Diags) == 0 {
		return false
	}
	last := c.Diags[len(c.Diags)-1].Span
	return sp.Start <= last.Start && last.End <= sp.End
}
