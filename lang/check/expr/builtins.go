package expr

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// rule checks a call of a function whose arguments or result have no fixed types.
type rule func(c *Checker, fn string, x *lang.Call) ir.Expr

// ruleOf finds the rule of a function; nil where the table of functions says all of it.
func ruleOf(f *lang.Function) rule {
	if f.Cast {
		return checkConversion
	}
	switch f.Name {
	case "len":
		return checkLen
	case "abs", "floor", "ceil", "round":
		return checkRounding
	case "min", "max":
		return checkPick
	case "now", "uuid":
		return checkChanging
	case "date_trunc":
		return checkDateTrunc
	case "coalesce":
		return checkCoalesce
	case "when":
		return checkWhen
	case "key":
		return checkKey
	case "ttl":
		return checkTTL
	case "peek":
		return checkPeek
	case "union", "intersect", "difference":
		return checkSets
	case "score":
		return checkScore
	case "distance":
		return checkDistance
	case "range":
		return checkRange
	}
	return nil
}
