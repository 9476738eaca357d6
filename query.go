package rql

import (
	"context"
	"errors"
	"iter"
	"reflect"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/exec/into"
	"github.com/rql-lang/rql/lang"
)

// Query runs a text and returns the rows of its last statement as values of T:
// a struct, a map, or for one column a single value; the table of types is in
// spec/go.md. A struct's field is that of the column named by its tag
// `rql:"name"`, else `json:"name"`, else that whose name is equal without regard
// to case and "_".
//
// Without RETURN, and for *, only the columns that a struct has fields for are
// asked for, so that a field which the model gains does not break a program that
// is running. A field without a column, and with RETURN a column without a field,
// is an error with the code bad-target before anything is sent, and so is a T
// that can hold no value of its column. A value that does not fit, like null in
// an int, is one after it; Error.Outcome then tells whether the text was carried
// out.
func Query[T any](ctx context.Context, db *DB, text string, args ...Args) ([]T, error) {
	var out []T
	_, err := db.read(ctx, reflect.TypeFor[T](), text, args, false, func(r *into.Reader, row []any) error {
		var zero T
		out = append(out, zero)
		return r.Read(reflect.ValueOf(&out[len(out)-1]).Elem(), row)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// One is Query for exactly one row. If there is none, the error is ErrNotFound.
// A statement that may change more than one document is refused before anything
// is sent.
func One[T any](ctx context.Context, db *DB, text string, args ...Args) (T, error) {
	out, ok, err := single[T](ctx, db, text, args)
	if err == nil && !ok {
		err = &Error{Code: lang.CodeKeyNotFound, Statement: -1, Message: "no row matched"}
	}
	return out, err
}

// Maybe is One for a row that may be missing: false says that there is none, and
// so does a document that is not there.
func Maybe[T any](ctx context.Context, db *DB, text string, args ...Args) (T, bool, error) {
	out, ok, err := single[T](ctx, db, text, args)
	if errors.Is(err, ErrNotFound) && outcomeOf(err) == OutcomeNone {
		err = nil
	}
	return out, ok, err
}

// single runs a text that gives one row or none.
func single[T any](ctx context.Context, db *DB, text string, args []Args) (T, bool, error) {
	var out, zero T
	n := 0
	res, err := db.read(ctx, reflect.TypeFor[T](), text, args, true, func(r *into.Reader, row []any) error {
		if n++; n > 1 {
			return &Error{Code: lang.CodeTooLarge, Statement: -1, Message: "there is more than one row", Hint: "LIMIT 1, or Query"}
		}
		return r.Read(reflect.ValueOf(&out).Elem(), row)
	})
	switch {
	case err != nil:
		return zero, false, err
	case n == 0 && res.Affected > 0:
		return zero, false, &Error{Code: lang.CodeBadTarget, Statement: -1, Outcome: OutcomeDone, Done: res.Affected, Message: "the text gave no row"}
	}
	return out, n == 1, nil
}

// outcomeOf is the outcome of an error of this package.
func outcomeOf(err error) Outcome {
	var e *Error
	if errors.As(err, &e) {
		return e.Outcome
	}
	return OutcomeNone
}

// Stream returns the rows of a text's last statement one by one, as Query does,
// without keeping them all in memory. Leaving the loop stops the statement.
func Stream[T any](ctx context.Context, db *DB, text string, args ...Args) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		stopped := false
		_, err := db.read(ctx, reflect.TypeFor[T](), text, args, false, func(r *into.Reader, row []any) error {
			var v T
			if err := r.Read(reflect.ValueOf(&v).Elem(), row); err != nil {
				return err
			}
			if !yield(v, nil) {
				stopped = true
				return errStopped
			}
			return nil
		})
		if err != nil && !stopped {
			var zero T
			yield(zero, err)
		}
	}
}

// errStopped ends a run whose caller wants no more rows.
var errStopped = &Error{Code: lang.CodeCancelled, Message: "the caller stopped reading", Statement: -1}

// Page is a part of a result, and how to go on.
type Page[T any] struct {
	Rows []T
	// Cursor is the value for AFTER that continues after the last row; "" at the end.
	Cursor   string
	Warnings []Warning
}

// QueryPage is Query for a FIND with LIMIT, with the cursor of the next page:
//
//	p, err := rql.QueryPage[User](ctx, db, `FIND User ORDER BY name LIMIT 20 AFTER $cursor`, rql.Args{"cursor": cursor})
//
// An empty cursor, like null, is the start. One that another statement gave has
// the code bad-cursor.
func QueryPage[T any](ctx context.Context, db *DB, text string, args ...Args) (Page[T], error) {
	var p Page[T]
	res, err := db.read(ctx, reflect.TypeFor[T](), text, args, false, func(r *into.Reader, row []any) error {
		var zero T
		p.Rows = append(p.Rows, zero)
		return r.Read(reflect.ValueOf(&p.Rows[len(p.Rows)-1]).Elem(), row)
	})
	if err != nil {
		return Page[T]{}, err
	}
	p.Cursor, p.Warnings = res.Cursor, res.Warnings
	return p, nil
}

// Rows gives the rows of a result as values of T, as Query does. Columns that
// the statement does not name need no field.
func Rows[T any](res *Result) ([]T, error) {
	if res == nil || len(res.of.Columns) == 0 {
		return nil, nil
	}
	r, _, err := into.New(reflect.TypeFor[T](), columnsOf(&res.of))
	if err != nil {
		return nil, targetError(err)
	}
	values := res.values
	if values == nil {
		values = res.Rows
	}
	out := make([]T, len(values))
	for i, row := range values {
		if err := r.Read(reflect.ValueOf(&out[i]).Elem(), row); err != nil {
			return nil, targetError(err)
		}
	}
	return out, nil
}

// target is a Go type that rows are read into. The database has one for each.
type target struct{ t reflect.Type }

// target finds that of a type.
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
		return nil, nil, &Error{Code: lang.CodeBadTarget, Statement: -1, Message: noRows(s.Kind), Hint: "RETURN names what is to be returned; Exec runs what returns nothing"}
	}
	cols := make([]into.Column, len(s.Columns))
	for i, c := range s.Columns {
		cols[i] = into.Column(c)
	}
	r, keep, err := into.New(x.t, cols)
	switch {
	case err != nil:
		return nil, nil, targetError(err)
	case s.Fixed:
		return nil, r, nil
	case len(keep) == 0: // of a struct without fields: the rows are still counted
		keep = []int{0}
	}
	return keep, r.Of(keep), nil
}

