package spec

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rql-lang/rql/lang"
)

// A script that is not in the format is an error, never half read.
func TestReadScriptRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"COUNT M\n":            "before the first",
		"# test: a\n":          "is empty",
		"## only a comment\n":  "no case",
		"# test: a\nCOUNT M\n": "no \"----\"",
		"# test: a\n# unorderd\nCOUNT M\n----\nok\n":           "unknown directive",
		"# test: a\n#unordered\nCOUNT M\n----\nok\n":           "a directive is written",
		"# test: a\nCOUNT M\n# unordered\n----\nok\n":          "among statements",
		"# test: a\n----\nok\n":                                "without statements",
		"# test: a\nCOUNT M\n----\n\n":                         "expectation is empty",
		"# test: a\nCOUNT M\n----\nrow {}\n":                   "is no expectation",
		"# test: a\nCOUNT M\n----\n{\"a\":1\n":                 "one JSON object",
		"# test: a\nCOUNT M\n----\nerror Bad_Code\n":           "error CODE",
		"# test: a\nCOUNT M\n----\nerror x\nok\n":              "something else",
		"# test: a\nCOUNT M\n----\nno rows\n{\"a\":1}\n":       "no rows",
		"# test: a\nCOUNT M #! x\n----\nok\n":                  "their pins",
		"# test: a\nCOUNT M\n----\nok\n\n# test: a\nX #! x\n":  "stands twice",
		"# test: a\n# needs lua\nCOUNT M\n----\nok\n":          "none of",
		"# test: a\n# advance +5s\nCOUNT M\n----\nok\n":        "2h30m",
		"# test: a\n# params [1]\nCOUNT M\n----\nok\n":         "JSON object",
		"# test: a\n# given\nX\n----\nok\nCOUNT M\n----\nok\n": "no expectation",
	} {
		_, err := ReadScript("x.rqlt", text)
		require.ErrorContains(t, err, want, "%s", text)
	}
}

func TestReadScript(t *testing.T) {
	s, err := ReadScript("x.rqlt", strings.Join([]string{
		"## comment", "# given", "MODEL M { a int }", "", "# test: one", "# needs json search", "# given", "CREATE M { a: 1 }", "",
		"# unordered", `# params {"p": {"$bytes": "00ff"}, "f": 1.0}`, "# advance 5s", "COUNT M;", "FIND M", "----", `{"a":1}`, "affected 2", "",
		"# cursor c", "FIND M AFTER $c", "----", `error bad-cursor "x+"`, "", "# test: two", "GET M 'x';  #! one two", "", "COUNT M",
	}, "\n"))
	require.NoError(t, err)
	require.Equal(t, "MODEL M { a int }", s.Given)
	require.Len(t, s.Cases, 2)
	one, two := s.Cases[0], s.Cases[1]
	require.Equal(t, []string{"json", "search"}, one.Needs)
	require.Equal(t, "CREATE M { a: 1 }", one.Given)
	require.True(t, one.Blocks[0].Unordered)
	require.Equal(t, map[string]any{"p": lang.Bytes("\x00\xff"), "f": 1.0}, one.Blocks[0].Params)
	require.Equal(t, "COUNT M;\nFIND M", one.Blocks[0].Text)
	require.Equal(t, []Row{{{"a", int64(1)}}}, one.Blocks[0].Expect.Rows)
	require.Equal(t, int64(2), *one.Blocks[0].Expect.Affected)
	require.Equal(t, "c", one.Blocks[1].CursorAs)
	require.Equal(t, &ExpectError{Code: "bad-cursor", Message: "x+"}, one.Blocks[1].Expect.Error)
	require.Equal(t, []Pin{{1, "one"}, {1, "two"}}, two.Blocks[0].Pins)
	require.Equal(t, "GET M 'x';\n\nCOUNT M", two.Blocks[0].Text)
}

const sample = `
# given
MODEL M { id string KEY, n int, f float DEFAULT 0.5 }
CREATE M [{ id: 'a', n: 1 }, { id: 'b', n: 2 }]

# test: x
`

// runText runs the blocks of one case on the judge and gives what was wrong.
func runText(t *testing.T, blocks string) []error {
	t.Helper()
	s, err := ReadScript("x.rqlt", sample+blocks)
	require.NoError(t, err)
	return s.run(context.Background(), s.Cases[0], Judge(), &Tally{})
}

