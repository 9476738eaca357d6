package parser

import (
	"reflect"
	"testing"

	"github.com/rql-lang/rql/lang"
	"github.com/stretchr/testify/require"
)

// bare sets every span and literal ordinal of a tree to zero.
func bare(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			bare(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			bare(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[lang.Span]() {
			v.SetZero()
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).Name == "Ord" {
				v.Field(i).SetInt(0)
				continue
			}
			bare(v.Field(i))
		}
	}
}

// requireSameTree compares two statements but for where they stand. Both lose
// their spans.
func requireSameTree(t testing.TB, want, got lang.Stmt, text string) {
	t.Helper()
	bare(reflect.ValueOf(want))
	bare(reflect.ValueOf(got))
	require.Equal(t, want, got, text)
}

// nodes counts what lang.Walk must visit in a tree, by its shape alone.
func nodes(v reflect.Value) (n int) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			n = nodes(v.Elem())
		}
	case reflect.Pointer:
		if v.IsNil() {
			return 0
		}
		switch v.Interface().(type) {
		case lang.Expr, lang.Stmt, *lang.TypeExpr:
			n++
		}
		n += nodes(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			n += nodes(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			n += nodes(v.Field(i))
		}
	}
	return n
}

func TestWalkVisitsEveryNode(t *testing.T) {
	text := samples(t) + ";IMPORT 'f' INTO U AS { a: b + 1 }; ALTER MODEL U SET TTL $x; PROCEDURE p(a int DEFAULT 5) ATOMIC <>; COPY U 'x' TIMES $n SET a = b"
	for _, s := range parseText(text).Stmts {
		visited := 0
		lang.Walk(s, func(n lang.Node) bool {
			visited++
			return true
		})
		require.Equal(t, nodes(reflect.ValueOf(s)), visited, lang.Print(s))
		skipped := 0
		lang.Walk(s, func(lang.Node) bool { skipped++; return false })
		require.Equal(t, 1, skipped)
	}
}
