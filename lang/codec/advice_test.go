package codec

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// The type that reads what does not fit, of a hash and of a document stored as JSON.
func TestAdvice(t *testing.T) {
	of := func(k lang.Kind, variant string) lang.Type { return lang.Type{Kind: k, Variant: variant} }
	for _, c := range []struct {
		t      lang.Type
		text   string
		advice string
	}{
		{of(lang.KDateTime, ""), "2026-01-02T03:04:05Z", "datetime<iso>"},
		{of(lang.KDateTime, "s"), "2026-01-02", "datetime<iso>"},
		{of(lang.KDateTime, ""), "1714979289.123456", "datetime<s>"},
		{of(lang.KDateTime, "iso"), "1714979289", "datetime<s>"},
		{of(lang.KDateTime, "iso"), "1714979289123", "datetime<ms>"},
		{of(lang.KDateTime, ""), "soon", ""},
		{of(lang.KDateTime, ""), "1714979289", ""}, // it fits
		{of(lang.KInt, ""), "9007199254740993", "int64"},
		{of(lang.KInt, ""), "-9223372036854775808", "int64"},
		{of(lang.KInt, ""), "99999999999999999999", ""},
		{of(lang.KInt, ""), "1.5", "float"},
		{of(lang.KInt, ""), "030", ""},
		{of(lang.KBool, ""), "True", "bool<text>"},
		{of(lang.KBool, "text"), "1", "bool"},
		{of(lang.KBool, ""), "yes", ""},
		{of(lang.KDuration, ""), "1.5", "duration<s>"},
		{of(lang.KDuration, ""), "90000000000000000", "duration<ns>"},
		{of(lang.KString, ""), "\xfe", "bytes"},
		{of(lang.KFloat, ""), "x", ""},
	} {
		require.Equal(t, c.advice, Advice(c.t, c.text, false), "%s: %q", c.t, c.text)
	}
	for _, c := range []struct {
		t      lang.Type
		text   string
		advice string
	}{
		{of(lang.KDateTime, ""), Misfit + "1714979289", "datetime<s>"},
		{of(lang.KDateTime, ""), Misfit + "1714979289123", "datetime<ms>"},
		{of(lang.KDateTime, ""), "1714979289", ""}, // in quotes no type reads it
		{of(lang.KDateTime, "s"), Misfit + `"2026-01-02T03:04:05Z"`, "datetime<iso>"},
		{of(lang.KBool, ""), Misfit + `"true"`, "bool<text>"},
		{of(lang.KBool, "text"), Misfit + "true", "bool"},
		{of(lang.KInt, ""), "9007199254740993", "int64"},
		{of(lang.KInt, ""), Misfit + `"9007199254740993"`, ""},
	} {
		typ := c.t.InJSON()
		require.Equal(t, c.advice, Advice(typ, c.text, true), "%s: %q", typ, c.text)
	}
}

func TestMaybeNanoseconds(t *testing.T) {
	for v, want := range map[int64]bool{90e9: true, -90e9: true, 1e9: true, 3600e9: true, 86400e9: true, 0: false, 1500: false, 90000: false, 2592000000: false, 31536000000: false, 1e9 + 1: false} {
		require.Equal(t, want, MaybeNanoseconds(v), "%d", v)
	}
}
