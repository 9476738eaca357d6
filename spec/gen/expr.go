package gen

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/rql-lang/rql/lang"
)

// expr generates an expression of a kind over the fields of m (nil: none).
func (g *gen) expr(kind lang.Kind, m *model, depth int) string {
	s := g.composed(kind, m, depth)
	if g.written && !readsRow(s) {
		// Whether SET may fail when no row is selected is unspecified, so an
		// expression that needs no row must not fail.
		return g.value(g.of(kind))
	}
	return s
}

// readsRow reports an expression that depends on the row: one with a field.
func readsRow(text string) bool { return regexp.MustCompile(`\b(f\d|h\.|rev\b)`).MatchString(text) }

func (g *gen) composed(kind lang.Kind, m *model, depth int) string {
	if depth <= 0 || g.chance(4) {
		return g.leaf(typ{kind: kind}, m)
	}
	e := func(k lang.Kind) string { return g.expr(k, m, depth-1) }
	if g.chance(8) {
		if kind != lang.KBool && kind != lang.KJSON {
			return pick(g,
				fmt.Sprintf("coalesce(%s, %s)", g.leaf(typ{kind: kind}, m), e(kind)),
				fmt.Sprintf("when(%s, %s, %s)", e(lang.KBool), g.leaf(typ{kind: kind}, m), e(kind)),
				fmt.Sprintf("min(%s, %s)", g.leaf(typ{kind: kind}, m), e(kind)),
				fmt.Sprintf("max(%s, %s)", g.leaf(typ{kind: kind}, m), e(kind)))
		}
	}
	if g.chance(6) {
		if s := g.listed(kind, e); s != "" {
			return s
		}
	}
	switch kind {
	case lang.KBool:
		return g.cond(m, depth)
	case lang.KInt:
		return g.intExpr(e, m)
	case lang.KFloat:
		return pick(g,
			fmt.Sprintf("(%s %s %s)", e(lang.KFloat), pick(g, "+", "-", "*"), e(lang.KFloat)),
			fmt.Sprintf("(%s %s %s)", e(lang.KInt), pick(g, "+", "-", "*"), e(lang.KFloat)),
			fmt.Sprintf("(%s / 4)", e(lang.KFloat)), fmt.Sprintf("(%s / 2)", e(lang.KInt)),
			fmt.Sprintf("(%s // %s)", e(lang.KFloat), g.value(pick(g, 0.0, 2.0, -0.5))),
			fmt.Sprintf("(%s %% %s)", g.leaf(typ{kind: kind}, m), g.value(pick(g, 2.0, -0.5))),
			fmt.Sprintf("(-%s)", e(lang.KFloat)), fmt.Sprintf("abs(%s)", e(lang.KFloat)))
	case lang.KString:
		return g.stringExpr(e)
	case lang.KInt64:
		return pick(g, fmt.Sprintf("int64(%s)", e(lang.KInt)), fmt.Sprintf("int64(%s)", e(lang.KString)), fmt.Sprintf("int64(%s)", e(lang.KInt64)))
	case lang.KBytes:
		return pick(g, fmt.Sprintf("(%s + %s)", e(kind), e(kind)), fmt.Sprintf("(%s * %s)", e(kind), g.value(int64(g.n(4)-1))),
			fmt.Sprintf("substr(%s, %s)", e(kind), g.value(int64(g.n(5)-2))), fmt.Sprintf("substr(%s, %s, %s)", e(kind), g.value(int64(g.n(5)-2)), g.value(int64(g.n(4)))),
			fmt.Sprintf("replace(%s, %s, %s)", e(kind), g.value(g.bytes()), g.value(g.bytes())))
	case lang.KDateTime:
		return pick(g, fmt.Sprintf("(%s %s %s)", e(kind), pick(g, "+", "-"), e(lang.KDuration)),
			fmt.Sprintf("date_trunc('%s', %s)", pick(g, "year", "month", "day", "hour", "minute", "second"), e(kind)))
	case lang.KDuration:
		return pick(g, fmt.Sprintf("(%s %s %s)", e(kind), pick(g, "+", "-"), e(kind)), fmt.Sprintf("(%s * %s)", e(kind), g.value(int64(g.n(5)-2))), fmt.Sprintf("(-%s)", e(kind)))
	}
	return g.operated(kind, e, m)
}

