package parser

import (
	"strings"
	"testing"

	"github.com/rql-lang/rql/lang"
	"github.com/stretchr/testify/require"
)

func TestExpressionPrint(t *testing.T) {
	for text, want := range map[string]string{
		"((a)) or (b and not (c = 1))":        "a OR b AND NOT c = 1",
		"(a or b) and c":                      "(a OR b) AND c",
		"-(2 ** 2)":                           "-2 ** 2",
		"(-2) ** 2":                           "(-2) ** 2",
		"2 ** -1":                             "2 ** -1",
		"(2 ** 3) ** 2":                       "(2 ** 3) ** 2",
		"- -x - (-1)":                         "- -x - -1",
		"1 - (2 - 3) - 4":                     "1 - (2 - 3) - 4",
		"a // (b * c) % d":                    "a // (b * c) % d",
		"(a between 1 and 2) and b":           "a BETWEEN 1 AND 2 AND b",
		"a not in (1, 2) or b in (x + 1) * 2": "a NOT IN (1, 2) OR b IN (x + 1) * 2",
		"(a = b) = (c is not null)":           "(a = b) = (c IS NOT NULL)",
		"x.y[0].z['k'] + (a + b).c":           "x.y[0].z['k'] + (a + b).c",
		"a starts with 'it''s' and not b ends with \"\\x41\"": `a STARTS WITH 'it\'s' AND NOT b ENDS WITH 'A'`,
		"{ 'a key': 1h90m, b: [1.0, 1e3,], @c: {} }":          "{ 'a key': 2h30m, b: [1.0, 1000.0], c: {} }",
		"count(distinct x) + (COUNT User) + @count":           "count(DISTINCT x) + (COUNT User) + @count",
		"@null = null and @Not and TRUE":                      "@null = null AND @Not AND true",
		"'\\u00e9\\u{1F600}\\ud83d\\ude00\\n'":                `'é😀😀\n'`,
	} {
		x, err := ParseExpr(text)
		require.NoError(t, err, text)
		require.Equal(t, want, lang.Print(x), text)
		again, err := ParseExpr(want)
		require.NoError(t, err, want)
		require.Equal(t, want, lang.Print(again), text)
	}
}

func TestBlockPrint(t *testing.T) {
	text := "ATOMIC KEY $k FOR 1d < IF a THEN ELSE IF b THEN FIND A; ELSE FOR x IN FIND B DO RETURN 1 END END >"
	require.Equal(t, strings.Join([]string{
		"ATOMIC KEY $k FOR 1d <",
		"  IF a THEN",
		"  ELSE IF b THEN",
		"    FIND A;",
		"  ELSE",
		"    FOR x IN FIND B DO",
		"      RETURN 1;",
		"    END;",
		"  END;",
		">",
	}, "\n"), lang.Print(parseText(text).Stmts[0]))
}

// roundTrip: what a statement prints parses to the same statement.
func roundTrip(t testing.TB, s lang.Stmt) {
	t.Helper()
	text := lang.Print(s)
	f := parseText(text)
	require.Empty(t, f.Diags.Render(f.Source), text)
	require.Len(t, f.Stmts, 1, text)
	require.Equal(t, text, lang.Print(f.Stmts[0]))
	requireSameTree(t, s, f.Stmts[0], text)
}

func TestSamplesPrint(t *testing.T) {
	for _, s := range parseText(samples(t)).Stmts {
		roundTrip(t, s)
	}
}

func TestPrintFile(t *testing.T) {
	f := parseText("FIND A;; get B 'x' ATOMIC <>")
	require.Len(t, f.Diags, 1) // a `;` is missing before ATOMIC
	f = parseText("FIND A;; get B 'x'; ATOMIC <>")
	require.Equal(t, "FIND A;\nGET B 'x';\nATOMIC <\n>;\n", lang.PrintFile(f))
}
