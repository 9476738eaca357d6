package eval

import (
	"errors"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/fulltext"
	"github.com/rql-lang/rql/lang/ir"
)

// Fn computes an expression. A function may be shared by goroutines, an Env not.
type Fn func(*Env) (any, error)

// Cond computes an expression as a condition: null is false.
type Cond func(*Env) (bool, error)

// errUnknown is what a predicate gives instead of true or false when a fault
// was met in one of its operands while rows are chosen or shown.
var errUnknown = errors.New("unknown")

// Env is what an expression reads. Only what it needs must be set: see Leaves.
// Params and Consts must stay the same for the life of an Env; the other
// fields may change from row to row.
type Env struct {
	Row    []any // leaves by Layout
	Params []any // by Param.Index, as codec.FromGo makes them
	// Consts holds the values of the literal tokens of the text that runs, by Const.Ord; nil: those of
	// the text that was compiled.
	Consts []any
	Vars   []any // by Variable.ID
	Keys   []any // values of GROUP BY
	Aggs   []any // results of the aggregates
	Outs   []any // returned items, for ORDER BY
	Now    lang.DateTime
	UUID   func() string // nil: random, of version 7
	// Query says that rows are chosen or shown: a predicate with a fault is unknown, any other fault is
	// null, and Warn is told. Otherwise it is the error *Fault.
	Query bool
	Warn  func(code lang.Code, sp lang.Span, message string)
	// Warner is told too, if there is one.
	Warner Warner
	// Deref fetches the document that a ref points to when the ref does not come from Row, by field
	// name; nil when there is none.
	Deref func(m *ir.Model, key any) (map[string]any, error)

	elem     any
	bound    map[ir.Expr]any
	patterns map[string]*Pattern
	queries  map[string]fulltext.Query // of SEARCH
}

// Warner hears of faults that were no errors.
type Warner interface {
	Warned(code lang.Code, message string)
}

// Fault is something wrong with a value: division by zero, overflow, text that
// is no number.
type Fault struct {
	Code    lang.Code
	Span    lang.Span
	Message string
}

// Error gives the code and the message.
func (f *Fault) Error() string { return string(f.Code) + ": " + f.Message }

// fail makes a Fault of an error at a place; while rows are chosen or shown
// null and a warning, or in an operand of a predicate, which asked says, errUnknown.
func (e *Env) fail(err error, sp lang.Span, asked bool) (any, error) {
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
	if asked {
		return nil, errUnknown
	}
	return nil, nil
}

// asFault gives an error of a value its place; nil for any other error.
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