func noRows(kind string) string {
	if kind == "" {
		return "the text has no statement"
	}
	return kind + " returns no rows here"
}

// targetError makes an *Error of a *into.Misfit.
func targetError(err error) error {
	var m *into.Misfit
	if !errors.As(err, &m) {
		return err
	}
	return &Error{Code: lang.CodeBadTarget, Statement: -1, Message: m.Error(), Field: m.Path, Hint: "RETURN just what is needed, or give the struct the field, by a tag `rql:\"name\"` where its name is another"}
}

// read runs a text and gives the rows of its last statement to row. single says
// that there must be no more than one. Of the result, which is that of the last
// statement, Affected is of the whole text.
func (db *DB) read(ctx context.Context, t reflect.Type, text string, args []Args, single bool, row func(*into.Reader, []any) error) (*Result, error) {
	e, err := db.ready(ctx)
	if err != nil {
		return nil, publicError(err)
	}
	call, err := e.Call(ctx, text, merged(args), db.target(t))
	if err != nil {
		return nil, publicError(err)
	}
	if single && call.ChangesMany() {
		return nil, call.Place(&Error{Code: lang.CodeBadTarget, Statement: -1,
			Message: "one row is wanted of " + call.Shape().Kind + ", which may change many documents", Hint: "name the document by its key, LIMIT 1, or use Query"})
	}
	res, done, last := &Result{}, int64(0), call.Last()
	err = call.Run(ctx, func(rows *exec.Rows) error {
		if rows.Statement == last {
			if err := readRows(call, t, rows, row); err != nil {
				done += rows.Affected()
				return err
			}
			res = newResult(rows)
			res.finish(rows)
		}
		done += rows.Affected()
		return rows.Err()
	})
	if err != nil {
		return nil, outcome(publicError(err), done, last)
	}
	res.Affected = done
	return res, nil
}

// readRows reads the rows of a text's last statement.
func readRows(call *exec.Call, t reflect.Type, rows *exec.Rows, row func(*into.Reader, []any) error) error {
	r, _ := call.Reader().(*into.Reader)
	if r == nil { // the columns were not known before
		var err error
		if r, _, err = into.New(t, columnsOf(rows)); err != nil {
			return targetError(err)
		}
	}
	for rows.Next() {
		if err := row(r, rows.Values()); err != nil {
			return targetError(err)
		}
	}
	return rows.Err()
}

// outcome says of the error of a call what its text did: done documents were
// changed by statements that were carried out, the last of them that with the
// ordinal last.
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

// columnsOf are the columns of rows that have come.
func columnsOf(rows *exec.Rows) []into.Column {
	out := make([]into.Column, len(rows.Columns))
	for i, name := range rows.Columns {
		out[i] = into.Column{Name: name, Open: rows.Open(i)}
		if i < len(rows.Types) {
			out[i].Type = rows.Types[i]
		}
	}
	return out
}
