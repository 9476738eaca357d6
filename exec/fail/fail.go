package fail

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// Errorf returns a run-time error at a span.
func Errorf(code lang.Code, sp lang.Span, format string, args ...any) *lang.Error {
	return &lang.Error{Code: code, Span: sp, Message: fmt.Sprintf(format, args...), Statement: -1}
}

// As returns the *Error in err.
func As(err error) (*lang.Error, bool) {
	if err == nil {
		return nil, false
	}
	var e *lang.Error
	ok := errors.As(err, &e)
	return e, ok
}

// Smaller returns the number of rows for the next attempt at a step. The step asked for more work than one script may do, and did
// nothing. It returns 0 if err is another error, or if the step cannot be smaller.
func Smaller(err error, rows int) int {
	e, ok := As(err)
	if !ok || e.Code != lang.CodeBudget || rows <= 1 {
		return 0
	}
	return max(1, rows/8)
}

// Missing returns the error for keys that do not exist.
func Missing(keys []string, x ir.Expr) error {
	named := make([]string, 0, 10)
	for i, k := range keys {
		if i == cap(named) {
			named = append(named, fmt.Sprintf("and %d more", len(keys)-i))
			break
		}
		named = append(named, lang.Quote(k))
	}
	e := Errorf(lang.CodeKeyNotFound, x.Span(), "there is no document %s", strings.Join(named, ", "))
	e.Key, e.Hint = keys[0], "SKIP MISSING omits keys that do not exist"
	return e
}

// NullKey returns the error for a key that is null.
func NullKey(x ir.Expr) error {
	return Errorf(lang.CodeNullValue, x.Span(), "a key may not be null")
}

// ChangedMeanwhile returns the error for a model that changed after the first rows were returned.
func ChangedMeanwhile() error {
	return Errorf(lang.CodeStale, lang.Span{}, "the model was changed while the rows were read").WithHint("the rows read before were valid at the time; start again")
}

// ErrStale says that the catalog is not the one for which a script was planned. The script did nothing.
var ErrStale = &lang.Error{Code: lang.CodeStale, Message: "the catalog changed while the statement was planned", Statement: -1}

// Ended returns the error of a context that ended before anything was sent.
func Ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return &lang.Error{Code: lang.CodeCancelled, Message: err.Error(), Statement: -1, Cause: err}
	}
	return nil
}
