package rql

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"slices"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/into"
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Query runs a text and returns the rows of its last statement as values of T: a struct, a map, or a single value if there is one
// column; spec/go.md has the table of types. T may also be *Result, which is then the only row. A struct field belongs to the
// column named by its tag `rql:"name"`, else `json:"name"`, else to the column whose name is equal except for case and
// underscores.
//
// Without RETURN, and for *, only the columns for which a struct has fields are read, so that a new field of the model does not
// break a running program. A field without a column is an error of code bad-target before anything is sent; so are, with RETURN,
// a column without a field, and a T that cannot hold the values of its column. A value that does not fit, such as null in an int,
// is an error only when it is read; Error.Outcome then says whether the text was executed.
func Query[T any](ctx context.Context, db Runner, text string, args ...Args) ([]T, error) {
	c := collect[T](text, args)
	if err := run(ctx, db, &c.Call); err != nil {
		return nil, err
	}
	return c.all(), nil
}

// collected is a call that keeps its rows.
type collected[T any] struct {
	Call
	rows []T
}

func collect[T any](text string, args []Args) *collected[T] {
	c := &collected[T]{}
	c.of(text, args)
	return c
}

// of makes it the call of a text.
func (c *collected[T]) of(text string, args []Args) {
	c.Text, c.Args = text, merged(args)
	if _, whole := any(c.rows).([]*Result); whole { // the only row is the result itself
		c.result = &Result{}
	} else {
		c.target = reflect.TypeFor[T]()
	}
	c.to = c
}

// begin implements sink.
func (c *collected[T]) begin() error {
	c.rows = c.rows[:0]
	return nil
}

// row implements sink.
func (c *collected[T]) row(r *into.Reader, rows *exec.Rows) error {
	if c.single && len(c.rows) > 0 {
		return &Error{Code: lang.CodeTooLarge, Statement: -1, Message: "there is more than one row", Hint: "LIMIT 1, or Query"}
	}
	if n := len(c.rows); n == cap(c.rows) && rows.Ahead != nil {
		c.rows = slices.Grow(c.rows, max(rows.Ahead()+1, n))
	}
	var zero T
	c.rows = append(c.rows, zero)
	return readRow(r, &c.rows[len(c.rows)-1], rows)
}

// readRow reads the current row, which need not be in memory of its own for that.
func readRow[T any](r *into.Reader, to *T, rows *exec.Rows) error {
	v := reflect.ValueOf(to).Elem()
	if cells := rows.Cells(); cells != nil {
		return r.ReadCells(v, cells)
	}
	return r.Read(v, rows.Values())
}

// all returns the rows.
func (c *collected[T]) all() []T {
	if c.target == nil {
		c.rows, _ = any([]*Result{c.result}).([]T)
	}
	if len(c.rows) == 0 {
		return nil
	}
	return c.rows
}

// one returns the only row, if there is one.
func (c *collected[T]) one() (T, bool, error) {
	var zero T
	c.all()
	switch {
	case len(c.rows) > 0:
		return c.rows[0], true, nil
	case c.done > 0:
		return zero, false, &Error{Code: lang.CodeBadTarget, Statement: -1, Outcome: OutcomeDone, Done: c.done, Message: "the text returned no row"}
	}
	return zero, false, nil
}

// One is Query for exactly one row. If there is none, the error is ErrNotFound. A statement that may change more than one
// document is rejected before anything is sent.
func One[T any](ctx context.Context, db Runner, text string, args ...Args) (T, error) {
	out, ok, err := single[T](ctx, db, text, args)
	return required(out, ok, err)
}

// required converts a missing row to an error.
func required[T any](out T, ok bool, err error) (T, error) {
	if err == nil && !ok {
		err = &Error{Code: lang.CodeKeyNotFound, Statement: -1, Message: "no row matched"}
	}
	return out, err
}

// optional converts a missing document to a missing row.
func optional[T any](out T, ok bool, err error) (T, bool, error) {
	if errors.Is(err, ErrNotFound) && outcomeOf(err) == OutcomeNone {
		err = nil
	}
	return out, ok, err
}

// Maybe is like One, but returns false if there is no row, or if the document does not exist.
func Maybe[T any](ctx context.Context, db Runner, text string, args ...Args) (T, bool, error) {
	return optional(single[T](ctx, db, text, args))
}

// single runs a text that returns at most one row.
func single[T any](ctx context.Context, db Runner, text string, args []Args) (T, bool, error) {
	c := collect[T](text, args)
	c.single = true
	if err := run(ctx, db, &c.Call); err != nil {
		var zero T
		return zero, false, err
	}
	return c.one()
}

// outcomeOf returns the outcome of an error of this package.
func outcomeOf(err error) Outcome {
	var e *Error
	if errors.As(err, &e) {
		return e.Outcome
	}
	return OutcomeNone
}

// Stream returns the rows of a text's last statement one by one, like Query, without keeping all of them in memory. Leaving the
// loop stops the statement.
func Stream[T any](ctx context.Context, db Runner, text string, args ...Args) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		s := &streamed[T]{yield: yield}
		c := &Call{Text: text, Args: merged(args), target: reflect.TypeFor[T](), to: s}
		if err := run(ctx, db, c); err != nil && !s.stopped {
			var zero T
			yield(zero, err)
		}
	}
}

