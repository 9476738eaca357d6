package rql

import (
	"context"
	"iter"
	"reflect"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

// Query runs a text and returns the rows of its last statement as values of T:
// a struct whose fields are matched to columns by the tag `rql:"name"`, else
// `json:"name"`, else by name in any case; a map[string]any; or, for one
// column, a basic type. A column without a field in T, and a value that does
// not fit its field, are errors.
func Query[T any](ctx context.Context, db *DB, text string, args ...Args) ([]T, error) {
	var out []T
	for v, err := range Stream[T](ctx, db, text, args...) {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// One is Query for exactly one row. If there is none, the error is ErrNotFound.
func One[T any](ctx context.Context, db *DB, text string, args ...Args) (T, error) {
	var out T
	n := 0
	for v, err := range Stream[T](ctx, db, text, args...) {
		if err != nil {
			return out, err
		}
		if n++; n > 1 {
			return out, &Error{Code: lang.CodeTooLarge, Statement: -1, Message: "One got more than one row", Hint: "LIMIT 1, or Query"}
		}
		out = v
	}
	if n == 0 {
		return out, &Error{Code: lang.CodeKeyNotFound, Statement: -1, Message: "no row matched"}
	}
	return out, nil
}

// Stream returns the rows of a text's last statement one by one, as Query does,
// without keeping them all in memory. Leaving the loop stops the statement.
func Stream[T any](ctx context.Context, db *DB, text string, args ...Args) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		stopped := false
		err := db.run(ctx, text, args, func(rows *exec.Rows) error {
			if len(rows.Columns) == 0 || stopped {
				return nil
			}
			scan, err := db.scanners.of(reflect.TypeFor[T](), rows.Columns)
			if err != nil {
				return err
			}
			for rows.Next() {
				var v T
				if err := scan.scan(reflect.ValueOf(&v).Elem(), rows.Values()); err != nil {
					return err
				}
				if !yield(v, nil) {
					stopped = true
					return errStopped
				}
			}
			return rows.Err()
		})
		if err != nil && !stopped {
			var zero T
			yield(zero, publicError(err))
		}
	}
}

// errStopped ends a run whose caller wants no more rows.
var errStopped = &Error{Code: lang.CodeCancelled, Message: "the caller stopped reading", Statement: -1}