// operated is an operation of the language's table with a result of the kind,
// or a leaf.
func (g *gen) operated(kind lang.Kind, e func(lang.Kind) string, m *model) string {
	var fits []lang.Operation
	for _, o := range lang.Operations() {
		if o.Result == kind {
			fits = append(fits, o)
		}
	}
	if len(fits) == 0 {
		return g.leaf(typ{kind: kind}, m)
	}
	o := pick(g, fits...)
	return fmt.Sprintf("(%s %s %s)", e(o.Left), o.Op, e(o.Right))
}

// listed is a call of any function of the language's table that has fixed types
// and a result of the kind; "" if there is none.
func (g *gen) listed(kind lang.Kind, e func(lang.Kind) string) string {
	var fits []lang.Function
	for _, f := range lang.Functions() {
		if f.Params != nil && f.Volatility == lang.Immutable && f.Result.Kind == kind {
			fits = append(fits, f)
		}
	}
	if len(fits) == 0 {
		return ""
	}
	f := pick(g, fits...)
	args := make([]string, f.Min+g.n(f.Max-f.Min+1))
	for i := range args {
		args[i] = e(f.Params[i].Kind)
	}
	return f.Name + "(" + strings.Join(args, ", ") + ")"
}

func (g *gen) intExpr(e func(lang.Kind) string, m *model) string {
	switch g.n(6) {
	case 0, 1, 2:
		return fmt.Sprintf("(%s %s %s)", e(lang.KInt), pick(g, "+", "-", "*", "//", "%"), e(lang.KInt))
	case 3:
		return pick(g, fmt.Sprintf("(-%s)", e(lang.KInt)), fmt.Sprintf("abs(%s)", e(lang.KInt)), fmt.Sprintf("(%s ** %s)", g.value(int64(g.n(5)-2)), g.value(int64(g.n(5)))))
	case 4:
		return pick(g, fmt.Sprintf("len(%s)", e(lang.KString)), fmt.Sprintf("len(%s)", g.leaf(typ{kind: lang.KList, elem: lang.KInt}, m)),
			fmt.Sprintf("%s(%s)", pick(g, "round", "floor", "ceil"), e(lang.KFloat)), fmt.Sprintf("int(%s)", e(lang.KString)), fmt.Sprintf("int(%s)", e(lang.KInt64)))
	}
	return pick(g, fmt.Sprintf("%s(%s)", pick(g, "year", "month", "day", "hour", "minute", "second"), e(lang.KDateTime)),
		fmt.Sprintf("%s[%s]", g.leaf(typ{kind: lang.KList, elem: lang.KInt}, m), g.value(int64(g.n(5)-2))))
}

func (g *gen) stringExpr(e func(lang.Kind) string) string {
	s := func() string { return e(lang.KString) }
	return pick(g, fmt.Sprintf("(%s + %s)", s(), s()), fmt.Sprintf("(%s * %s)", s(), g.value(int64(g.n(4)-1))),
		fmt.Sprintf("%s(%s)", pick(g, "lower", "upper", "trim"), s()), fmt.Sprintf("substr(%s, %s)", s(), g.value(int64(g.n(5)-2))),
		fmt.Sprintf("substr(%s, %s, %s)", s(), g.value(int64(g.n(4))), g.value(int64(g.n(4)))),
		fmt.Sprintf("replace(%s, %s, %s)", s(), g.value(g.strings()), g.value(g.strings())),
		fmt.Sprintf("string(%s)", e(pick(g, lang.KInt, lang.KBool, lang.KDuration, lang.KDateTime, lang.KFloat, lang.KInt64))))
}