// streamed passes rows to a loop.
type streamed[T any] struct {
	yield          func(T, error) bool
	given, stopped bool
}

// begin implements sink.
func (s *streamed[T]) begin() error {
	if s.given {
		return &Error{Code: lang.CodeBadArgument, Statement: -1, Message: "a Stream whose rows were read cannot begin again"}
	}
	return nil
}

// row implements sink.
func (s *streamed[T]) row(r *into.Reader, rows *exec.Rows) error {
	var v T
	if err := readRow(r, &v, rows); err != nil {
		return err
	}
	s.given = true
	if !s.yield(v, nil) {
		s.stopped = true
		return errStopped
	}
	return nil
}

// errStopped ends a run whose caller wants no more rows.
var errStopped = &Error{Code: lang.CodeCancelled, Message: "the caller stopped reading", Statement: -1}

// Page is a part of a result, and the cursor to continue.
type Page[T any] struct {
	Rows []T
	// Cursor is the value for AFTER that continues after the last row; "" at the end.
	Cursor   string
	Warnings []Warning
}

// QueryPage is Query for a FIND with LIMIT. It also returns the cursor of the next page:
//
//	p, err := rql.QueryPage[User](ctx, db, `FIND User ORDER BY name LIMIT 20 AFTER $cursor`, rql.Args{"cursor": cursor})
//
// An empty cursor, like null, means the start. The cursor of another statement is an error of code bad-cursor.
func QueryPage[T any](ctx context.Context, db Runner, text string, args ...Args) (Page[T], error) {
	c := collect[T](text, args)
	if err := run(ctx, db, &c.Call); err != nil {
		return Page[T]{}, err
	}
	p := Page[T]{Rows: c.all()}
	if c.result != nil {
		p.Cursor, p.Warnings = c.result.Cursor, c.result.Warnings
	}
	return p, nil
}

// Rows returns the rows of a result as values of T, like Query. Columns that the statement does not name need no field.
func Rows[T any](res *Result) ([]T, error) {
	if res == nil || res.of == nil || len(res.of.names) == 0 {
		return nil, nil
	}
	r, _, err := into.New(reflect.TypeFor[T](), res.of.columns())
	if err != nil {
		return nil, into.Refused(err)
	}
	values := res.of.values
	if values == nil {
		values = res.Rows
	}
	out := make([]T, len(values))
	for i, row := range values {
		if err := r.Read(reflect.ValueOf(&out[i]).Elem(), row); err != nil {
			return nil, into.Refused(err)
		}
	}
	return out, nil
}

// target is a Go type into which rows are read. The database has one for each type.
type target struct{ t reflect.Type }

// target returns the target for a type.
func (db *DB) target(t reflect.Type) *target {
	x, ok := db.targets.Load(t)
	if !ok {
		x, _ = db.targets.LoadOrStore(t, &target{t: t})
	}
	return x.(*target)
}

// Fit implements exec.Target.
func (x *target) Fit(s *exec.Shape) ([]int, any, error) {
	if s.Late {
		return nil, (*into.Reader)(nil), nil
	}
	if len(s.Columns) == 0 {
		return nil, nil, into.NoRows(s.Kind)
	}
	cols := make([]into.Column, len(s.Columns))
	for i, c := range s.Columns {
		cols[i] = into.Column(c)
	}
	r, keep, err := into.New(x.t, cols)
	switch {
	case err != nil:
		return nil, nil, into.Refused(err)
	case s.Fixed:
		return nil, r, nil
	case len(keep) == 0: // of a struct without fields: the rows are still counted
		keep = []int{0}
	}
	return keep, r.Of(keep), nil
}

// outcome adds to the error of a call what its text did: statements that were executed, the last of them with index last, changed
// done documents.
func outcome(err error, done int64, last int) error {
	var e *Error
	if done == 0 || !errors.As(err, &e) || e.Outcome != OutcomeNone {
		return err
	}
	c := *e
	c.Outcome, c.Done = OutcomePartial, done
	if e.Statement == last && (e.Code == lang.CodeBadTarget || e.Code == lang.CodeTooLarge) {
		c.Outcome = OutcomeDone
	}
	return &c
}

// heading is what is known about the columns of received rows.
type heading struct {
	names  []string
	types  []lang.Type
	items  []ir.Item
	values [][]any // the rows as RQL values, if they differ from those of the result
}

func headingOf(rows *exec.Rows) *heading {
	return &heading{names: rows.Columns, types: rows.Types, items: rows.Items}
}

// columns returns the columns for reading rows into a Go type.
func (h *heading) columns() []into.Column {
	out := make([]into.Column, len(h.names))
	for i, name := range h.names {
		out[i] = into.Column{Name: name, Open: i < len(h.items) && h.items[i].Text == ""}
		if i < len(h.types) {
			out[i].Type = h.types[i]
		}
	}
	return out
}