// An expectation that is wrong must fail: each of these is wrong in one way.
func TestWrongExpectationFails(t *testing.T) {
	for _, blocks := range []string{
		"GET M 'a' RETURN n\n----\n{\"n\":2}",
		"GET M 'a' RETURN n\n----\n{\"n\":1.0}",
		"GET M 'a' RETURN f\n----\n{\"f\":0.500001}",
		"GET M 'a' RETURN n\n----\n{\"m\":1}",
		"GET M 'a' RETURN n\n----\n{\"n\":1}\n{\"n\":1}",
		"GET M 'a' RETURN n\n----\nno rows",
		"GET M 'a' RETURN n, id\n----\n{\"id\":\"a\",\"n\":1}",
		"GET M ('a', 'b') RETURN n\n----\n{\"n\":2}\n{\"n\":1}",
		"FIND M RETURN n ORDER BY n\n----\n{\"n\":2}\n{\"n\":1}",
		"FIND M RETURN n\n----\n{\"n\":2}\n{\"n\":2}",
		"UPDATE M ALL SET n = 5\n----\naffected 1",
		"GET M 'a'\n----\nerror key-not-found",
		"GET M 'zz'\n----\nerror unique",
		"GET M 'zz'\n----\nerror key-not-found \"other\"",
		"GET M 'zz'\n----\nok",
		"GET M 'zz';\nGET M 'a'\n----\nerror key-not-found",
		"GET M 'a';\nGET M 'zz'; #! unique",
		"GET M 'a'; #! key-not-found\nGET M 'zz';",
		"GET M 'a' RETURN n\n----\nwarn overflow",
		"GET M 'a'\n----\ncolumns id, n",
	} {
		require.NotEmpty(t, runText(t, blocks), "%s", blocks)
	}
}

func TestRightExpectationHolds(t *testing.T) {
	for _, blocks := range []string{
		"GET M 'a'\n----\n{\"id\":\"a\",\"n\":1,\"f\":0.5}",
		"FIND M RETURN n\n----\n{\"n\":2}\n{\"n\":1}",
		"# unordered\nFIND M RETURN n ORDER BY n\n----\n{\"n\":2}\n{\"n\":1}",
		"GET M 'a' RETURN f * 3.0 AS x\n----\n{\"x\":1.5000000000000002}",
		"GET M 'a' RETURN n // 0 AS x\n----\n{\"x\":null}\nwarn division-by-zero",
		"GET M 'a';\nGET M 'zz'; #! key-not-found\nGET M 'b'",
		"FIND M WHERE false\n----\ncolumns id, n, f\nno rows",
		"FIND M RETURN n LIMIT 1 AFTER null\n----\n{\"n\":1}\ncursor\n\n# cursor c\nFIND M RETURN n LIMIT 1 AFTER $c\n----\n{\"n\":2}",
		"# advance 1h\nENSURE true\n----\nok",
	} {
		require.Empty(t, runText(t, blocks), "%s", blocks)
	}
}

// Skipped blocks are counted with their reason.
func TestTally(t *testing.T) {
	s, err := ReadScript("x.rqlt", sample+"# only redis\nCOUNT M\n----\nok\n\n# test: y\nCOUNT M\n----\nstate\nx\n\nEXPLAIN COUNT M\n----\nplan\nx\n\nCOUNT M\n----\nok\n")
	require.NoError(t, err)
	tally := &Tally{}
	for _, c := range s.Cases {
		require.Empty(t, s.run(context.Background(), c, Judge(), tally))
	}
	require.Equal(t, "1 blocks ran, 1 skipped: no plans, 1 skipped: no state, 1 skipped: only redis", tally.String())
}

// Update changes results and messages, never codes of errors or their absence.
func TestUpdate(t *testing.T) {
	text := sample + strings.Join([]string{
		"FIND M RETURN n ORDER BY n", "----", `{"n":7}`, "affected 9", "",
		"FIND M WHERE n > 5", "----", `{"n":7}`, `{"n":8}`, "",
		"GET M 'zz'", "----", `error key-not-found "other words"`, "",
		"GET M 'zz'", "----", "error unique", "",
		"GET M 'a'", "----", "error unique", "",
		"COUNT M", "----", "ok", "",
	}, "\n")
	s, err := ReadScript("x.rqlt", text)
	require.NoError(t, err)
	got, err := s.Update(context.Background(), Judge())
	require.NoError(t, err)
	want := strings.NewReplacer(
		"{\"n\":7}\naffected 9", "{\"n\":1}\n{\"n\":2}\naffected 0",
		"{\"n\":7}\n{\"n\":8}", "no rows",
		`"other words"`, `"M zz: no such key"`,
	).Replace(text)
	require.Equal(t, want, got)
}

// What a script writes as a value reads back as the same value.
func TestValues(t *testing.T) {
	for _, text := range []string{
		`{"a":null,"b":true,"c":-9007199254740991,"d":1.0,"e":-2.5e-10,"f":"\u0000é<"}`,
		`{"t":{"$time":"2026-01-02T03:04:05.6Z"},"d":{"$duration":"-90s"},"b":{"$bytes":"00ff"}}`,
		`{"l":[1,[],{}],"m":{"a":1,"b":[2.5]}}`,
	} {
		row, err := decodeObject(text)
		require.NoError(t, err)
		require.Equal(t, text, row.String())
	}
	row, err := decodeObject(`{"a":{"$repeat":["ab",3]},"b":{"$raw":"ff"},"c":{"$duration":"1h30m1ms"}}`)
	require.NoError(t, err)
	require.Equal(t, Row{{"a", "ababab"}, {"b", "\xff"}, {"c", lang.Duration(5400001)}}, row)
	for _, bad := range []string{`{"a":{"$what":1}}`, `{"a":{"$bytes":"x"}}`, `{"a":1} 2`, `{"a":1e999}`} {
		_, err := decodeObject(bad)
		require.Error(t, err, bad)
	}
}
