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
