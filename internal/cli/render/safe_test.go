package render

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// harm is a text with every kind of character that a terminal must not get.
const harm = "\x1b[2J\x00\x07\x7f\u0080\u009b\u202e\u2066\u200e\u061c\u2028\u200b\U000e0041"

func harmful() *Result {
	list := lang.Type{Kind: lang.KList, Elem: &lang.Type{Kind: lang.KString}}
	return &Result{Kind: "FIND", Columns: []string{"a", "b"}, Types: []lang.Type{lang.TypeString, list},
		Rows: &fakeRows{rows: [][]any{{harm, []any{harm}}}}}
}

func TestNothingHarmsATerminal(t *testing.T) {
	for _, format := range []string{"table", "csv", "json", "jsonl"} {
		out := write(t, format, Options{Terminal: true}, harmful())
		out += write(t, format, Options{Terminal: true, Records: Always, Null: harm}, harmful())
		require.Less(t, strings.IndexFunc(strings.ReplaceAll(out, "\n", ""), lang.Harmful), 0, "%s: %q", format, out)
	}
}

func TestAPipeKeepsEveryCharacter(t *testing.T) {
	var row struct {
		A string
		B []string
	}
	require.NoError(t, json.Unmarshal([]byte(write(t, "jsonl", Options{}, harmful())), &row))
	require.Equal(t, harm, row.A)
	require.Equal(t, []string{harm}, row.B)
	require.Contains(t, write(t, "csv", Options{}, harmful()), harm)
}
