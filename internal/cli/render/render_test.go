package render

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/exec"
	"github.com/rql-lang/rql/lang"
)

type fakeRows struct {
	rows     [][]any
	at       int
	err      error
	affected int64
	warnings []exec.Warning
	cursor   string
}

func (f *fakeRows) Next() bool {
	f.at++
	return f.at <= len(f.rows)
}
func (f *fakeRows) Values() []any            { return f.rows[f.at-1] }
func (f *fakeRows) Err() error               { return f.err }
func (f *fakeRows) Affected() int64          { return f.affected }
func (f *fakeRows) Warnings() []exec.Warning { return f.warnings }
func (f *fakeRows) Cursor() string           { return f.cursor }

func people() *Result {
	return &Result{Kind: "FIND", Columns: []string{"name", "age", "id", "at"},
		Types: []lang.Type{lang.TypeString, lang.TypeInt.OrNull(), lang.TypeInt64, lang.TypeDateTime},
		Rows: &fakeRows{rows: [][]any{
			{"Ann", int64(30), int64(1), lang.DateTime(0)},
			{"李小龍", nil, int64(1 << 60), lang.DateTime(1500)},
			{"tab\tand, \"quote\"", int64(7), int64(3), lang.DateTime(0)},
		}}}
}

func write(t *testing.T, format string, o Options, results ...*Result) string {
	t.Helper()
	var b strings.Builder
	w := New(format, &b, o)
	for _, r := range results {
		_, err := w.Write(r)
		require.NoError(t, err)
	}
	return b.String()
}

func TestFormats(t *testing.T) {
	tests := []struct{ format, want string }{
		{"table", `
 name              │  age │                  id │ at
───────────────────┼──────┼─────────────────────┼──────────────────────────
 Ann               │   30 │                   1 │ 1970-01-01T00:00:00Z
 李小龍            │ null │ 1152921504606846976 │ 1970-01-01T00:00:01.500Z
 tab\tand, "quote" │    7 │                   3 │ 1970-01-01T00:00:00Z
`},
		{"jsonl", `
{"name":"Ann","age":30,"id":"1","at":"1970-01-01T00:00:00Z"}
{"name":"李小龍","age":null,"id":"1152921504606846976","at":"1970-01-01T00:00:01.500Z"}
{"name":"tab\tand, \"quote\"","age":7,"id":"3","at":"1970-01-01T00:00:00Z"}
`},
		{"json", `
{"statement":1,"rows":[{"name":"Ann","age":30,"id":"1","at":"1970-01-01T00:00:00Z"},` +
			`{"name":"李小龍","age":null,"id":"1152921504606846976","at":"1970-01-01T00:00:01.500Z"},` +
			`{"name":"tab\tand, \"quote\"","age":7,"id":"3","at":"1970-01-01T00:00:00Z"}],"count":3,"affected":0,"warnings":[]}
`},
		{"csv", `
name,age,id,at
Ann,30,1,1970-01-01T00:00:00Z
李小龍,,1152921504606846976,1970-01-01T00:00:01.500Z
"tab	and, ""quote""",7,3,1970-01-01T00:00:00Z
`},
	}
	for _, tt := range tests {
		t.Run(tt.format, func(t *testing.T) {
			require.Equal(t, tt.want[1:], write(t, tt.format, Options{}, people()))
		})
	}
}

func TestValues(t *testing.T) {
	record := lang.Type{Kind: lang.KRecord, Cols: []lang.Col{{Name: "z", Type: lang.TypeInt64}, {Name: "a", Type: lang.TypeString}}}
	tests := []struct {
		value        any
		typ          lang.Type
		text, asJSON string
	}{
		{true, lang.TypeBool, "true", "true"},
		{2.5, lang.TypeFloat, "2.5", "2.5"},
		{3.0, lang.TypeFloat, "3", "3"},
		{1e300, lang.TypeFloat, "1e+300", "1e+300"},
		{lang.Duration(5400_000), lang.TypeDuration, "1h30m", `"1h30m"`},
		{lang.Bytes("\x00\xff"), lang.TypeBytes, "00ff", `"AP8="`},
		{"null", lang.TypeString, "null", `"null"`},
		{"<a&b>\u2028", lang.TypeString, "<a&b>\u2028", "\"<a&b>\\u2028\""},
		{[]any{int64(1), nil, "x"}, lang.TypeJSON, `[1,null,"x"]`, `[1,null,"x"]`},
		{[]any{int64(1)}, lang.ListOf(lang.TypeInt64), `["1"]`, `["1"]`},
		{map[string]any{"b": int64(1), "a": lang.DateTime(0)}, lang.TypeUnknown, `{"a":"1970-01-01T00:00:00Z","b":1}`, `{"a":"1970-01-01T00:00:00Z","b":1}`},
		{map[string]any{"a": "x", "z": int64(5), "more": nil}, record, `{"z":"5","a":"x","more":null}`, `{"z":"5","a":"x","more":null}`},
	}
	for _, tt := range tests {
		require.Equal(t, tt.text, Text(tt.value, tt.typ))
		require.Equal(t, tt.asJSON, string(AppendJSON(nil, tt.value, tt.typ)))
	}
}

