package spec

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/parser"
)

// ordered reports whether the language guarantees an order for the rows of a
// text's last statement.
func ordered(text string) bool {
	file := parser.Parse(lang.NewSource("", text))
	if len(file.Stmts) == 0 {
		return false
	}
	switch s := file.Stmts[len(file.Stmts)-1].(type) {
	case *lang.FindStmt:
		return s.OrderBy != nil || s.Offset != nil || s.After != nil || s.Near != nil && s.GroupBy == nil
	case *lang.UpdateStmt:
		return s.Target.Key != nil || s.Target.OrderBy != nil
	case *lang.DeleteStmt:
		return s.Target.Key != nil || s.Target.OrderBy != nil
	}
	return true
}

// compare says how a result differs from what a block expects; "" if it does
// not.
func (b *Block) compare(results []Result, err error) error {
	if len(b.Pins) > 0 {
		return b.comparePins(err)
	}
	e := &b.Expect
	if e.Error != nil {
		return b.compareError(results, err)
	}
	if err != nil {
		return fmt.Errorf("unexpected error %w", err)
	}
	res := &Result{}
	if len(results) > 0 {
		res = &results[len(results)-1]
	}
	if err := e.compareRows(res, b.Unordered || !ordered(b.Text)); err != nil {
		return err
	}
	if e.Columns != nil && !slices.Equal(e.Columns, res.Columns) {
		return fmt.Errorf("columns are %s, not %s", strings.Join(res.Columns, ", "), strings.Join(e.Columns, ", "))
	}
	if e.Affected != nil && *e.Affected != res.Affected {
		return fmt.Errorf("affected %d, not %d", res.Affected, *e.Affected)
	}
	if e.Cursor != nil && *e.Cursor != (res.Cursor != "") {
		return fmt.Errorf("cursor %q", res.Cursor)
	}
	for _, w := range e.Warns {
		if !slices.Contains(res.Warnings, w) {
			return fmt.Errorf("no warning %s among %v", w, res.Warnings)
		}
	}
	return nil
}

func (e *Expect) compareRows(res *Result, anyOrder bool) error {
	if e.NoRows && len(res.Rows) > 0 {
		return fmt.Errorf("%d rows, expected none:\n%s", len(res.Rows), formatRows(res))
	}
	if e.Rows == nil {
		return nil
	}
	if len(e.Rows) != len(res.Rows) {
		return fmt.Errorf("%d rows, expected %d:\n%s", len(res.Rows), len(e.Rows), formatRows(res))
	}
	left := slices.Clone(res.Rows)
	for _, want := range e.Rows {
		among := left[:1]
		if anyOrder {
			among = left
		}
		i := slices.IndexFunc(among, func(row []any) bool { return want.matches(res.Columns, row) })
		if i < 0 {
			return fmt.Errorf("no row %s in its place; the result is:\n%s", want, formatRows(res))
		}
		left = slices.Delete(left, i, i+1)
	}
	return nil
}

func (w Row) matches(columns []string, row []any) bool {
	if len(w) != len(columns) || len(w) != len(row) {
		return false
	}
	for i, c := range w {
		if c.Name != columns[i] || !same(c.Value, row[i]) {
			return false
		}
	}
	return true
}

// String formats the row as in a script.
func (w Row) String() string {
	var names []string
	var values []any
	for _, c := range w {
		names, values = append(names, c.Name), append(values, c.Value)
	}
	return formatRow(names, values)
}

func formatRows(res *Result) string {
	var b strings.Builder
	for _, row := range res.Rows {
		b.WriteString(formatRow(res.Columns, row))
		b.WriteByte('\n')
	}
	return b.String()
}

// failures lists the errors in err.
func failures(err error) []*Error {
	var one *Error
	var many Errors
	switch {
	case errors.As(err, &many):
		return many
	case errors.As(err, &one):
		return []*Error{one}
	}
	return nil
}

// compareError expects one error, at the last statement.
func (b *Block) compareError(results []Result, err error) error {
	want := b.Expect.Error
	switch {
	case err == nil && len(results) == 0:
		return fmt.Errorf("no error and no result, expected %s", want.Code)
	case err == nil:
		return fmt.Errorf("no error, expected %s; the result is:\n%s", want.Code, formatRows(&results[len(results)-1]))
	}
	got := failures(err)
	if len(got) == 0 {
		return fmt.Errorf("expected the error %s, not one of another kind: %w", want.Code, err)
	}
	if len(got) > 1 {
		return fmt.Errorf("expected the error %s alone: %w", want.Code, errors.Join(asErrors(got)...))
	}
	if got[0].Code != want.Code {
		return fmt.Errorf("expected the error %s: %w", want.Code, err)
	}
	last := len(parser.Parse(lang.NewSource("", b.Text)).Stmts) - 1
	if got[0].Stmt != last {
		return fmt.Errorf("statement %d failed, not the last, %d; pin the error with #!: %w", got[0].Stmt, last, err)
	}
	if want.Message != "" && !regexp.MustCompile(want.Message).MatchString(got[0].Message) {
		return fmt.Errorf("the message %q does not match %q", got[0].Message, want.Message)
	}
	return nil
}

func asErrors(list []*Error) []error {
	out := make([]error, len(list))
	for i, e := range list {
		out[i] = fmt.Errorf("line %d: %w", e.Line, e)
	}
	return out
}

// comparePins expects exactly the errors that are pinned to lines.
func (b *Block) comparePins(err error) error {
	got := failures(err)
	if err != nil && got == nil {
		return err
	}
	missing := []string{}
	for _, p := range b.Pins {
		i := slices.IndexFunc(got, func(e *Error) bool { return e.Line == p.Line && e.Code == p.Code })
		if i < 0 {
			missing = append(missing, fmt.Sprintf("line %d: no error %s", b.Line+p.Line-1, p.Code))
			continue
		}
		got = slices.Delete(slices.Clone(got), i, i+1)
	}
	for _, e := range got {
		missing = append(missing, fmt.Sprintf("line %d: unexpected %v", b.Line+e.Line-1, e))
	}
	if len(missing) > 0 {
		return errors.New(strings.Join(missing, "\n"))
	}
	return nil
}
