package codec

import (
	"fmt"

	"github.com/rql-lang/rql/lang"
)

// Error describes why a value could not be read, written or converted. It has
// no position: the caller knows the field or the expression.
type Error struct {
	Code    lang.Code
	Message string
}

// Error returns the code and the message.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

func errorf(code lang.Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// badValue returns an error about a stored text. A long text is truncated.
func badValue(text, what string) *Error {
	if len(text) > 40 {
		text = text[:40] + "…"
	}
	return errorf(lang.CodeBadValue, "%q is %s", text, what)
}

// wrongKind returns an error about a Go value that is not of its static type.
func wrongKind(v any, t lang.Type) *Error {
	if v == nil {
		return errorf(lang.CodeNullValue, "null where %s is required", t)
	}
	return errorf(lang.CodeBadConversion, "%s is not %s", TypeOfValue(v), t)
}
