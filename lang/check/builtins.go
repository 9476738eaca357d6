package check

import (
	"strconv"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

// builtin is a function of the language. Where check is nil the arguments have
// the types of params, and the result is null when one of them is.
type builtin struct {
	name     string
	min, max int // arguments; max -1: any number
	params   [3]lang.Type
	result   lang.Type
	check    func(c *checker, fn string, x *lang.Call) ir.Expr
	usage    string
}

// arguments says how many a function takes.
func (b *builtin) arguments() string {
	n := func(i int) string {
		if i == 1 {
			return "1 argument"
		}
		return strconv.Itoa(i) + " arguments"
	}
	switch {
	case b.max < 0:
		return "at least " + n(b.min)
	case b.min != b.max:
		return strconv.Itoa(b.min) + " or " + n(b.max)
	}
	return n(b.min)
}

// findBuiltin finds a function by its name in lower case, or gives nil.
func findBuiltin(name string) *builtin {
	b := builtinOf(name)
	if b.name == "" {
		return nil
	}
	return &b
}

// functionNames lists every function, for did-you-mean.
func functionNames() []string {
	return []string{
		"len", "lower", "upper", "trim", "substr", "replace", "string", "hex", "abs", "round", "floor", "ceil", "sqrt", "int", "int64",
		"float", "min", "max", "now", "datetime", "duration", "year", "month", "day", "hour", "minute", "second", "weekday",
		"date_trunc", "coalesce", "when", "key", "ttl", "uuid", "range", "count", "sum", "avg", "collect", "percentile", "peek", "union", "intersect", "difference", "point", "lon", "lat", "distance", "score",
	}
}

// builtinOf is the table of functions, but for the aggregates; as a switch it
// costs nothing to make and cannot be changed.
func builtinOf(name string) builtin {
	str, num, when := lang.TypeString, lang.TypeInt, lang.TypeDateTime
	switch name {
	case "lower", "upper", "trim":
		return builtin{name, 1, 1, [3]lang.Type{str}, str, nil, name + "(s)"}
	case "substr":
		return builtin{name, 2, 3, [3]lang.Type{str, num, num}, str, checkPart, "substr(s, from, n): from 0"}
	case "replace":
		return builtin{name, 3, 3, [3]lang.Type{str, str, str}, str, checkPart, "replace(s, old, new)"}
	case "hex":
		return builtin{name, 1, 1, [3]lang.Type{str}, lang.TypeBytes, nil, "hex('00ff'): text to bytes"}
	case "len":
		return special(name, 1, 1, checkLen, "len(x)")
	case "string", "int", "int64", "float", "duration":
		return special(name, 1, 1, checkConversion, name+"(x)")
	case "datetime":
		return special(name, 1, 2, checkConversion, "datetime(s, 'YYYY-MM-DD HH:mm:ss')")
	case "abs", "floor", "ceil":
		return special(name, 1, 1, checkRounding, name+"(x)")
	case "round":
		return special(name, 1, 2, checkRounding, "round(x, digits)")
	case "sqrt":
		return builtin{name, 1, 1, [3]lang.Type{lang.TypeFloat}, lang.TypeFloat, nil, "sqrt(x)"}
	case "min", "max":
		return special(name, 1, -1, checkPick, name+"(a, b, …)")
	case "now", "uuid":
		return special(name, 0, 0, checkChanging, name+"()")
	case "year", "month", "day", "hour", "minute", "second", "weekday":
		return builtin{name, 1, 1, [3]lang.Type{when}, num, nil, name + "(t)"}
	case "date_trunc":
		return special(name, 2, 2, checkDateTrunc, "date_trunc('day', t)")
	case "coalesce":
		return special(name, 1, -1, checkCoalesce, "coalesce(a, b, …)")
	case "when":
		return special(name, 2, -1, checkWhen, "when(c1, v1, c2, v2, …, else)")
	case "key":
		return special(name, 1, 1, checkKey, "key(x)")
	case "ttl":
		return special(name, 1, 1, checkTTL, "ttl(x)")
	case "peek":
		return special(name, 1, 1, checkPeek, "peek(queue)")
	case "union", "intersect", "difference":
		return special(name, 2, 2, checkSets, name+"(a, b)")
	case "point":
		return builtin{name, 2, 2, [3]lang.Type{lang.TypeFloat, lang.TypeFloat}, lang.TypeGeo, nil, "point(longitude, latitude)"}
	case "lon", "lat":
		return builtin{name, 1, 1, [3]lang.Type{lang.TypeGeo}, lang.TypeFloat, nil, name + "(place)"}
	case "score":
		return special(name, 0, 0, checkScore, "score() of what SEARCH found")
	case "distance":
		return special(name, 0, 2, checkDistance, "distance(a, b) of two places or vectors, distance() of a row of NEAREST")
	case "range":
		return special(name, 2, 2, checkRange, "range(first, last)")
	}
	return builtin{}
}

func special(name string, least, most int, check func(*checker, string, *lang.Call) ir.Expr, usage string) builtin {
	return builtin{name: name, min: least, max: most, check: check, usage: usage}
}
