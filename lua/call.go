package lua

import (
	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
	"github.com/rql-lang/rql/lua/tree"
)

// function writes a call. A function of a null is null, but for coalesce, when and count.
func (g *gen) function(x *ir.Call) *tree.Node {
	switch x.Fn {
	case "coalesce":
		return g.coalesce(x)
	case "when":
		return g.when(x.Args)
	case "sum", "avg", "count", "collect", "percentile":
		return g.aggregate(x)
	case "union", "intersect", "difference":
		return g.p.call("l_sets", g.expr(x.Args[0]), g.expr(x.Args[1]), tree.Str(x.Fn))
	case "min", "max":
		if len(x.Args) == 1 && x.Args[0].Type().Kind == lang.KList {
			return g.aggregate(x)
		}
		less := orderOf(x.T) + "_lt"
		g.p.Use(less)
		return g.p.call("pick", g.items(x.Args), less, x.Fn == "max")
	}
	if len(x.Args) == 0 {
		return g.fail("%s() has no value here", x.Fn)
	}
	args := make([]any, len(x.Args))
	for i, a := range x.Args {
		args[i] = g.expr(a)
	}
	name := callName(x)
	if name == "v_distance" {
		args = append(args, cosine(x.Args...))
	}
	switch name {
	case "":
		return g.fail("no function %s of %s", x.Fn, x.Args[0].Type())
	case "=":
		return tree.Arg(args[0])
	case "t_part":
		args = append(args, tree.Str(x.Fn))
	}
	return g.p.call(name, args...)
}

// callName names the runtime function for a function of the language; "=" is the argument itself. That of one
// whose types are in the table has its name behind the prefix of its first parameter's kind.
func callName(x *ir.Call) string {
	t := x.Args[0].Type().Scalar()
	more := len(x.Args) > 1
	switch x.Fn {
	case "len":
		return map[lang.Kind]string{lang.KString: "u_len", lang.KBytes: "b_len", lang.KList: "l_len",
			lang.KMap: "m_len", lang.KEmbedded: "m_len", lang.KRecord: "m_len", lang.KJSON: "j_len"}[t.Kind]
	case "substr":
		if t.Kind == lang.KBytes {
			if len(x.Args) > 2 {
				return "b_sub3"
			}
			return "b_sub"
		}
		if len(x.Args) > 2 {
			return "s_sub3"
		}
		return "s_sub"
	case "abs":
		return "n_abs"
	case "round":
		switch {
		case more && t.Kind == lang.KInt:
			return "i_digits"
		case more:
			return "f_digits"
		case t.Kind == lang.KInt:
			return "="
		}
		return "f_round"
	case "floor", "ceil":
		if t.Kind == lang.KInt {
			return "="
		}
		return "f_" + x.Fn
	case "year", "month", "day", "hour", "minute", "second", "weekday":
		return "t_part"
	case "date_trunc":
		return "t_trunc"
	case "range":
		return "l_range"
	case "distance":
		for _, a := range x.Args {
			if a.Type().Kind == lang.KVector {
				return "v_distance"
			}
		}
		return "g_distance"
	case "score":
		return "s_score"
	case "point":
		return "g_point"
	}
	if f := lang.FindFunction(x.Fn); f != nil && f.Params != nil {
		return kindCodes[f.Params[0].Kind].prefix + x.Fn
	}
	return conversionFunc(x.Fn, t.Kind, more)
}

// cosine reports vectors whose distance is that of their directions.
func cosine(xs ...ir.Expr) bool {
	for _, x := range xs {
		if x.Type().Cosine() {
			return true
		}
	}
	return false
}

// conversionFunc names the runtime function for string(), int(), int64(), float(), datetime() and duration().
func conversionFunc(fn string, from lang.Kind, more bool) string {
	if fn == "datetime" && more {
		return "s_time_as"
	}
	return kindCodes[from].casts[fn]
}

// coalesce takes the first value that is not null and evaluates no further.
func (g *gen) coalesce(x *ir.Call) *tree.Node {
	args := make([]*tree.Node, len(x.Args))
	for i, a := range x.Args {
		args[i] = g.expr(a)
	}
	if x.T.Kind != lang.KBool && x.T.Kind != lang.KJSON && len(args) <= 20 {
		return tree.Join("or", args...)
	}
	var b tree.Writer
	for _, a := range args {
		// A new local each: on some servers `v = f() and x` keeps the old v when f() is false.
		b.W("do local v=%s if v~=nil then return v end end", a)
	}
	return ex("(function() %s end)()", b.Block())
}

// when takes the value behind the first condition that holds; nothing else is evaluated.
func (g *gen) when(args []ir.Expr) *tree.Node {
	var b tree.Writer
	for ; len(args) > 1; args = args[2:] {
		var cond *tree.Node
		if g.asked && g.faults(args[0]) { // unknown goes on to the predicate around
			cond = g.p.call("k_up", g.three(args[0]))
		} else {
			cond = g.cond(args[0])
		}
		b.W("if %s then return %s end", cond, g.expr(args[1]))
	}
	if len(args) == 1 {
		b.W("return %s", g.expr(args[0]))
	}
	return ex("(function() %s end)()", b.Block())
}

// aggregate writes an aggregate of one list.
func (g *gen) aggregate(x *ir.Call) *tree.Node {
	if len(x.Args) == 0 || x.Args[0].Type().Kind != lang.KList {
		return g.fail("%s() is over a group here", x.Fn)
	}
	list, t := g.expr(x.Args[0]), lang.TypeUnknown
	if e := x.Args[0].Type().Elem; e != nil {
		t = e.Scalar()
	}
	switch x.Fn {
	case "count":
		return g.p.call("l_count", list)
	case "collect":
		return g.p.call("l_collect", list)
	case "sum":
		return g.p.call(totals(t).sum, list)
	case "avg":
		if avg := kindCodes[t.Kind].avg; avg != "" {
			return g.p.call(avg, list)
		}
		return g.p.call(totals(t).avg, list)
	}
	less := orderOf(t) + "_lt"
	g.p.Use(less)
	if x.Fn == "percentile" && len(x.Args) == 2 {
		return g.p.call("l_percentile", list, g.expr(x.Args[1]), less)
	}
	return g.p.call("l_best", list, less, x.Fn == "max")
}

// totals is the code that adds and negates values of a type; of a type that is not known, ints.
func totals(t lang.Type) *reprCode {
	if c := codeOf(t); c != nil && c.sum != "" {
		return c
	}
	return codeOf(lang.TypeInt)
}