func TestControlCharactersCannotReachTheTerminal(t *testing.T) {
	r := &Result{Kind: "FIND", Columns: []string{"a\x1b[2J"}, Rows: &fakeRows{rows: [][]any{{"x\x1b]0;title\x07\u202ey\nz"}}}}
	out := write(t, "table", Options{Terminal: true, Width: wide(80)}, r)
	require.NotContains(t, out, "\x1b")
	require.NotContains(t, out, "\u202e")
	require.Contains(t, out, `x\u{1B}]0;title\u{7}\u{202E}y\nz`)
}

func TestScalarAndNothing(t *testing.T) {
	scalar := func() *Result {
		return &Result{Kind: "ATOMIC", Scalar: true, Columns: []string{""}, Types: []lang.Type{lang.TypeInt}, Rows: &fakeRows{rows: [][]any{{int64(5)}}}}
	}
	require.Equal(t, "5\n", write(t, "jsonl", Options{}, scalar()))
	require.Equal(t, "value\n5\n", write(t, "csv", Options{}, scalar()))
	require.Equal(t, " value\n───────\n     5\n", write(t, "table", Options{}, scalar()))

	nothing := func() *Result {
		return &Result{Statement: 1, Kind: "UPDATE", Rows: &fakeRows{affected: 3, cursor: "c", warnings: []exec.Warning{{Code: "bad-value", Text: "t", Key: "k", Field: "f", Count: 2}}}}
	}
	for _, format := range []string{"jsonl", "csv", "table"} {
		require.Empty(t, write(t, format, Options{}, nothing()))
	}
	require.Equal(t, `{"statement":2,"rows":[],"count":0,"affected":3,"cursor":"c","warnings":[{"code":"bad-value","text":"t","key":"k","field":"f","count":2}]}`+"\n",
		write(t, "json", Options{}, nothing()))
}

func TestTwoResultsAreSetApart(t *testing.T) {
	require.Contains(t, write(t, "csv", Options{}, people(), people()), "Z\n\nname,age,id,at\n")
	require.Contains(t, write(t, "table", Options{}, people(), people()), "Z\n\n name")
}

func TestHeadings(t *testing.T) {
	let := &Result{Kind: "LET", Heading: "Who?\nAnd why?", Rows: &fakeRows{}}
	one := func(heading string) *Result {
		return &Result{Heading: heading, Columns: []string{"a"}, Rows: &fakeRows{rows: [][]any{{"x"}}}}
	}
	require.Equal(t, "Who?\nAnd why?\n a\n───\n x\n\n\\u{1B}[2J\n a\n───\n x\n",
		write(t, "table", Options{}, let, one(""), one("\x1b[2J")))
	require.NotContains(t, write(t, "csv", Options{}, one("no heading")), "no heading")
}

func TestErrorAfterRows(t *testing.T) {
	r := people()
	r.Rows.(*fakeRows).err = &exec.Error{Code: lang.CodeConnection, Message: "gone"}
	var b strings.Builder
	n, err := New("json", &b, Options{}).Write(r)
	require.Equal(t, int64(3), n)
	require.True(t, errors.Is(err, r.Rows.Err()))
	require.Contains(t, b.String(), `"error":{"code":"connection","message":"gone"}}`)
}

func TestTerminalCutsRows(t *testing.T) {
	long := strings.Repeat("生", 60)
	r := &Result{Columns: []string{"id", "text", "more"}, Rows: &fakeRows{rows: [][]any{{"a", long, strings.Repeat("x", 30)}, {"b", "short", nil}}}}
	out := write(t, "table", Options{Terminal: true, Width: wide(60), Color: true}, r)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	for _, line := range lines {
		require.LessOrEqual(t, text.StringWidthWithoutEscSequences(line), 60)
	}
	require.Contains(t, lines[2], "…")

	r.Rows = &fakeRows{rows: [][]any{{"a", long, nil}}}
	require.Contains(t, write(t, "table", Options{Width: wide(60)}, r), long, "a pipe gets everything")
}

