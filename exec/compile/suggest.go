package compile

import (
	"context"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/check"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/parser"
)

// Limits for verifying hints: the longest text, and the number of hints.
const (
	maxFixText = 10_000
	maxFixes   = 8
	maxMends   = 3
)

// verifyFixes checks the fixes that the hints of a text propose against the schema. If only a name in a fix is wrong, it is
// corrected; a fix that is wrong otherwise is not shown, and the hint is given as prose.
func verifyFixes(ctx context.Context, src *lang.Source, diags lang.Diags, o check.Options, schema *ir.Schema) {
	o.NoParams, o.Params = true, nil
	asked := 0
	for _, d := range diags {
		if d.Fix == nil || d.Hint == d.Fix.Else { // no fix is proposed
			continue
		}
		whole := d.Fix.Span != d.Span
		fixes := []lang.Fix{*d.Fix}
		if !whole { // the other fixes of the statement are needed too
			fixes = fragments(diags, d.Stmt)
		}
		ok := false
		if asked++; asked <= maxFixes && len(src.Text) <= maxFixText {
			ok = runsWith(ctx, src, fixes, d.Stmt, o, schema)
		}
		if !ok {
			d.Hint = d.Fix.Else
		} else if whole {
			d.Hint = "write " + fixes[0].Text
		}
	}
}

// fragments returns the fixes that replace a part of a statement, last first.
func fragments(diags lang.Diags, stmt int) (out []lang.Fix) {
	for _, d := range diags {
		if d.Fix != nil && d.Stmt == stmt && d.Fix.Span == d.Span {
			out = append(out, *d.Fix)
		}
	}
	slices.SortStableFunc(out, func(a, b lang.Fix) int { return b.Span.Start - a.Span.Start })
	return out
}

// runsWith reports whether a statement has no errors after the fixes, given last first. In a single fix, unknown names are
// replaced by similar names of the schema.
func runsWith(ctx context.Context, src *lang.Source, fixes []lang.Fix, stmt int, o check.Options, schema *ir.Schema) bool {
	for range maxMends {
		text := src.Text
		for _, f := range fixes {
			text = text[:f.Span.Start] + f.Text + text[f.Span.End:]
		}
		errs := errorsOf(ctx, lang.NewSource("", text), stmt, o, schema)
		if len(errs) == 0 {
			return true
		}
		if len(fixes) > 1 || !mend(&fixes[0], errs) {
			return false
		}
	}
	return false
}

// errorsOf returns the errors of one statement of a text.
func errorsOf(ctx context.Context, src *lang.Source, stmt int, o check.Options, schema *ir.Schema) (out lang.Diags) {
	file := parser.Parse(src)
	_, diags := check.Check(ctx, file, schema, o)
	for _, d := range slices.Concat(file.Diags, diags) {
		if d.Severity == lang.SeverityError && d.Stmt == stmt {
			out = append(out, d)
		}
	}
	return out
}

// mend replaces the names in a fix with the similar names that the errors suggest. It returns false if an error suggests none.
func mend(f *lang.Fix, errs lang.Diags) bool {
	errs.Sort()
	for _, d := range slices.Backward(errs) {
		if d.Fix == nil || d.Fix.Span.Start < f.Span.Start || d.Fix.Span.End > f.Span.Start+len(f.Text) || strings.Contains(d.Fix.Text, " ") {
			return false
		}
		f.Text = f.Text[:d.Fix.Span.Start-f.Span.Start] + d.Fix.Text + f.Text[d.Fix.Span.End-f.Span.Start:]
	}
	return true
}
