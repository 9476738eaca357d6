package ir_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

func of(t lang.Type) ir.Base { return ir.Base{T: t} }

func call(fn string, args ...ir.Expr) ir.Expr {
	return &ir.Call{Base: of(lang.TypeInt), Fn: fn, Args: args}
}

func op(t lang.Type, o lang.Op, l, r ir.Expr) ir.Expr {
	return &ir.Binary{Base: of(t), Op: o, L: l, R: r}
}

// TestFacts: what every form of an expression depends on, and how computing it may end.
func TestFacts(t *testing.T) {
	one := &ir.Const{Base: of(lang.TypeInt), Value: int64(1), Ord: -1}
	text := &ir.Const{Base: of(lang.TypeString), Value: "1", Ord: -1}
	param := &ir.Param{Base: of(lang.TypeInt), Name: "p"}
	list := &ir.Param{Base: of(lang.ListOf(lang.TypeInt)), Name: "list"}
	json := &ir.Param{Base: of(lang.TypeJSON), Name: "j"}
	top := &ir.Var{Base: of(lang.TypeInt), V: &ir.Variable{Top: true}}
	local := &ir.Var{Base: of(lang.TypeInt), V: &ir.Variable{}}
	field := &ir.Col{Base: of(lang.TypeInt), X: &ir.Row{}, Col: &ir.Column{Name: "n"}}
	elem := &ir.Elem{Base: of(lang.TypeInt)}

	const closed, fixed, constant = 1, 2, 4
	for name, c := range map[string]struct {
		x     ir.Expr
		facts ir.Facts
		is    int
	}{
		"1":                  {one, 0, closed | fixed | constant},
		"$p":                 {param, ir.ReadsParam, closed | fixed},
		"top name":           {top, ir.ReadsName, closed | fixed},
		"local name":         {local, ir.ReadsLocal, fixed},
		"field":              {field, ir.ReadsRow, 0},
		"OLD":                {&ir.Old{}, ir.ReadsRow, 0},
		"group key":          {&ir.GroupKey{}, ir.ReadsRow, 0},
		"aggregate":          {&ir.AggRef{}, ir.ReadsRow, 0},
		"returned column":    {&ir.Output{}, ir.ReadsRow, 0},
		"document of a ref":  {&ir.Deref{X: param}, ir.ReadsParam | ir.ReadsRef, 0},
		"now()":              {call("now"), ir.ReadsInstant, fixed},
		"uuid()":             {call("uuid"), ir.IsVolatile, 0},
		"element":            {elem, ir.ReadsElem, closed},
		"own element":        {&ir.Pluck{X: list, Body: elem}, ir.ReadsParam, closed | fixed},
		"element of another": {&ir.Pluck{X: elem, Body: elem}, ir.ReadsElem, closed},

		"1 + 1":             {op(lang.TypeInt, lang.OpAdd, one, one), ir.Faults, closed | fixed | constant},
		"[] + []":           {op(lang.ListOf(lang.TypeInt), lang.OpAdd, list, list), ir.ReadsParam, closed | fixed},
		"field < $p":        {op(lang.TypeBool, lang.OpLt, field, param), ir.ReadsRow | ir.ReadsParam, 0},
		"'1' LIKE '1'":      {op(lang.TypeBool, lang.OpLike, text, text), ir.Errs, closed | fixed | constant},
		"'1' STARTS WITH":   {op(lang.TypeBool, lang.OpStarts, text, text), 0, closed | fixed | constant},
		"-int":              {&ir.Unary{Base: of(lang.TypeInt), Op: lang.OpSub, X: param}, ir.ReadsParam, closed | fixed},
		"-int64":            {&ir.Unary{Base: of(lang.TypeInt64), Op: lang.OpSub, X: param}, ir.ReadsParam | ir.Faults, closed | fixed},
		"vector of a list":  {&ir.Convert{Base: of(lang.VectorOf(2)), X: list}, ir.ReadsParam | ir.Faults, closed | fixed},
		"float of an int":   {&ir.Convert{Base: of(lang.TypeFloat), X: param}, ir.ReadsParam, closed | fixed},
		"int('1')":          {call("int", text), ir.Faults, closed | fixed | constant},
		"string(1)":         {call("string", one), 0, closed | fixed | constant},
		"datetime(s, form)": {call("datetime", text, text), ir.Faults, closed | fixed | constant},
		"round(int)":        {call("round", one), 0, closed | fixed | constant},
		"round(int, n)":     {call("round", one, one), ir.Faults, closed | fixed | constant},
		"floor(float)":      {call("floor", &ir.Const{Base: of(lang.TypeFloat)}), ir.Faults, closed | fixed | constant},
		"len(string)":       {call("len", text), 0, closed | fixed | constant},
		"len(json)":         {call("len", json), ir.ReadsParam | ir.Faults, closed | fixed},
		"sum(list)":         {call("sum", list), ir.ReadsParam | ir.Errs, closed | fixed},
		"lower(s)":          {call("lower", text), 0, closed | fixed | constant},
		"when":              {call("when", op(lang.TypeBool, lang.OpEq, one, one), call("sqrt", field)), ir.ReadsRow | ir.Faults, 0},
	} {
		require.Equal(t, c.facts, ir.FactsOf(c.x), name)
		require.Equal(t, c.is&closed != 0, ir.Closed(c.x), "%s: closed", name)
		require.Equal(t, c.is&fixed != 0, ir.Fixed(c.x), "%s: fixed", name)
		require.Equal(t, c.is&constant != 0, ir.Constant(c.x), "%s: constant", name)
		require.Equal(t, c.facts&ir.Faults != 0, ir.MayFault(c.x), "%s: faults", name)
		require.Equal(t, c.facts&(ir.Faults|ir.Errs) != 0, ir.MayFail(c.x), "%s: fails", name)
	}
	require.Zero(t, ir.FactsOf(nil))
	require.False(t, ir.Faulty(call("lower", call("sqrt", one))), "an operand is not the operation")
}