func TestManyColumnsOnANarrowTerminal(t *testing.T) {
	r := &Result{Rows: &fakeRows{}}
	row := []any{}
	for i := range 40 {
		r.Columns, row = append(r.Columns, fmt.Sprintf("column%d", i)), append(row, int64(i))
	}
	r.Rows = &fakeRows{rows: [][]any{row}}
	for _, line := range strings.Split(write(t, "table", Options{Terminal: true, Width: wide(50)}, r), "\n") {
		require.LessOrEqual(t, text.StringWidthWithoutEscSequences(line), 50)
	}
}

func TestLongTablesStream(t *testing.T) {
	f := &fakeRows{}
	for i := range 2*batch + 1 {
		f.rows = append(f.rows, []any{int64(i), "same"})
	}
	r := &Result{Columns: []string{"n", "s"}, Types: []lang.Type{lang.TypeInt, lang.TypeString}, Rows: f}
	lines := strings.Split(strings.TrimSuffix(write(t, "table", Options{}, r), "\n"), "\n")
	require.Len(t, lines, 2*batch+1+2)
	require.Equal(t, "   0 │ same", lines[2])
	require.Equal(t, " 999 │ same", lines[batch+1])
	require.Equal(t, " 1000 │ same", lines[batch+2], "later rows may be wider, never cut")
}

func TestExplainIsText(t *testing.T) {
	r := &Result{Kind: "EXPLAIN", Columns: []string{"plan"}, Rows: &fakeRows{rows: [][]any{{"lua\n  range"}}}}
	require.Equal(t, "lua\n  range\n", write(t, "table", Options{}, r))
}

func wide(n int) func() int { return func() int { return n } }

// Rows after the first batch are not cut to the widths of those, and a window
// that is made wider counts from the next batch on.
func TestWidthsOfEachBatch(t *testing.T) {
	long := strings.Repeat("9", 30)
	var rows [][]any
	for i := range 2*batch + 1 {
		v := "1"
		if i >= batch {
			v = long
		}
		rows = append(rows, []any{v})
	}
	width := 20
	r := &Result{Kind: "FIND", Columns: []string{"n"}, Rows: &fakeRows{rows: rows}}
	out := write(t, "table", Options{Terminal: true, Width: func() int { width += 5; return width }}, r)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	require.Len(t, lines, len(rows)+3*2, "a header for each of the three widths")
	require.Equal(t, " "+strings.Repeat("9", 27)+"…", lines[batch+4])
	require.Equal(t, " "+long, lines[len(lines)-1])
}

func TestColumnsWithoutRoomAreSaid(t *testing.T) {
	r := &Result{Kind: "FIND", Columns: []string{"a", "b", "c"}, Rows: &fakeRows{rows: [][]any{{"1", "two words more", "three"}}}}
	out := write(t, "table", Options{Terminal: true, Width: wide(18)}, r)
	require.Equal(t, " a │ b\n───┼──────────────\n 1 │ two words m…\n", out)
	require.Equal(t, []string{"c"}, r.Left.Columns)

	r.Rows = &fakeRows{rows: [][]any{{"1", "two words more", nil}}}
	r.Left = Left{}
	out = write(t, "table", Options{Terminal: true, Width: wide(18), Records: Auto, Null: "∅"}, r)
	require.Equal(t, "─[ 1 ]\n a │ 1\n b │ two words more\n c │ ∅\n", out)
	require.Empty(t, r.Left.Columns)
}

func TestRowsShown(t *testing.T) {
	rows := func(kind string) *Result {
		return &Result{Kind: kind, Columns: []string{"a"}, Rows: &fakeRows{rows: [][]any{{"1"}, {"2"}, {"3"}, {"4"}}}}
	}
	r := rows("FIND")
	require.Equal(t, " a\n───\n 1\n 2\n", write(t, "table", Options{MaxRows: 2}, r))
	require.Equal(t, Left{Shown: 2, Unread: true}, r.Left)
	require.True(t, r.Rows.Next(), "the fourth was not read")
	r = rows("UPDATE")
	write(t, "table", Options{MaxRows: 2}, r)
	require.Equal(t, Left{Shown: 2}, r.Left)
	require.False(t, r.Rows.Next(), "a change is read to its end")
	r = rows("FIND")
	write(t, "table", Options{MaxRows: 4}, r)
	require.Equal(t, Left{}, r.Left)
}
