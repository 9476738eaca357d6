package fail

import (
	"errors"
	"fmt"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/eval"
)

// InProcedure sets the position of an error to the procedure that contains its value.
func InProcedure(err error, w *lang.Within) error {
	if e, ok := As(err); ok && w != nil {
		c := *e
		c.Place(w.At(c.Span))
		return &c
	}
	return err
}

// Value converts a fault or a failed conversion to an *Error; nil stays nil.
func Value(err error) error { return ValueAt(err, lang.Span{}) }

// ValueAt does the same for a value at sp.
func ValueAt(err error, sp lang.Span) error {
	if err == nil {
		return nil
	}
	if _, ok := As(err); ok {
		return err
	}
	var f *eval.Fault
	if errors.As(err, &f) {
		return &lang.Error{Code: f.Code, Message: f.Message, Span: f.Span, Statement: -1}
	}
	var c *codec.Error
	if errors.As(err, &c) {
		return &lang.Error{Code: c.Code, Message: c.Message, Span: sp, Statement: -1}
	}
	return fmt.Errorf("compute a value: %w", err)
}

// Message returns the text of an error without its code.
func Message(err error) string {
	var f *eval.Fault
	if errors.As(err, &f) {
		return f.Message
	}
	if e, ok := As(err); ok {
		return e.Message
	}
	var c *codec.Error
	if errors.As(err, &c) {
		return c.Message
	}
	return err.Error()
}
