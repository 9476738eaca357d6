package gen

import (
	"fmt"

	"github.com/rql-lang/rql/lang"
)

// mayFault is an expression of a kind that has a fault for some of the rows,
// and a value for most; "" if the kind has no such expression.
func (g *gen) mayFault(kind lang.Kind, m *model) string {
	leaf := func(k lang.Kind) string { return g.leaf(typ{kind: k}, m) }
	switch kind {
	case lang.KInt:
		return pick(g, fmt.Sprintf("(%s // %s)", leaf(kind), leaf(kind)), fmt.Sprintf("(%s %% %s)", leaf(kind), leaf(kind)), fmt.Sprintf("(%s + %s)", leaf(kind), g.value(int64(lang.MaxInt))),
			fmt.Sprintf("(%s ** %s)", leaf(kind), leaf(kind)), fmt.Sprintf("int(%s)", leaf(lang.KString)), fmt.Sprintf("round(%s / %s)", leaf(lang.KFloat), leaf(lang.KInt)))
	case lang.KFloat:
		return pick(g, fmt.Sprintf("(%s / %s)", leaf(kind), leaf(lang.KInt)), fmt.Sprintf("sqrt(%s)", leaf(kind)), fmt.Sprintf("float(%s)", leaf(lang.KString)), fmt.Sprintf("(%s / %s)", leaf(lang.KInt), leaf(lang.KInt)))
	case lang.KString:
		return fmt.Sprintf("string(%s)", g.mayFault(pick(g, lang.KInt, lang.KFloat, lang.KDateTime), m))
	case lang.KDateTime:
		return pick(g, fmt.Sprintf("datetime(%s)", leaf(lang.KString)), fmt.Sprintf("(%s + %s * 40)", leaf(kind), g.value(lang.Duration(260*365*24*3600*1000))))
	case lang.KDuration:
		return pick(g, fmt.Sprintf("duration(%s)", leaf(lang.KString)), fmt.Sprintf("(%s / %s)", leaf(kind), leaf(lang.KInt)))
	case lang.KInt64:
		return fmt.Sprintf("int64(%s)", leaf(lang.KString))
	}
	return ""
}

// unknown is a condition that a fault makes unknown for some of the rows.
func (g *gen) unknown(m *model, depth int) string {
	k := pick(g, lang.KInt, lang.KInt, lang.KInt, lang.KFloat, lang.KString, lang.KDateTime, lang.KDuration, lang.KInt64)
	x, leaf, not := g.mayFault(k, m), g.leaf(typ{kind: k}, m), pick(g, "", "NOT ")
	inner := func() string { return g.cond(m, depth-1) }
	switch g.n(12) {
	case 0:
		return fmt.Sprintf("(%s IS %sNULL)", x, not)
	case 1:
		return fmt.Sprintf("(%s %sIN (%s, %s, null))", leaf, not, x, leaf)
	case 2:
		return fmt.Sprintf("(%s %sIN (%s, %s))", x, not, g.value(g.of(k)), leaf)
	case 3:
		return fmt.Sprintf("(%s %sBETWEEN %s AND %s)", leaf, not, g.value(g.of(k)), x)
	case 4:
		return fmt.Sprintf("(%s %sIN [%s, %s])", leaf, not, x, leaf)
	case 5:
		return fmt.Sprintf("(%s %s%s %s)", g.mayFault(lang.KString, m), not, pick(g, "STARTS WITH", "ENDS WITH", "CONTAINS", "LIKE", "MATCHES"), g.value(pick(g, "1", "a", "")))
	case 6:
		return fmt.Sprintf("(coalesce(%s, %s) %s %s)", leaf, x, pick(g, "=", "<", ">="), g.value(g.of(k)))
	case 7:
		return fmt.Sprintf("(when(%s, %s, %s) %s %s)", inner(), x, leaf, pick(g, "=", "!=", ">"), leaf)
	case 8:
		return fmt.Sprintf("(%s %s %s)", inner(), pick(g, "=", "!="), inner())
	case 9:
		return fmt.Sprintf("when(%s, %s, %s)", inner(), inner(), g.leaf(typ{kind: lang.KBool}, m))
	}
	if g.chance(2) {
		x, leaf = leaf, x
	}
	return fmt.Sprintf("(%s %s %s)", x, pick(g, "=", "!=", "<", "<=", ">", ">="), leaf)
}
