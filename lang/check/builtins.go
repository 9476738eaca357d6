package check

import (
	"strconv"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// rule checks a call of a function whose arguments or result have no fixed types.
type rule func(c *checker, fn string, x *lang.Call) ir.Expr

// arguments says how many a function takes.
func arguments(least, most int) string {
	n := func(i int) string {
		if i == 1 {
			return "1 argument"
		}
		return strconv.Itoa(i) + " arguments"
	}
	switch {
	case most < 0:
		return "at least " + n(least)
	case least != most:
		return strconv.Itoa(least) + " or " + n(most)
	}
	return n(least)
}

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
