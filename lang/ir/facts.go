package ir

import "github.com/rql-lang/rql/lang"

// Facts says what the value of an expression depends on, and how its evaluation
// may end. A fact about a part is a fact about the complete expression.
type Facts uint16

// The facts. A query in parentheses is treated as a name: it is evaluated
// before the statement that contains it.
const (
	// ReadsRow: it reads the row, OLD, a key or an aggregate of its group, or a returned column.
	ReadsRow Facts = 1 << iota
	// ReadsRef: it reads another document through a ref.
	ReadsRef
	// ReadsElem: it reads the current element of an enclosing list.
	ReadsElem
	// ReadsParam: it reads a parameter.
	ReadsParam
	// ReadsName: it reads a name that is bound before the statement is sent.
	ReadsName
	// ReadsLocal: it reads a name that is bound while the statement runs.
	ReadsLocal
	// ReadsInstant: it reads the statement's time, which is constant throughout the statement.
	ReadsInstant
	// IsVolatile: it has a call that may return a different value each time.
	IsVolatile
	// Faults: evaluation may fail because of a value, as in a division by zero, an overflow, or a text that is not a number. In
	// an operand of a predicate, a fault makes the predicate unknown.
	Faults
	// Errs: evaluation may fail with an error that is not a fault, so that it is an error everywhere, as in an overflow of a sum
	// or an invalid pattern.
	Errs
	// ReadsFull: it reads a full key, which names the partition of the statement, so it is evaluated before that is sent.
	ReadsFull
)

const (
	notClosed = ReadsRow | ReadsRef | ReadsLocal | ReadsInstant | IsVolatile
	notFixed  = ReadsRow | ReadsRef | ReadsElem | IsVolatile
)

// FactsOf returns all facts of x.
func FactsOf(x Expr) Facts { return factsOf(x, false, 0) }

// Has reports whether any of the facts applies to x.
func Has(x Expr, facts Facts) bool { return factsOf(x, false, facts)&facts != 0 }

// factsOf is FactsOf, stopping at the first of the facts in until. inside says that x is in the body of a list that is part of
// the expression.
func factsOf(x Expr, inside bool, until Facts) Facts {
	if x == nil {
		return 0
	}
	all := ownFacts(x)
	if inside {
		all &^= ReadsElem
	}
	if p, ok := x.(*Pluck); ok {
		if all |= factsOf(p.X, inside, until); all&until == 0 {
			all |= factsOf(p.Body, true, until)
		}
		return all
	}
	if all&until != 0 {
		return all
	}
	a, b, more := operands(x)
	if all |= factsOf(a, inside, until); all&until != 0 {
		return all
	}
	all |= factsOf(b, inside, until)
	for i := 0; i < len(more) && all&until == 0; i++ {
		all |= factsOf(more[i], inside, until)
	}
	return all
}

// ownFacts returns the facts of x itself, without those of its operands.
func ownFacts(x Expr) Facts {
	switch x := x.(type) {
	case *Row, *Old, *GroupKey, *AggRef, *Output:
		return ReadsRow
	case *Deref, *Referrers:
		return ReadsRef
	case *Elem:
		return ReadsElem
	case *Param:
		return ReadsParam
	case *Var:
		if x.V.Top {
			return ReadsName
		}
		return ReadsLocal
	case *Unary:
		return faultsIf(x.Op == lang.OpSub && x.T.Kind == lang.KInt64)
	case *Binary:
		switch x.Op {
		case lang.OpAdd, lang.OpSub, lang.OpMul, lang.OpDiv, lang.OpFloorDiv, lang.OpMod, lang.OpPow:
			return faultsIf(x.T.Kind != lang.KList)
		case lang.OpLike, lang.OpMatches, lang.OpSearch:
			return Errs
		}
	case *KeyParts:
		return Faults | ReadsFull
	case *Convert:
		return faultsIf(x.T.Kind == lang.KVector && x.X.Type().Kind == lang.KList)
	case *Call:
		return callFacts(x)
	}
	return 0
}

func faultsIf(is bool) Facts {
	if is {
		return Faults
	}
	return 0
}

// callFacts is ownFacts of a call, from the table of functions.
func callFacts(x *Call) Facts {
	f := lang.FindFunction(x.Fn)
	facts := Facts(0)
	switch f.Volatility {
	case lang.Stable:
		facts = ReadsInstant
	case lang.Volatile:
		facts = IsVolatile
	}
	if len(x.Args) == 0 {
		return facts
	}
	if f.MayFault(x.Args[0].Type().Scalar().Kind, len(x.Args)) {
		facts |= Faults
	}
	if f.Errs {
		facts |= Errs
	}
	return facts
}

// Closed reports whether the value of x is known before the statement is sent:
// it contains only literals, parameters and names that are bound by then, and
// no call whose value depends on the server.
func Closed(x Expr) bool { return !Has(x, notClosed) }

// Fixed reports whether x has the same value for every document on which a condition is evaluated, so that it can be computed
// before the first document is read.
func Fixed(x Expr) bool { return !Has(x, notFixed) }

// Constant reports whether x consists of literals only.
func Constant(x Expr) bool { return !Has(x, notClosed|ReadsParam|ReadsName|ReadsElem) }

// MayFault reports whether evaluating x may have a fault.
func MayFault(x Expr) bool { return Has(x, Faults) }

// Faulty is MayFault for the operation of x itself, without its operands.
func Faulty(x Expr) bool { return ownFacts(x)&Faults != 0 }

// MayFail reports whether evaluating x may end in a fault or another error.
func MayFail(x Expr) bool { return Has(x, Faults|Errs) }
