package eval

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/codec"
	"github.com/rql-lang/rql/lang/ir"
)

// val is a constant of the shape.
func val(v any) ir.Expr { return typed(v, codec.TypeOfValue(v)) }

func typed(v any, t lang.Type) ir.Expr {
	return &ir.Const{Base: ir.Base{T: t}, Value: v, Ord: -1}
}

func bin(op lang.Op, l, r ir.Expr, t lang.Type) ir.Expr {
	return &ir.Binary{Base: ir.Base{T: t, Sp: lang.Span{Start: 3, End: 9}}, Op: op, L: l, R: r}
}

func rel(op lang.Op, l, r any) ir.Expr { return bin(op, val(l), val(r), lang.TypeBool) }

func call(fn string, t lang.Type, args ...ir.Expr) ir.Expr {
	return &ir.Call{Base: ir.Base{T: t}, Fn: fn, Args: args}
}

func negated(x ir.Expr) ir.Expr {
	return &ir.Unary{Base: ir.Base{T: lang.TypeBool}, Op: lang.OpNot, X: x}
}

func compute(t *testing.T, x ir.Expr, l Layout, e *Env) any {
	t.Helper()
	f, err := Compile(x, l)
	require.NoError(t, err)
	v, err := f(e)
	require.NoError(t, err)
	return v
}

func of(t *testing.T, x ir.Expr) any {
	t.Helper()
	return compute(t, x, Layout{}, &Env{})
}

// requireFault computes x as it is written and as it is queried.
func requireFault(t *testing.T, code lang.Code, x ir.Expr) {
	t.Helper()
	f, err := Compile(x, Layout{})
	require.NoError(t, err)
	_, err = f(&Env{})
	var fault *Fault
	require.ErrorAs(t, err, &fault)
	require.Equal(t, code, fault.Code)
	require.NotEmpty(t, fault.Message)

	var warned []lang.Code
	v, err := f(&Env{Query: true, Warn: func(c lang.Code, sp lang.Span, _ string) {
		warned = append(warned, c)
		require.Equal(t, fault.Span, sp)
	}})
	require.NoError(t, err)
	require.Nil(t, v)
	require.Equal(t, []lang.Code{code}, warned)
}
