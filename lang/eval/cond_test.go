package eval

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
	"github.com/rql-lang/rql/lang/ir"
)

func TestComparisons(t *testing.T) {
	nullInt := typed(nil, lang.TypeInt.OrNull())
	for _, c := range []struct {
		x    ir.Expr
		want bool
	}{
		{rel(lang.OpEq, int64(1), int64(1)), true},
		{rel(lang.OpEq, int64(1), 1.0), true},
		{rel(lang.OpLt, int64(1), 1.5), true},
		{rel(lang.OpGe, "b", "a\xff"), true},
		{rel(lang.OpLt, lang.Bytes("a"), lang.Bytes("\xff")), true},
		{rel(lang.OpLt, lang.Duration(1), lang.Duration(2)), true},
		{rel(lang.OpGt, lang.DateTime(1), lang.DateTime(2)), false},
		{rel(lang.OpLe, 1.5, 1.5), true},
		{bin(lang.OpEq, nullInt, nullInt, lang.TypeBool), true},
		{bin(lang.OpEq, nullInt, val(int64(0)), lang.TypeBool), false},
		{bin(lang.OpNe, nullInt, val(int64(0)), lang.TypeBool), true},
		{bin(lang.OpLe, nullInt, nullInt, lang.TypeBool), false},
		{bin(lang.OpGt, val("a"), typed(nil, lang.TypeString.OrNull()), lang.TypeBool), false},
		{negated(bin(lang.OpLt, nullInt, val(int64(5)), lang.TypeBool)), true},
		{rel(lang.OpEq, []any{int64(1), nil}, []any{1.0, nil}), true},
		{&ir.IsNull{Base: ir.Base{T: lang.TypeBool}, X: nullInt}, true},
		{&ir.IsNull{Base: ir.Base{T: lang.TypeBool}, X: val(false)}, false},
	} {
		require.Equal(t, c.want, of(t, c.x), "%#v", c.x)
	}
}

func TestMembershipAndText(t *testing.T) {
	in := func(x any, items ...ir.Expr) ir.Expr {
		return &ir.In{Base: ir.Base{T: lang.TypeBool}, X: val(x), Items: items}
	}
	of1 := func(x any, list ir.Expr) ir.Expr {
		return &ir.In{Base: ir.Base{T: lang.TypeBool}, X: val(x), List: list}
	}
	nullList := typed(nil, lang.ListOf(lang.TypeInt).OrNull())
	for _, c := range []struct {
		x    ir.Expr
		want bool
	}{
		{in(int64(2), val(int64(1)), val(2.0)), true},
		{in(nil, val(int64(1)), val(nil)), true},
		{in(nil, val(int64(1))), false},
		{of1(int64(2), val([]any{int64(2)})), true},
		{of1(int64(2), nullList), false},
		{rel(lang.OpContains, "abc", "bc"), true},
		{rel(lang.OpContains, nil, "bc"), false},
		{rel(lang.OpContains, map[string]any{"k": int64(1)}, "k"), true},
		{rel(lang.OpContains, map[string]any{"k": int64(1)}, "j"), false},
		{rel(lang.OpContains, []any{"a", "b"}, "b"), true},
		{rel(lang.OpStarts, "abc", "ab"), true},
		{rel(lang.OpEnds, "abc", "bc"), true},
		{rel(lang.OpEnds, "abc", nil), false},
		{rel(lang.OpStarts, lang.Bytes("\xff\x00"), lang.Bytes("\xff")), true},
		{rel(lang.OpLike, "Anna", "A%a"), true},
		{rel(lang.OpMatches, "a@x.io", `.+@.+`), true},
		{rel(lang.OpMatches, nil, `.+@.+`), false},
	} {
		require.Equal(t, c.want, of(t, c.x), "%#v", c.x)
	}
}

func TestLogic(t *testing.T) {
	null := typed(nil, lang.TypeBool.OrNull())
	values := map[ir.Expr]bool{val(true): true, val(false): false, null: false}
	for l, lv := range values {
		require.Equal(t, !lv, of(t, negated(l)))
		for r, rv := range values {
			require.Equal(t, lv && rv, of(t, bin(lang.OpAnd, l, r, lang.TypeBool)))
			require.Equal(t, lv || rv, of(t, bin(lang.OpOr, l, r, lang.TypeBool)))
		}
	}
}

// What does not decide is not computed, and a fault inside a condition is false where rows are chosen.
func TestFaultsInConditions(t *testing.T) {
	fault := bin(lang.OpGt, bin(lang.OpFloorDiv, val(int64(1)), val(int64(0)), lang.TypeInt), val(int64(0)), lang.TypeBool)
	require.Equal(t, false, of(t, bin(lang.OpAnd, val(false), fault, lang.TypeBool)))
	require.Equal(t, true, of(t, bin(lang.OpOr, val(true), fault, lang.TypeBool)))

	cond, err := CompileCond(bin(lang.OpOr, fault, val(false), lang.TypeBool), Layout{})
	require.NoError(t, err)
	_, err = cond(&Env{})
	var f *Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, lang.CodeDivisionByZero, f.Code)
	require.Equal(t, lang.Span{Start: 3, End: 9}, f.Span)
	ok, err := cond(&Env{Query: true})
	require.NoError(t, err)
	require.False(t, ok)
	ok, err = cond(&Env{Query: true, Consts: []any{}})
	require.NoError(t, err)
	require.False(t, ok)
}

func TestWrongPatternIsAnErrorInQueriesToo(t *testing.T) {
	_, err := Compile(rel(lang.OpMatches, "a", "("), Layout{})
	var f *Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, lang.CodeBadPattern, f.Code)

	given := &ir.Param{Base: ir.Base{T: lang.TypeString}, Name: "p"}
	cond, err := CompileCond(bin(lang.OpMatches, val("ab"), given, lang.TypeBool), Layout{})
	require.NoError(t, err)
	_, err = cond(&Env{Query: true, Params: []any{"("}})
	require.ErrorAs(t, err, &f)
	ok, err := cond(&Env{Params: []any{"a."}})
	require.NoError(t, err)
	require.True(t, ok)
}

func TestSearch(t *testing.T) {
	for query, want := range map[string]bool{"red": true, "red*": true, "fox": false, "": false} {
		cond, err := CompileCond(rel(lang.OpSearch, "the red-hat", query), Layout{})
		require.NoError(t, err)
		got, err := cond(&Env{})
		require.NoError(t, err)
		require.Equal(t, want, got, query)
	}
}
