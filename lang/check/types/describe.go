package types

import (
	"strconv"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// Arguments says how many arguments a function takes.
func Arguments(least, most int) string {
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

// Describe names a type in a message.
func Describe(t lang.Type) string { return t.NotNull().String() }

// Conversion names the function that converts one type to another, or returns "".
func Conversion(from, to lang.Type, text string) string {
	if strings.ContainsAny(text, "\n{") || len(text) > 40 || text == "" {
		text = "x"
	}
	fn := ""
	switch k := to.Scalar().Kind; k {
	case lang.KBytes:
		if from.Kind == lang.KString {
			return "hex(" + text + ") reads hexadecimal digits"
		}
	case lang.KBool:
		if from.Kind == lang.KJSON {
			return "compare it: " + text + " = true"
		}
	case lang.KJSON:
		if !jsonable(from) {
			fn = "string"
		}
	default:
		switch to := k.Info(); {
		case from.Kind == lang.KRow && to.Key:
			return "its key is key(" + text + ")"
		case from.Kind == lang.KFloat && (k == lang.KInt || k == lang.KInt64):
			return "round(" + text + "), floor(" + text + ") and ceil(" + text + ") give an int"
		default:
			fn = castTo(to.Name, from)
		}
	}
	if fn == "" || to.Kind == lang.KEnum {
		return ""
	}
	return "write " + fn + "(" + text + ")"
}

// castTo returns the function that converts values of a type to the type with that name, or "".
func castTo(name string, from lang.Type) string {
	if ok, _ := from.Kind.Info().Cast(name); ok || from.Kind == lang.KRef && name == lang.TypeString.String() {
		return name
	}
	return ""
}

// QuotedList lists strings in quotes, for a message.
func QuotedList(values []string) string {
	q := make([]string, len(values))
	for i, v := range values {
		q[i] = lang.Quote(v)
	}
	return strings.Join(q, ", ")
}