// leaf is a field of the type, a path through a ref, or a value.
func (g *gen) leaf(t typ, m *model) string {
	var names []string
	if m != nil && !g.chance(5) {
		for _, f := range m.fields {
			if f.t.is(t) || f.t.kind == lang.KText && t.kind == lang.KString {
				names = append(names, f.name)
			}
			if f.t.kind == lang.KRef {
				for _, r := range f.t.ref.fields {
					if r.t.is(t) {
						names = append(names, f.name+"."+r.name)
					}
				}
			}
		}
		if m.emb && t.kind == lang.KInt {
			names = append(names, "h.a")
		}
		if m.rev && t.kind == lang.KInt {
			names = append(names, "rev")
		}
		if m.emb && t.kind == lang.KString {
			names = append(names, "h.s")
		}
	}
	if len(names) > 0 {
		return pick(g, names...)
	}
	if t.kind == lang.KList {
		return g.list(t.elem)
	}
	return g.value(g.of(t.kind))
}

func (g *gen) list(elem lang.Kind) string {
	s := "["
	for i := range 1 + g.n(3) {
		if i > 0 {
			s += ", "
		}
		s += g.value(g.of(elem))
	}
	return s + "]"
}

// comparable picks a kind that has an order.
func (g *gen) comparable() lang.Kind {
	return pick(g, append(ordered(), lang.KInt)...)
}

// cond generates a condition.
func (g *gen) cond(m *model, depth int) string {
	if depth > 0 && g.chance(2) {
		l, r := g.cond(m, depth-1), g.cond(m, depth-1)
		return pick(g, "("+l+" AND "+r+")", "("+l+" OR "+r+")", "(NOT "+l+")")
	}
	if m != nil && m.coll != nil && g.chance(5) {
		return g.collCond(m)
	}
	if m != nil && g.lives && !g.written && g.chance(8) {
		return "(" + g.rest() + ")"
	}
	if c := g.found(m); c != "" && g.chance(3) {
		return c
	}
	if m != nil && depth > 0 && !g.written && g.chance(4) {
		return g.unknown(m, depth)
	}
	k := g.comparable()
	d := min(depth-1, 1)
	switch g.n(9) {
	case 0:
		return fmt.Sprintf("(%s IS %sNULL)", g.leaf(typ{kind: k}, m), pick(g, "", "NOT "))
	case 1:
		f := g.leaf(typ{kind: k}, m)
		return fmt.Sprintf("(%s %sIN (%s, %s, %s))", f, pick(g, "", "NOT "), g.value(g.of(k)), g.leaf(typ{kind: k}, m), g.value(pick(g, g.of(k), nil)))
	case 2:
		return fmt.Sprintf("(%s %sBETWEEN %s AND %s)", g.leaf(typ{kind: k}, m), pick(g, "", "NOT "), g.value(g.of(k)), g.value(g.of(k)))
	case 3:
		return g.textCond(m)
	case 4:
		e := pick(g, lang.KInt, lang.KString, lang.KFloat, lang.KInt64)
		return fmt.Sprintf("(%s CONTAINS %s)", g.leaf(typ{kind: lang.KList, elem: e}, m), g.value(g.of(e)))
	case 5:
		return g.leaf(typ{kind: lang.KBool}, m)
	}
	op := pick(g, "=", "!=", "<", "<=", ">", ">=")
	return fmt.Sprintf("(%s %s %s)", g.leaf(typ{kind: k}, m), op, g.expr(k, m, d))
}

func (g *gen) textCond(m *model) string {
	s := g.leaf(typ{kind: lang.KString}, m)
	not := pick(g, "", "NOT ")
	if g.chance(5) {
		return fmt.Sprintf("(%s %s%s %s)", g.leaf(typ{kind: lang.KBytes}, m), not, pick(g, "STARTS WITH", "ENDS WITH", "CONTAINS"), g.value(g.bytes()))
	}
	switch g.n(3) {
	case 0:
		return fmt.Sprintf("(%s %sLIKE %s)", s, not, g.value(pick(g, "a%", "%b", "%a%", "_", "__", "%", "", "a_%", "%\\%%", "é%")))
	case 1:
		return fmt.Sprintf("(%s %sMATCHES %s)", s, not, g.value(pick(g, "a+", "[ab]*", ".", ".*b", "(a|b){2,3}", "\\d+", "[^a]*", "a?b?c?", "\\w*\\s?\\w*")))
	}
	return fmt.Sprintf("(%s %s%s %s)", s, not, pick(g, "STARTS WITH", "ENDS WITH", "CONTAINS"), g.value(g.strings()))
}
