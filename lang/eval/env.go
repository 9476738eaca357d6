package eval

import (
	"errors"
	"maps"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/fulltext"
	"github.com/rql-lang/rql/lang/ir"
)

// Fn computes an expression. A function may be shared by goroutines, an Env may
// not.
type Fn func(*Env) (any, error)

// Cond computes an expression as a condition: null is false.
type Cond func(*Env) (bool, error)

// errUnknown is the result of a predicate when an operand has a fault while
// rows are selected or projected.
var errUnknown = errors.New("unknown")

// Env holds what an expression reads. Only the fields it needs must be set: see
// Leaves. Params and Consts must stay the same for the life of an Env; the
// other fields may change from row to row.
type Env struct {
	Row    []any // leaves by Layout
	Params []any // by Param.Index, as codec.FromGo returns them
	// Consts holds the values of the literal tokens of the running text, by
	// Const.Ord; nil: those of the text that was compiled.
	Consts []any
	Vars   []any // by Variable.ID
	Keys   []any // values of the GROUP BY terms
	Aggs   []any // results of the aggregates
	Outs   []any // returned items, for ORDER BY
	Now    lang.DateTime
	UUID   func() string // nil: random, version 7
	// Query is set while rows are selected or projected: a predicate with a
	// fault is unknown, any other fault is null, and both are reported to Warn.
	// Otherwise a fault is the error *Fault.
	Query bool
	Warn  func(code lang.Code, sp lang.Span, message string)
	// Warner also receives the warnings, if it is set.
	Warner Warner
	// Deref fetches, by field name, the document that a ref points to when the
	// ref does not come from Row; nil if there is none.
	Deref func(m *ir.Model, key any) (map[string]any, error)
	// Referrers gives what a query over a backlink found of the document with a key.
	Referrers func(of *ir.Column, key any) (any, error)

	elem     any
	bound    map[ir.Expr]any
	patterns map[string]*Pattern
	queries  map[string]fulltext.Query // of SEARCH
}

// Apart returns a copy that another goroutine may use at the same time.
func (e *Env) Apart() Env {
	out := *e
	out.bound, out.patterns, out.queries = maps.Clone(e.bound), nil, nil
	return out
}

// Warner receives faults that are not errors.
type Warner interface {
	Warned(code lang.Code, message string)
}

// Fault is an error in a value: division by zero, overflow, text that is not a
// number.
type Fault struct {
	Code    lang.Code
	Span    lang.Span
	Message string
}

// Error returns the code and the message.
func (f *Fault) Error() string { return string(f.Code) + ": " + f.Message }

// fail reports an error at a place as a Fault. While rows are selected or
// projected it returns null and a warning instead, or errUnknown in an operand
// of a predicate (inPredicate).
func (e *Env) fail(err error, sp lang.Span, inPredicate bool) (any, error) {
	f := asFault(err, sp)
	if f == nil {
		return nil, err
	}
	if !e.Query {
		return nil, f
	}
	if e.Warn != nil {
		e.Warn(f.Code, f.Span, f.Message)
	}
	if e.Warner != nil {
		e.Warner.Warned(f.Code, f.Message)
	}
	if inPredicate {
		return nil, errUnknown
	}
	return nil, nil
}

// asFault adds a place to an error of a value; nil for any other error.
func asFault(err error, sp lang.Span) *Fault {
	var c *codec.Error
	if errors.As(err, &c) {
		return &Fault{Code: c.Code, Span: sp, Message: c.Message}
	}
	return nil
}

func faultf(code lang.Code, message string) error {
	return &codec.Error{Code: code, Message: message}
}
